/* Names in DNS, mDNS, DHCP and NetBIOS. */
#include "passing_kit.h"

/* ---- DNS ---- */

#define ANSWER(n) "1234 8180 0000 " n " 0000 0000 "

static void
an_answer_of_dns_names_addresses_of_the_plant(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_DNS);
	assert_string_equal(kit_of(&k, passing_dns, "1234 8180 0001 0003 0000 0000 "
	    "04'plc7'05'plant'07'example'00 0001 0001 "
	    "C00C 0001 0001 00000E10 0004 0A140007 "			/* compressed to the question */
	    "03'www'C011 0001 0001 00000E10 0004 08080808 "		/* of the internet: nothing */
	    "01'7'01'0'02'20'02'10'07'in-addr'04'arpa'00 000C 0001 00000E10 0007 04'hmi1'C011"),
	    "10.20.0.7 - fqdn dns plc7.plant.example\n"
	    "10.20.0.7 - fqdn dns hmi1.plant.example\n");
	/* A name without a domain; IPv6, and its reverse. */
	assert_string_equal(kit_of(&k, passing_dns, ANSWER("0002")
	    "04'scad'00 001C 0001 00000000 0010 FD00 0000 0000 0000 0000 0000 0000 0001 "
	    "01'1'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'"
	    "01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'0'01'd'01'f'"
	    "03'ip6'04'arpa'00 000C 0001 00000000 0005 03'abc'00"),
	    "fd00::1 - hostname dns scad\nfd00::1 - hostname dns abc\n");
}

static void
what_is_no_answer_of_dns_names_nobody(void **unused)
{
	static const char *const none[] = {
		"1234 0100 0000 0001 0000 0000 01'a'00 0001 0001 00000000 0004 0A140007",	/* a question */
		"1234 8183 0000 0001 0000 0000 01'a'00 0001 0001 00000000 0004 0A140007",	/* no such name */
		ANSWER("0001") "01'a'00 0001 0003 00000000 0004 0A140007",			/* class Chaos */
		ANSWER("0001") "01'a'00 0001 0001 00000000 0003 0A1400",			/* three bytes */
		ANSWER("0001") "01'a'00 0001 0001 00000000 0005 0A14000700",
		ANSWER("0001") "C00C 0001 0001 00000000 0004 0A140007",				/* points to itself */
		ANSWER("0001") "01'a'C00C 0001 0001 00000000 0004 0A140007",			/* to its own beginning */
		ANSWER("0001") "C030 0001 0001 00000000 0004 0A140007",				/* forward */
		ANSWER("0001") "41'a'00 0001 0001 00000000 0004 0A140007",			/* reserved label */
		ANSWER("0001") "0207'a'00 0001 0001 00000000 0004 0A140007",			/* a control character */
		ANSWER("0001") "00 0001 0001 00000000 0004 0A140007",				/* the root */
		ANSWER("0001") "03'256'01'0'02'20'02'10'07'in-addr'04'arpa'00 000C 0001 00000000 0003 01'a'00",
		ANSWER("0001") "01'0'02'20'02'10'07'in-addr'04'arpa'00 000C 0001 00000000 0003 01'a'00",
		"1234 8180 0000",
	};
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_DNS);
	for (size_t i = 0; i < COUNTOF(none); i++)
		assert_string_equal(kit_of(&k, passing_dns, none[i]), "");
	/* What stood before a malformed record holds. */
	assert_string_equal(kit_of(&k, passing_dns, ANSWER("0002")
	    "01'a'00 0001 0001 00000000 0004 0A140007 41'a'"), "10.20.0.7 - hostname dns a\n");
}

