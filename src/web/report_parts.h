/* report_parts.h - the sections of a report, and what they share.  Private to report*.c. */
#ifndef WEB_REPORT_PARTS_H
#define WEB_REPORT_PARTS_H

#include "web/report.h"

#define REPORT_ALERTS	300u	/* alerts outside incidents */
#define REPORT_OF_KIND	25u	/* of these of one kind, at most; at least 3 */
#define REPORT_INCIDENTS 20u
#define REPORT_OF_ONE	100u	/* alerts of one incident; writes, too */
#define REPORT_DEVICES	400u
#define REPORT_TALKS	400u
#define REPORT_DEEDS	400u
#define REPORT_TAGS	24u

/* ---- sections; each writes nothing where there is nothing to say ---- */
void	report_incidents(struct html *h, const struct view *v);
void	report_alerts(struct html *h, const struct view *v);	/* those that are part of no incident */
void	report_seen(struct html *h, const struct view *v);
void	report_map(struct html *h, const struct view *v);
void	report_zones(struct html *h, const struct view *v);
bool	report_has_zones(const struct view *v);
void	report_deeds(struct html *h, const struct view *v);
void	report_tags(struct html *h, const struct view *v, const struct report_want *w);
void	report_changes(struct html *h, const struct view *v);
void	report_health(struct html *h, const struct view *v);
void	report_devices(struct html *h, const struct view *v);
void	report_talks(struct html *h, const struct view *v);
void	report_audit(struct html *h, const struct view *v);

/* ---- shared ---- */

/* A section with its heading begins; `lead` is a sentence of the program below it, or NULL. */
void	report_section(struct html *h, const char *id, const char *title, const char *lead);
void	report_section_end(struct html *h);
/* <td> with the name of a device and its address below. */
void	report_who(struct html *h, const struct view *v, const struct addr *a);
/* <td> with a text from a row; with a number, where it is not 0. */
void	report_cell(struct html *h, const char *text);
void	report_cell_number(struct html *h, uint64_t n);
/* The same as report_who() within a sentence. */
void	report_who_inline(struct html *h, const struct view *v, const struct addr *a);
/* "1 act now": a sign and a word. */
void	report_severity(struct html *h, unsigned severity);
/* Techniques of ATT&CK with their names, from a list of ids. */
void	report_techniques(struct html *h, const char *ids);
/* "The latest 300 of 1,200 are shown here; `command` lists all."  `which`: "The latest ", NULL: said of none; nothing where all are shown. */
void	report_cut(struct html *h, const char *which, uint64_t shown, uint64_t all, const char *command);
/* Table with a caption for who cannot see, its column heads divided by '|'; "#" before a head: numbers, to the right. */
void	report_table(struct html *h, const char *caption, const char *heads);
void	report_table_end(struct html *h);
bool	report_is_attacker(const struct view *v, const struct addr *a);
/* Sum of a sight over all runs. */
uint64_t report_sight(const struct view *v, const char *name);
/* Words for what happened in a deed: "wrote 450 to holding register 0 (was 85)". */
void	report_deed_words(struct html *h, const struct keep_deed *d);

#endif
