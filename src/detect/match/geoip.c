/* geoip.c - the country of an address; the only file that knows libmaxminddb. */
#include "detect/match/geoip.h"

#include <stdlib.h>
#include <string.h>

#ifdef HAVE_MAXMINDDB
#include <arpa/inet.h>
#include <netinet/in.h>

#include <maxminddb.h>

struct geoip {
	MMDB_s	db;
};

struct geoip *
geoip_open(const char *path, struct err *e)
{
	struct geoip *p = calloc(1, sizeof(*p));
	int why;

	if (p == NULL) {
		err_add(e, path, 0, 0, "no memory for the GeoIP database");
		return NULL;
	}
	why = MMDB_open(path, MMDB_MODE_MMAP, &p->db);
	if (why == MMDB_SUCCESS)
		return p;
	err_add(e, path, 0, 0, "geoip.database is no GeoIP database that can be read: %s", MMDB_strerror(why));
	free(p);
	return NULL;
}

void
geoip_close(struct geoip *p)
{
	if (p == NULL)
		return;
	MMDB_close(&p->db);
	free(p);
}

bool
geoip_country(const struct geoip *p, const struct addr *a, char to[3])
{
	static const char *const path[] = { "country", "iso_code", NULL };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	const bool v4 = addr_is_v4(a);
	MMDB_lookup_result_s found;
	MMDB_entry_data_s code;
	int why;

	memcpy(&six.sin6_addr, a->b, 16);
	memcpy(&four.sin_addr, a->b + 12, 4);
	found = MMDB_lookup_sockaddr(&p->db, v4 ? (const struct sockaddr *)(const void *)&four :
	    (const struct sockaddr *)(const void *)&six, &why);
	/* The path as an array: the form with arguments takes memory. */
	if (why != MMDB_SUCCESS || !found.found_entry ||
	    MMDB_aget_value(&found.entry, &code, path) != MMDB_SUCCESS || !code.has_data ||
	    code.type != MMDB_DATA_TYPE_UTF8_STRING || code.data_size != 2)
		return false;
	memcpy(to, code.utf8_string, 2);
	to[2] = '\0';
	return true;
}

#else

struct geoip *
geoip_open(const char *path, struct err *e)
{
	err_add(e, path, 0, 0, "geoip.database needs libmaxminddb, which this program was built without");
	return NULL;
}

void
geoip_close(struct geoip *p)
{
	free(p);
}

bool
geoip_country(const struct geoip *p, const struct addr *a, char to[3])
{
	(void)p;
	(void)a;
	(void)to;
	return false;
}

#endif
