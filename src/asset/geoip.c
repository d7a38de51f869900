/* geoip.c - countries and operators of addresses; the only file that knows libmaxminddb. */
#include "asset/geoip.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static bool
is_given(const char *path)
{
	return path != NULL && path[0] != '\0';
}

#ifdef HAVE_MAXMINDDB
#include <arpa/inet.h>
#include <netinet/in.h>

#include <maxminddb.h>

enum { COUNTRIES, OPERATORS, DATABASES };

struct geoip {
	MMDB_s	db[DATABASES];
	bool	has[DATABASES];
	_Atomic(struct geoip *) next;	/* owned; was opened again */
};

struct geoip *
geoip_open(const char *countries, const char *operators, struct err *e)
{
	const char *const paths[DATABASES] = { countries, operators };
	static const char *const settings[DATABASES] = { "geoip.database", "geoip.operators" };
	struct geoip *p;
	bool good = true;
	int why;

	if (!is_given(countries) && !is_given(operators))
		return NULL;
	p = calloc(1, sizeof(*p));
	if (p == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the GeoIP database");
		return NULL;
	}
	for (unsigned i = 0; i < DATABASES; i++) {
		if (!is_given(paths[i]))
			continue;
		why = MMDB_open(paths[i], MMDB_MODE_MMAP, &p->db[i]);
		p->has[i] = why == MMDB_SUCCESS;
		if (!p->has[i])
			err_add(e, paths[i], 0, 0, "%s is no GeoIP database that can be read: %s", settings[i],
			    MMDB_strerror(why));
		good &= p->has[i];
	}
	if (good)
		return p;
	geoip_close(p);
	return NULL;
}

void
geoip_close(struct geoip *p)
{
	if (p == NULL)
		return;
	geoip_close(atomic_load(&p->next));
	for (unsigned i = 0; i < DATABASES; i++)
		if (p->has[i])
			MMDB_close(&p->db[i]);
	free(p);
}

bool
geoip_prepare(struct geoip *p, const char *countries, const char *operators, struct err *e)
{
	int before = e->n;
	struct geoip *next = geoip_open(countries, operators, e);

	if (e->n > before)
		return false;
	geoip_close(atomic_exchange(&p->next, next));
	return true;
}

void
geoip_swap(struct geoip *p)
{
	struct geoip *next = atomic_exchange(&p->next, NULL);

	if (next == NULL)
		return;
	for (unsigned i = 0; i < DATABASES; i++) {
		const MMDB_s old = p->db[i];
		bool had = p->has[i];

		p->db[i] = next->db[i];
		p->has[i] = next->has[i];
		next->db[i] = old;
		next->has[i] = had;
	}
	geoip_close(next);
}

static bool
find(const struct geoip *p, unsigned db, const struct addr *a, MMDB_entry_s *to)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	const bool v4 = addr_is_v4(a);
	MMDB_lookup_result_s found;
	int why;

	if (!p->has[db])
		return false;
	memcpy(&six.sin6_addr, a->b, 16);
	memcpy(&four.sin_addr, a->b + 12, 4);
	found = MMDB_lookup_sockaddr(&p->db[db], v4 ? (const struct sockaddr *)(const void *)&four :
	    (const struct sockaddr *)(const void *)&six, &why);
	*to = found.entry;
	return why == MMDB_SUCCESS && found.found_entry;
}

/* The path as an array: the form with arguments takes memory. */
static void
take_text(MMDB_entry_s *at, const char *const *path, char *to, size_t size)
{
	MMDB_entry_data_s d;
	size_t n = 0, k;

	to[0] = '\0';
	if (MMDB_aget_value(at, &d, path) != MMDB_SUCCESS || !d.has_data || d.type != MMDB_DATA_TYPE_UTF8_STRING)
		return;
	/* Whole characters, as many as there is space for; what is no UTF-8 ends it. */
	while (n < d.data_size && (k = utf8_len((const uint8_t *)d.utf8_string + n, d.data_size - n)) > 0 && n + k < size)
		n += k;
	memcpy(to, d.utf8_string, n);
	to[n] = '\0';
}

bool
geoip_country(const struct geoip *p, const struct addr *a, char to[3])
{
	static const char *const path[] = { "country", "iso_code", NULL };
	char code[4];
	MMDB_entry_s at;

	if (!find(p, COUNTRIES, a, &at))
		return false;
	take_text(&at, path, code, sizeof(code));
	if (strlen(code) != 2)
		return false;
	memcpy(to, code, 3);
	return true;
}

bool
geoip_locate(const struct geoip *p, const struct addr *a, struct location *to)
{
	static const char *const name[] = { "country", "names", "en", NULL };
	static const char *const number[] = { "autonomous_system_number", NULL };
	static const char *const whose[] = { "autonomous_system_organization", NULL };
	MMDB_entry_data_s d;
	MMDB_entry_s at;

	*to = (struct location){ .as_number = 0 };
	if (p == NULL)
		return false;
	if (!geoip_country(p, a, to->country))
		to->country[0] = '\0';
	else if (find(p, COUNTRIES, a, &at))
		take_text(&at, name, to->name, sizeof(to->name));
	if (find(p, OPERATORS, a, &at)) {
		take_text(&at, whose, to->operator_, sizeof(to->operator_));
		if (MMDB_aget_value(&at, &d, number) == MMDB_SUCCESS && d.has_data && d.type == MMDB_DATA_TYPE_UINT32)
			to->as_number = d.uint32;
	}
	return to->country[0] != '\0' || to->as_number != 0 || to->operator_[0] != '\0';
}

#else

struct geoip *
geoip_open(const char *countries, const char *operators, struct err *e)
{
	if (is_given(countries))
		err_add(e, countries, 0, 0, "geoip.database needs libmaxminddb, which this program was built without");
	if (is_given(operators))
		err_add(e, operators, 0, 0, "geoip.operators needs libmaxminddb, which this program was built without");
	return NULL;
}

void
geoip_close(struct geoip *p)
{
	free(p);
}

bool
geoip_prepare(struct geoip *p, const char *countries, const char *operators, struct err *e)
{
	(void)p;
	(void)countries;
	(void)operators;
	(void)e;
	return true;
}

void
geoip_swap(struct geoip *p)
{
	(void)p;
}

bool
geoip_country(const struct geoip *p, const struct addr *a, char to[3])
{
	(void)p;
	(void)a;
	(void)to;
	return false;
}

bool
geoip_locate(const struct geoip *p, const struct addr *a, struct location *to)
{
	(void)p;
	(void)a;
	*to = (struct location){ .as_number = 0 };
	return false;
}

#endif