static void
a_name_of_dns_is_bounded(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_DNS);
	/* 4 labels of 63 are 257 bytes with their lengths: RFC 1035, 2.3.4 allows 255. */
	for (unsigned labels = 3; labels <= 5; labels++) {
		k.n = 0;
		kit_add(&k, ANSWER("0001"));
		for (unsigned i = 0; i < labels; i++) {
			kit_add(&k, "3F");
			kit_fill(&k, 'x', 63);
		}
		kit_add(&k, "00 0001 0001 00000000 0004 0A140007");
		assert_int_equal(strlen(kit_read(&k, passing_dns)) > 0, labels < 4);
	}
	/* A ladder of pointers, each to the one before. */
	k.n = 0;
	kit_add(&k, ANSWER("0012"));
	for (unsigned i = 0; i < 18; i++) {
		char at[12];

		snprintf(at, sizeof(at), "%04X", (unsigned)(0xc000u | (12 + (i - 1) * 18)));
		kit_add(&k, "01'a'");
		kit_add(&k, i == 0 ? "0000" : at);
		if (i == 0)
			k.n--;
		kit_add(&k, "0001 0001 00000000 0004 0A140007");
		while (i == 0 && k.n < 12 + 18)
			kit_add(&k, "00");
	}
	(void)kit_read(&k, passing_dns);
}

static void
a_device_announces_itself_by_mdns(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_MDNS);
	assert_string_equal(kit_of(&k, passing_mdns, "0000 8400 0000 0005 0000 0000 "
	    "05'_http'04'_tcp'05'local'00 000C 0001 00000078 0006 03'Cam'C00C "
	    "03'Cam'C00C 0010 8001 00000078 001A 08'model=P1'0A'fv=1.2.3.4'05'other' "
	    "05'cam-7'C017 0001 8001 00000078 0004 C0A80107 "
	    "09'_services'07'_dns-sd'04'_udp'C017 000C 0001 00000078 0002 C00C "
	    "05'cam-7'C017 000D 8001 00000078 000B 03'ARM'06'VxWork'"),
	    "10.1.2.3 - service mdns _http._tcp\n"
	    "10.1.2.3 - model mdns P1\n"
	    "10.1.2.3 - firmware mdns 1.2.3.4\n"
	    "192.168.1.7 - hostname mdns cam-7\n"
	    "10.1.2.3 - system mdns VxWork\n");
	/* What somebody asks for, with the answers that it has, is another's. */
	assert_string_equal(kit_of(&k, passing_mdns, "0000 0000 0000 0001 0000 0000 "
	    "05'cam-7'05'local'00 0001 8001 00000078 0004 C0A80107"), "");
	assert_string_equal(kit_of(&k, passing_llmnr, "0001 8000 0000 0001 0000 0000 "
	    "05'hmi-3'00 0001 0001 00000078 0004 C0A80107"), "192.168.1.7 - hostname mdns hmi-3\n");
}

/* ---- DHCP ---- */

/* Up to the options. */
static void
dhcp(struct passing_kit *k, const char *head, const char *has, const char *given, const char *options)
{
	k->n = 0;
	kit_add(k, head);		/* op, hardware, its length, hops */
	kit_add(k, "11223344 0000 0000");
	kit_add(k, has);
	kit_add(k, given);
	kit_add(k, "00000000 00000000 0A0B0C0D0E0F");
	kit_fill(k, 0, 10 + 192);
	kit_add(k, options);
}

static void
a_dhcp_client_names_itself(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_DHCP);
	/* A request for the address that it was offered. */
	dhcp(&k, "01010600", "00000000", "00000000", "63825363 350103 32040A010107 0C04'HMI3' 00 3C08'MSFT 5.0' "
	    "3D07010A0B0C0D0E0F 510F 000000'hmi3.plant.x' FF 0C03'not'");
	assert_string_equal(kit_read(&k, passing_dhcp),
	    "10.1.1.7 0a:0b:0c:0d:0e:0f hostname dhcp HMI3\n"
	    "10.1.1.7 0a:0b:0c:0d:0e:0f vendor_class dhcp MSFT 5.0\n"
	    "10.1.1.7 0a:0b:0c:0d:0e:0f fqdn dhcp hmi3.plant.x\n");
	/* A discovery that would like to have one has none yet. */
	dhcp(&k, "01010600", "00000000", "00000000", "63825363 350101 32040A010107 0C04'HMI3' 3D05 FF00000102");
	assert_string_equal(kit_read(&k, passing_dhcp), "- 0a:0b:0c:0d:0e:0f hostname dhcp HMI3\n"
	    "- 0a:0b:0c:0d:0e:0f client_id dhcp ff00000102\n");
	/* A name as labels, a name as client identifier; renewed by the one who has the address. */
	dhcp(&k, "01010600", "0A010109", "00000000", "63825363 350103 3D06 00'plc-1' 510C 040000 05'plc-1'01'x'00");
	assert_string_equal(kit_read(&k, passing_dhcp), "10.1.1.9 0a:0b:0c:0d:0e:0f client_id dhcp plc-1\n"
	    "10.1.1.9 0a:0b:0c:0d:0e:0f fqdn dhcp plc-1.x\n");
}

