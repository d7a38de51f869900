/* html.h - writing a page: the one place where a text becomes HTML.
 *
 * Texts come from the wire: names of devices, files, values.  html_text() and html_attr() are the only ways for them into a page.
 * What is no UTF-8, control characters, and characters that turn or hide text (bidirectional controls, zero width) are shown by
 * their number in a frame (<i class=hex>, between marks in SVG), so that a reader sees that something was there; what is too long is cut, with a mark.
 * html_raw() takes literals of the program alone.
 */
#ifndef WEB_HTML_H
#define WEB_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/addr.h"

struct html {
	char	*buf;		/* owned; NUL behind it */
	size_t	 len, room;
	bool	 failed;	/* no memory: the page is not whole */
	bool	 in_svg;	/* what is written now is SVG: an element of HTML would end it */
	bool	 one_day;	/* all times are of one day, which is named elsewhere: html_when() leaves it out */
};

void	html_free(struct html *h);

/* Markup of the program itself, never of a row. */
void	html_raw(struct html *h, const char *markup);
/* The same with numbers and words of the program put in. */
void	html_f(struct html *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A style sheet of the program, as it is. */
void	html_css(struct html *h, const unsigned char *bytes, size_t n);

#define HTML_TEXT_MAX	2048u	/* bytes of a text that are shown */

/* A text as content of an element. */
void	html_text(struct html *h, const char *text);
/* The same of n bytes, of which at most `most` are shown. */
void	html_bytes(struct html *h, const void *bytes, size_t n, size_t most);
/* A text inside a quoted attribute, quotes not included; what is no letter to show becomes U+FFFD there. */
void	html_attr(struct html *h, const char *text);

/* ---- what pages are made of ---- */

/* "2026-11-22 19:14:27" in UTC, in <time>, with the fraction in its title; nothing for 0. */
void	html_time(struct html *h, uint64_t ns);
/* The same, or without its day where all are of one (struct html). */
void	html_when(struct html *h, uint64_t ns);
/* "19:14:27" the same. */
void	html_clock(struct html *h, uint64_t ns);
/* The same without an element, for SVG; `day`: the date instead. */
void	html_clock_text(struct html *h, uint64_t ns);
void	html_svg_time(struct html *h, uint64_t ns, bool day);
/* 12,345 */
void	html_number(struct html *h, uint64_t v);
/* "1.2 MiB" */
void	html_size(struct html *h, uint64_t bytes);
/* "3 h 20 min" */
void	html_duration(struct html *h, uint64_t ns);
void	html_addr(struct html *h, const struct addr *a);

#endif
