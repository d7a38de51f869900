/* Rules that ask lists: sets of strings, sums and addresses, reputations, countries. */
#include "match_kit.h"

#include "base/str.h"
#include "base/sum.h"

static char folder[32];
static struct kit k;

static const char *
file(const char *name, const void *p, size_t n)
{
	static char path[4][96];
	static unsigned at;
	char *to = path[at++ % 4];
	FILE *f;

	snprintf(to, 96, "%s/%s", folder, name);
	f = fopen(to, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(p, 1, n, f), n);
	fclose(f);
	return to;
}

static const char *
text(const char *name, const char *of)
{
	return file(name, of, strlen(of));
}

static void
say(const char *bytes)
{
	kit_flow(&k, IP_UDP, 4000, 4001);
	kit_bytes(&k, DIR_FROM_0, bytes, (uint32_t)strlen(bytes));
}

static void
from(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t four[4] = { a, b, c, d };

	kit_flow(&k, IP_UDP, 4000, 4001);
	k.flow.addr[0] = addr_v4(four);
	kit_packet(&k, DIR_FROM_0, (struct packet){ .payload = (const uint8_t *)"x", .payload_len = 1, .payload_wire = 1 });
	kit_bytes(&k, DIR_FROM_0, "x", 1);
}

/* RFC 1321, A.5; FIPS 180-2, B.1. */
static void
sums_are_those_of_the_standards(void **unused)
{
	static const uint8_t md5[] = { 0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0, 0xd6, 0x96, 0x3f, 0x7d, 0x28,
	    0xe1, 0x7f, 0x72 };
	static const uint8_t sha[] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea };
	uint8_t to[SUM_SHA256];

	(void)unused;
	sum_md5((const uint8_t *)"abc", 3, to);
	assert_memory_equal(to, md5, sizeof(md5));
	sum_sha256((const uint8_t *)"abc", 3, to);
	assert_memory_equal(to, sha, sizeof(sha));
}

static void
a_payload_by_its_sum(void **unused)
{
	char rules[1024];

	(void)unused;
	snprintf(rules, sizeof(rules),
	    "alert udp any any -> any 4001 (dataset:isset,a,type md5,load %s; sid:1;)\n"
	    "alert udp any any -> any 4001 (dataset:isset,b,type sha256,load %s; sid:2;)\n"
	    "alert udp any any -> any 4001 (dataset:isnotset,a,type md5; sid:3;)\n"
	    "alert udp any any -> any 4001 (datarep:c,>,50,type md5,load %s; sid:4;)\n",
	    text("md5", "d41d8cd98f00b204e9800998ecf8427e\n900150983cd24fb0d6963f7d28e17f72\n"),
	    text("sha", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"),
	    text("rep", "900150983cd24fb0d6963f7d28e17f72,60\n"));
	kit_open(&k, rules);
	say("abc");
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 0);
	assert_int_equal(k.hits[4], 1);
	say("abd");
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 1);
	kit_close(&k);
}

/* `set` holds once of each; the others see it; `unset` takes it back. */
static void
sets_that_rules_change(void **unused)
{
	char rules[1024];

	(void)unused;
	snprintf(rules, sizeof(rules),
	    "alert udp any any -> any 4001 (content:!\"bye\"; dataset:set,seen,type string; sid:1;)\n"
	    "alert udp any any -> any 4001 (dataset:isset,seen,type string; sid:2;)\n"
	    "alert udp any any -> any 4001 (dataset:set,known,type ip,load %s; sid:3;)\n"
	    "alert udp any any -> any 4002 (dataset:unset,known,type ip; sid:4;)\n"
	    "alert udp any any -> any any (dataset:isset,known,type ip; sid:5;)\n",
	    text("known", "10.0.0.9\n"));
	kit_open(&k, rules);
	say("hello");
	assert_int_equal(k.hits[1], 1);
	say("hello");
	say("hallo");
	assert_int_equal(k.hits[1], 2);
	assert_int_equal(k.hits[2], 3);
	say("bye");
	assert_int_equal(k.hits[2], 3);
	kit_close(&k);
}