static void
a_dhcp_server_gives_an_address_to_a_mac(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_DHCP);
	dhcp(&k, "02010600", "00000000", "0A010108", "63825363 350105 0C06'server' FF");
	assert_string_equal(kit_read(&k, passing_dhcp), "10.1.1.8 0a:0b:0c:0d:0e:0f mac dhcp 0a:0b:0c:0d:0e:0f\n");
	dhcp(&k, "02010600", "00000000", "0A010108", "63825363 350102 FF");	/* an offer */
	assert_string_equal(kit_read(&k, passing_dhcp), "");
	dhcp(&k, "02060600", "00000000", "0A010108", "63825363 350105 FF");	/* no Ethernet */
	assert_string_equal(kit_read(&k, passing_dhcp), "");
	dhcp(&k, "01010600", "00000000", "00000000", "63825364 350103 0C04'HMI3' FF");	/* BOOTP of another kind */
	assert_string_equal(kit_read(&k, passing_dhcp), "");
	dhcp(&k, "01010600", "00000000", "00000000", "63825363 350103 0C05'HMI3'");	/* beyond the end */
	assert_string_equal(kit_read(&k, passing_dhcp), "");
}

/* ---- NetBIOS ---- */

#define HMI_00	"20'EIENEJCACACACACACACACACACACACAAA'00"	/* "HMI", 00 */
#define HMI_20	"20'EIENEJCACACACACACACACACACACACACA'00"
#define GROUP_1E "20'FHEPFCELEHFCEPFFFACACACACACACABO'00"	/* "WORKGROUP", 1e */
#define STAR	"20'CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'00"

static void
netbios_names_are_registered_and_asked_for(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_NETBIOS);
	/* Registered by the one who has the address. */
	assert_string_equal(kit_of(&k, passing_netbios_ns, "0001 2910 0001 0000 0000 0001 " HMI_00 "0020 0001 "
	    "C00C 0020 0001 000493E0 0006 0000 0A010203"), "10.1.2.3 - hostname netbios HMI\n");
	assert_string_equal(kit_of(&k, passing_netbios_ns, "0001 2910 0001 0000 0000 0001 " GROUP_1E "0020 0001 "
	    "C00C 0020 0001 000493E0 0006 8000 0A010203"), "10.1.2.3 - domain netbios WORKGROUP\n");
	assert_string_equal(kit_of(&k, passing_netbios_ns, "0001 2910 0001 0000 0000 0001 " HMI_00 "0020 0001 "
	    "C00C 0020 0001 000493E0 0006 0000 0A010209"), "");
	/* An answer is about whom it names. */
	assert_string_equal(kit_of(&k, passing_netbios_ns, "0001 8500 0000 0001 0000 0000 " HMI_20 "0020 0001 "
	    "000493E0 0006 0000 0A010209"), "10.1.2.9 - hostname netbios HMI\n");
	assert_string_equal(kit_of(&k, passing_netbios_ns, "0001 8503 0000 0001 0000 0000 " HMI_20 "0020 0001 "
	    "000493E0 0006 0000 0A010209"), "");
	/* A question alone. */
	assert_string_equal(kit_of(&k, passing_netbios_ns, "0001 0110 0001 0000 0000 0000 " HMI_20 "0020 0001"), "");
	/* A letter that encodes nothing; a name that is too short. */
	assert_string_equal(kit_of(&k, passing_netbios_ns, "0001 8500 0000 0001 0000 0000 "
	    "20'ZIENEJCACACACACACACACACACACACAAA'00 0020 0001 000493E0 0006 0000 0A010209"), "");
	assert_string_equal(kit_of(&k, passing_netbios_ns, "0001 8500 0000 0001 0000 0000 "
	    "1F'EIENEJCACACACACACACACACACACACAA'00 0020 0001 000493E0 0006 0000 0A010209"), "");
}

