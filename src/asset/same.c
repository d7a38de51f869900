#include "asset/same.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

/* ---- text ------------------------------------------------------------------------------------ */

static bool
counts(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool
equal(const char *a, const char *b)
{
	for (;;) {
		while (*a != '\0' && !counts(*a))
			a++;
		while (*b != '\0' && !counts(*b))
			b++;
		if (*a == '\0' || *b == '\0')
			return *a == *b;
		if (tolower((unsigned char)*a++) != tolower((unsigned char)*b++))
			return false;
	}
}

/* "V 3.2" from the 3 on, where a number follows. */
static const char *
number(const char *v)
{
	const char *p = v;

	if (strncasecmp(p, "version", 7) == 0)
		p += 7;
	else if (*p == 'V' || *p == 'v')
		p++;
	while (*p == ' ' || *p == '.' || *p == ':')
		p++;
	return *p >= '0' && *p <= '9' ? p : v;
}

/* Versions keep their dots: 1.12 is not 11.2. */
static bool
equal_version(const char *a, const char *b)
{
	return strcasecmp(number(a), number(b)) == 0;
}

/* ---- words ------------------------------------------------------------------------------------- */

struct word {
	const char	*p;
	size_t		 n;
};

static bool
next_word(const char **p, struct word *w)
{
	while (**p != '\0' && !counts(**p))
		(*p)++;
	w->p = *p;
	while (counts(**p))
		(*p)++;
	w->n = (size_t)(*p - w->p);
	return w->n > 0;
}

static bool
is(const struct word *w, const char *text)
{
	return strlen(text) == w->n && strncasecmp(w->p, text, w->n) == 0;
}

static bool
is_legal_form(const struct word *w)
{
	static const char *const forms[] = { "ag", "gmbh", "co", "ltd", "inc", "corp", "corporation", "company", "llc", "limited", "se",
	    "kg", "sa", "s", "a", "sas", "spa", "p", "bv", "b", "v", "nv", "ab", "oy", "as", "pty", "plc", "kk", "k" };

	for (size_t i = 0; i < COUNTOF(forms); i++)
		if (is(w, forms[i]))
			return true;
	return false;
}

/* One is the other with more words behind it, legal forms apart. */
static bool
equal_vendor(const char *a, const char *b)
{
	struct word x, y;
	unsigned n = 0;

	if (equal(a, b))
		return true;
	for (;; n++) {
		bool more_a, more_b;

		while ((more_a = next_word(&a, &x)) && n > 0 && is_legal_form(&x))
			;
		while ((more_b = next_word(&b, &y)) && n > 0 && is_legal_form(&y))
			;
		if (!more_a || !more_b)
			return n > 0;
		if (x.n != y.n || strncasecmp(x.p, y.p, x.n) != 0)
			return false;
	}
}

static bool
equal_system(const char *a, const char *b)
{
	struct word x, y;

	return next_word(&a, &x) && next_word(&b, &y) && x.n == y.n && strncasecmp(x.p, y.p, x.n) == 0;
}

bool
value_same(enum attribute_key key, const char *a, const char *b)
{
	switch (key) {
	case ATTR_VENDOR:
		return equal_vendor(a, b);
	case ATTR_FIRMWARE:
	case ATTR_HARDWARE:
	case ATTR_REVISION:
		return equal_version(a, b);
	case ATTR_SYSTEM:
		return equal_system(a, b);
	default:
		return equal(a, b);
	}
}

const char *
value_vendor(const char *text)
{
	static const struct { const char *text, *vendor; } no_names[] = {
		/* The copyright entry of S7-300 and S7-400: there is nothing else where the vendor would stand. */
		{ "Original Siemens Equipment", "Siemens" },
		/* As sample programs of stacks have it. */
		{ "Vendor", NULL }, { "VendorName", NULL }, { "Vendor Name", NULL }, { "Company", NULL }, { "Company identification", NULL },
		{ "Manufacturer", NULL }, { "Unknown", NULL }, { "None", NULL }, { "n/a", NULL }, { "Default", NULL }, { "Test", NULL },
		{ "To be filled by O.E.M.", NULL }, { "System manufacturer", NULL }, { "Not specified", NULL }, { "Generic", NULL },
	};
	bool any = false;

	for (size_t i = 0; i < COUNTOF(no_names); i++)
		if (equal(text, no_names[i].text))
			return no_names[i].vendor;
	for (const char *p = text; *p != '\0'; p++)
		any |= isalpha((unsigned char)*p) || (unsigned char)*p >= 0x80;
	return any ? text : NULL;
}