static void
sets_of_addresses_that_rules_change(void **unused)
{
	char rules[1024];

	(void)unused;
	snprintf(rules, sizeof(rules),
	    "alert udp any any -> any 4001 (content:\"x\"; ip.src; dataset:set,known,type ip,load %s; sid:1;)\n"
	    "alert udp any any -> any 4001 (content:\"x\"; ip.src; dataset:unset,gone,type ip,load %s; sid:2;)\n"
	    "alert udp any any -> any 4001 (content:\"x\"; ip.src; dataset:isset,gone,type ip; sid:3;)\n",
	    text("known", "10.0.0.9\n"), text("gone", "10.0.0.8\n"));
	kit_open(&k, rules);
	from(10, 0, 0, 9);	/* stands in the file */
	assert_int_equal(k.hits[1], 0);
	from(10, 0, 0, 7);
	from(10, 0, 0, 7);
	assert_int_equal(k.hits[1], 1);
	from(10, 0, 0, 8);
	from(10, 0, 0, 8);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 0);
	kit_close(&k);
}

/* Suricata's two files: categories, and scores of addresses and networks. */
static void
reputations(void **unused)
{
	struct rules_settings s = { 0 };
	char files[256];

	(void)unused;
	s.reputation_categories = text("categories", "# number,name,description\n1,BadHosts,Known bad hosts\n2,CnC,Command and control\n");
	snprintf(files, sizeof(files), "%s,%s", text("scores1",
	    "192.0.2.0/24,1,20\n192.0.2.66,1,99\n192.0.2.67,2,99\n2001:db8::/32,1,99\n"), text("scores2", "10.9.0.0/16,1,99\n"));
	s.reputation_files = files;
	kit_open_with(&k, "alert udp any any -> any 4001 (iprep:src,BadHosts,>,30; sid:1;)\n"
	    "alert udp any any -> any 4001 (iprep:src,BadHosts,<,30; sid:2;)\n"
	    "alert udp any any -> any 4001 (iprep:any,CnC,>,30; sid:3;)\n"
	    "alert udp any any -> any 4001 (iprep:src,BadHosts,isset; sid:4;)\n"
	    "alert udp any any -> any 4001 (iprep:src,CnC,isnotset; sid:5;)\n", &s);
	from(192, 0, 2, 66);	/* the address before its network */
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 0);
	from(192, 0, 2, 67);
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 1);
	from(192, 0, 3, 1);
	from(10, 9, 255, 255);
	from(10, 10, 0, 0);
	assert_int_equal(k.hits[1], 2);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 3);
	assert_int_equal(k.hits[5], 4);
	kit_close(&k);
}

/* threshold.config: no alert, or fewer. */
static void
suppressed(void **unused)
{
	struct rules_settings s = { 0 };

	(void)unused;
	s.thresholds = text("thresholds", "suppress gen_id 1, sig_id 1, track by_src, ip 10.0.0.0/8\n"
	    "suppress gen_id 1, sig_id 2\n"
	    "suppress gen_id 1, sig_id 3, track by_either, ip [192.0.2.1,10.0.0.2]\n"
	    "threshold gen_id 1, sig_id 4, type limit, track by_rule, count 1, seconds 60\n");
	kit_open_with(&k, "alert udp any any -> any 4001 (content:\"x\"; sid:1;)\n"
	    "alert udp any any -> any 4001 (content:\"x\"; flowbits:set,seen; sid:2;)\n"
	    "alert udp any any -> any 4001 (content:\"x\"; sid:3;)\n"
	    "alert udp any any -> any 4001 (content:\"x\"; sid:4;)\n"
	    "alert udp any any -> any 4001 (content:\"x\"; flowbits:isset,seen; sid:5;)\n", &s);
	from(10, 0, 0, 9);
	from(192, 0, 2, 1);
	from(192, 0, 2, 5);
	assert_int_equal(k.hits[1], 2);
	assert_int_equal(k.hits[2], 0);
	assert_int_equal(k.hits[3], 0);	/* all of them spoke to 10.0.0.2 */
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[5], 3);	/* the rule that raises nothing does its work */
	kit_close(&k);
}

#ifdef HAVE_MAXMINDDB
/* A database of two halves of IPv4, as MaxMind's format 2.0 has it: one node of two
 * records of 24 bits, 16 zero bytes, the data, and what describes it all. */