static void
a_node_status_lists_names_and_a_mac(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_NETBIOS);
	assert_string_equal(kit_of(&k, passing_netbios_ns, "0001 8400 0000 0001 0000 0000 " STAR "0021 0001 00000000 003D "
	    "03 'HMI            '00 0400 'WORKGROUP      '00 8400 'HMI            '20 0400 0A0B0C0D0E0F"),
	    "10.1.2.3 - hostname netbios HMI\n10.1.2.3 - domain netbios WORKGROUP\n10.1.2.3 - hostname netbios HMI\n"
	    "10.1.2.3 - mac netbios 0a:0b:0c:0d:0e:0f\n");
	/* More names than there are. */
	assert_string_equal(kit_of(&k, passing_netbios_ns, "0001 8400 0000 0001 0000 0000 " STAR "0021 0001 00000000 0013 "
	    "09 'HMI            '00 0400"), "10.1.2.3 - hostname netbios HMI\n");
}

static void
browsers_announce_systems(void **unused)
{
	static const char announcement[] = "1102 1234 0A010203 008A 00BB 0000 " HMI_00 GROUP_1E
	    "FF'SMB'25 00000000 00 0000 0000 0000000000000000 0000 0000 0000 0000 0000 "
	    "11 0000 2600 0000 0000 00 00 0000 00000000 0000 0000 0000 2600 5600 03 00 0100 0100 0200 3D00 "
	    "'\\MAILSLOT\\BROWSE'00 01 00 80FC0A00 'HMI'00000000000000000000000000 06 01 03100300 0F01 55AA 'line 3'";
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_NETBIOS);
	assert_string_equal(kit_of(&k, passing_netbios_dgm, announcement),
	    "10.1.2.3 - hostname netbios HMI\n10.1.2.3 - domain netbios WORKGROUP\n10.1.2.3 - hostname netbios HMI\n"
	    "10.1.2.3 - system netbios Windows NT 6.1\n"
	    "10.1.2.3 - capabilities netbios workstation, server, backup browser\n"
	    "10.1.2.3 - description netbios line 3\n");
	/* Passed on by another; a fragment; no mailslot. */
	k.x.from = passing_addr(kit_addr(10, 1, 2, 9));
	assert_string_equal(kit_of(&k, passing_netbios_dgm, announcement), "");
	assert_string_equal(kit_of(&k, passing_netbios_dgm, "1102 1234 0A010209 008A 00BB 0001 " HMI_00 GROUP_1E), "");
	assert_string_equal(kit_of(&k, passing_netbios_dgm, "1302 1234 0A010209 008A 00BB 0000 " HMI_00 GROUP_1E), "");
	assert_string_equal(kit_of(&k, passing_netbios_dgm, "1102 1234 0A010209 008A 00BB 0000 " HMI_00 HMI_20 "FF'SMB'73"),
	    "10.1.2.9 - hostname netbios HMI\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_of_dns_names_addresses_of_the_plant),
		cmocka_unit_test(what_is_no_answer_of_dns_names_nobody),
		cmocka_unit_test(a_name_of_dns_is_bounded),
		cmocka_unit_test(a_device_announces_itself_by_mdns),
		cmocka_unit_test(a_dhcp_client_names_itself),
		cmocka_unit_test(a_dhcp_server_gives_an_address_to_a_mac),
		cmocka_unit_test(netbios_names_are_registered_and_asked_for),
		cmocka_unit_test(a_node_status_lists_names_and_a_mac),
		cmocka_unit_test(browsers_announce_systems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