static const char *
database(void)
{
	static const char node[] = "\x00\x00\x11" "\x00\x00\x27";	/* 1 + 16 + where the data is */
	static const char data[] = "\xe1\x47" "country" "\xe1\x48" "iso_code" "\x42" "NL"
	    "\xe1\x47" "country" "\xe1\x48" "iso_code" "\x42" "DE";
	static const char about[] = "\xab\xcd\xef" "MaxMind.com" "\xe9" "\x49" "languages" "\x01\x04" "\x42" "en"
	    "\x4b" "description" "\xe1\x42" "en" "\x41" "t"
	    "\x4a" "node_count" "\xc1\x01" "\x4b" "record_size" "\xa1\x18" "\x4a" "ip_version" "\xa1\x04"
	    "\x4d" "database_type" "\x44" "Test" "\x5b" "binary_format_major_version" "\xa1\x02"
	    "\x5b" "binary_format_minor_version" "\xa0" "\x4b" "build_epoch" "\x01\x02\x01";
	char all[512] = { 0 };
	size_t n = 0;

	memcpy(all, node, 6);
	n = 6 + 16;
	memcpy(all + n, data, sizeof(data) - 1);
	n += sizeof(data) - 1;
	memcpy(all + n, about, sizeof(about) - 1);
	n += sizeof(about) - 1;
	return file("places.mmdb", all, n);
}

static void
countries(void **unused)
{
	struct rules_settings s = { 0 };

	(void)unused;
	s.geoip = database();
	kit_open_with(&k, "alert udp any any -> any 4001 (geoip:src,NL; sid:1;)\n"
	    "alert udp any any -> any 4001 (geoip:src,!NL,BE; sid:2;)\n"
	    "alert udp any any -> any 4001 (geoip:both,NL,DE; sid:3;)\n"
	    "alert udp any any -> any 4001 (geoip:any,FR; sid:4;)\n", &s);
	from(20, 0, 0, 1);
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 0);
	from(200, 0, 0, 1);
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 2);
	assert_int_equal(k.hits[4], 0);
	kit_close(&k);
}
#endif

static void
left_out(const char *rule, const struct rules_settings *s, const char *why)
{
	const struct rules_from from_text = { .settings = s };
	struct err problems = { 0 }, notes = { 0 };
	struct rule_set set;

	assert_true(rules_load_text(&set, &from_text, "x.rules", rule, strlen(rule), &problems, &notes));
	assert_int_equal(set.n_rules, 0);
	assert_true(problems.n + notes.n > 0);
	assert_non_null(strstr((problems.n > 0 ? &problems : &notes)->first->text, why));
	rule_set_free(&set);
	err_free(&problems);
	err_free(&notes);
}

static void
what_lacks_is_told(void **unused)
{
	const char *geoip = "alert ip any any -> any any (geoip:src,NL; sid:1;)\n";
	const char *iprep = "alert ip any any -> any any (iprep:src,Worms,>,1; sid:1;)\n";
	struct rules_settings s = { 0 };

	(void)unused;
#ifdef HAVE_MAXMINDDB
	left_out(geoip, &s, "set geoip.database to");
	s.geoip = "/nonexistent/places.mmdb";
	left_out(geoip, &s, "cannot be read");
#else
	left_out(geoip, &s, "libmaxminddb");
#endif
	s = (struct rules_settings){ 0 };
	left_out(iprep, &s, "set reputation.categories and reputation.files");
	s.reputation_categories = text("categories", "1,BadHosts,x\n");
	left_out(iprep, &s, "there is no category Worms");
	s.reputation_categories = text("categories", "99,Worms,x\n");
	left_out(iprep, &s, "a number from 1 to 60");
	s.reputation_categories = text("categories", "1,Worms,x\n");
	s.reputation_files = text("scores", "192.0.2.1,1\n");
	left_out(iprep, &s, "address,category,score");
	s.reputation_files = text("scores", "192.0.2.1/33,1,1\n");
	left_out(iprep, &s, "no address or network");
}

static int
make_folder(void **unused)
{
	(void)unused;
	strcpy(folder, "/tmp/lists-XXXXXX");
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
remove_folder(void **unused)
{
	static const char *const names[] = { "md5", "sha", "rep", "known", "gone", "categories", "scores", "scores1",
	    "scores2", "places.mmdb", "thresholds" };
	char path[96];

	(void)unused;
	for (unsigned i = 0; i < COUNTOF(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	return rmdir(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_those_of_the_standards),
		cmocka_unit_test(a_payload_by_its_sum),
		cmocka_unit_test(sets_that_rules_change),
		cmocka_unit_test(sets_of_addresses_that_rules_change),
		cmocka_unit_test(reputations),
		cmocka_unit_test(suppressed),
#ifdef HAVE_MAXMINDDB
		cmocka_unit_test(countries),
#endif
		cmocka_unit_test(what_lacks_is_told),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
