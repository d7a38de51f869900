/* What is announced straight on Ethernet: LLDP, CDP, PROFINET DCP; and SNMP. */
#include "passing_kit.h"

static void
frames(struct passing_kit *k, enum attribute_source source)
{
	static const uint8_t mac[6] = { 0x00, 0x1b, 0x1b, 1, 2, 3 };

	kit_open(k, source);
	k->x.from = passing_mac(mac);
	k->x.to = (struct passing_who){ .has_addr = false };
}

#define WHO "192.168.0.7 00:1b:1b:01:02:03 "
#define MAC "- 00:1b:1b:01:02:03 "

static void
lldp_names_device_port_and_what_it_is(void **unused)
{
	struct passing_kit k;

	(void)unused;
	frames(&k, ATTR_BY_LLDP);
	/* Chassis, port, time to live, name, description, capabilities, address (IPv4). */
	assert_string_equal(kit_of(&k, passing_lldp, "0206 07'sw1-x' 0409 07'port-001' 0602 0014 0A05'sw-01' "
	    "0C43'Siemens, SIMATIC NET, SCALANCE XB208, 6GK5 208-0BA00-2AB2, HW: Vers' "
	    "0E04 0014 0004 100C 05 01 C0A80007 02 00000001 00 0000 "),
	    WHO "port lldp port-001\n" WHO "name lldp sw-01\n"
	    WHO "vendor lldp Siemens\n" WHO "model lldp SCALANCE XB208\n"
	    WHO "order_number lldp 6GK5 208-0BA00-2AB2\n" WHO "hardware lldp Vers\n"
	    WHO "description lldp Siemens, SIMATIC NET, SCALANCE XB208, 6GK5 208-0BA00-2AB2, HW: Vers\n"
	    WHO "capabilities lldp bridge\n");
	/* A PROFINET device has its name of station as chassis; inventory of LLDP-MED; no address. */
	assert_string_equal(kit_of(&k, passing_lldp, "0206 07'plc-1' FE08 000ECF 02 00000000 FE06 0012BB 08'S1' "
	    "FE0A 0012BB 06'V4.2.1' 0A0F'sysName Not Set' 0000 0A03'not'"),
	    MAC "station lldp plc-1\n" MAC "serial lldp S1\n" MAC "firmware lldp V4.2.1\n");
	/* MACs and addresses as chassis and port are no names; a length beyond the end ends it. */
	assert_string_equal(kit_of(&k, passing_lldp, "0207 04 001B1B010203 0407 03 001B1B010203 0A05'plc'"), "");
	assert_string_equal(kit_of(&k, passing_lldp, "0A03'plc' 0AFF'sw'"), MAC "name lldp plc\n");
}

static void
a_siemens_description_is_read_part_by_part(void **unused)
{
	struct passing_kit k;

	(void)unused;
	frames(&k, ATTR_BY_LLDP);
	assert_string_equal(kit_of(&k, passing_lldp, "0C57'Siemens, SIMATIC S7, CPU-1200, 6ES7 215-1AG40-0XB0, HW: 10, "
	    "FW: V.4.3.1, S V-L8BT7803  '"), MAC "vendor lldp Siemens\n" MAC "model lldp CPU-1200\n"
	    MAC "order_number lldp 6ES7 215-1AG40-0XB0\n" MAC "hardware lldp 10\n" MAC "firmware lldp V.4.3.1\n"
	    MAC "serial lldp S V-L8BT7803\n" MAC "description lldp Siemens, SIMATIC S7, CPU-1200, 6ES7 215-1AG40-0XB0, HW: 10, "
	    "FW: V.4.3.1, S V-L8BT7803\n");
	assert_string_equal(kit_of(&k, passing_lldp, "0C0B'Siemens, ,,'"), MAC "vendor lldp Siemens\n"
	    MAC "description lldp Siemens, ,,\n");
}

static void
cdp_names_switches(void **unused)
{
	struct passing_kit k;

	(void)unused;
	frames(&k, ATTR_BY_CDP);
	assert_string_equal(kit_of(&k, passing_cdp, "AAAA03 00000C 2000 02 B4 0000 0001 0007'sw9' "
	    "0002 0011 00000001 01 01 CC 0004 C0A80007 0003 0008'Gi01' 0004 0008 00000028 "
	    "0005 000C'IOS 12.2' 0006 000D'cisco 300'"),
	    WHO "name cdp sw9\n" WHO "port cdp Gi01\n" WHO "capabilities cdp switch, IGMP\n" WHO "description cdp IOS 12.2\n"
	    WHO "model cdp cisco 300\n");
	/* VTP and others share the OUI; a length shorter than its own head. */
	assert_string_equal(kit_of(&k, passing_cdp, "AAAA03 00000C 2003 02 B4 0000 0001 0007'sw9'"), "");
	assert_string_equal(kit_of(&k, passing_cdp, "AAAA03 00000C 2000 02 B4 0000 0001 0003 0001 0007'sw9'"), "");
	assert_string_equal(kit_of(&k, passing_cdp, "AAAA03 00000C 2000 02 B4 0000 0001 0007'sw9' 0006 00FF'c'"), MAC "name cdp sw9\n");
}

static void
dcp_names_stations(void **unused)
{
	struct passing_kit k;

	(void)unused;
	frames(&k, ATTR_BY_DCP);
	/* An answer to identify: name of station (odd, padded), type, ids, role, address. */
	assert_string_equal(kit_of(&k, passing_dcp, "FEFF 05 01 00000001 0000 0043 "
	    "0202 0007 0000'plc-a'00 0201 0009 0000'S7-1200'00 0203 0006 0000 002A 010D 0204 0004 0000 02 00 "
	    "0102 000E 0001 C0A80007 FFFFFF00 00000000 0205 0002 0000 0207 0000"),
	    WHO "station dcp plc-a\n" WHO "product dcp S7-1200\n" WHO "device_id dcp 0x002a:0x010d\n"
	    WHO "capabilities dcp IO controller\n");
	/* A request, and one to set: what somebody wants. */
	assert_string_equal(kit_of(&k, passing_dcp, "FEFE 05 00 00000001 0001 000C 0202 0007 0000'plc-a'00"), "");
	assert_string_equal(kit_of(&k, passing_dcp, "FEFD 04 00 00000001 0000 000C 0202 0007 0000'plc-a'00"), "");
	/* No address yet; blocks longer than the frame. */
	assert_string_equal(kit_of(&k, passing_dcp, "FEFF 05 01 00000001 0000 000C 0202 0007 0000'plc-a'00 00000000"),
	    MAC "station dcp plc-a\n");
	assert_string_equal(kit_of(&k, passing_dcp, "FEFF 05 01 00000001 0000 0040 0202 0007 0000'plc-a'00"), "");
	assert_string_equal(kit_of(&k, passing_dcp, "FEFF 05 01 00000001 0000 000C 0202 00F7 0000'plc-a'00"), "");
	/* Cyclic data goes by the same EtherType. */
	assert_string_equal(kit_of(&k, passing_dcp, "8000 00 00 00000000"), "");
}

/* ---- SNMP ---- */


static void
snmp_answers_say_who_it_is(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_SNMP);
	assert_string_equal(kit_of(&k, passing_snmp, "30 4A 02 01 01 04 06'public' A2 3D 02 01 07 02 01 00 02 01 00 30 32 "
	    "30 0E 06 08 2B06010201010500 04 02'sw' "
	    "30 20 06 08 2B06010201010100 04 14'Switch'0D0A'Version 2.1'00 "),
	    "10.1.2.3 - name snmp sw\n10.1.2.3 - description snmp Switch\r\nVersion 2.1\n");
	/* sysObjectID: 1.3.6.1.4.1.4329.6, in a length of two bytes more than it needs. */
	assert_string_equal(kit_of(&k, passing_snmp, "30 82 00 2E 02 01 00 04 06'public' A2 21 02 01 07 02 01 00 02 01 00 30 16 "
	    "30 14 06 08 2B06010201010200 06 08 2B06010401A16906"), "10.1.2.3 - object_id snmp 1.3.6.1.4.1.4329.6\n");
}

static void
snmp_is_read_strictly(void **unused)
{
	static const char *const none[] = {
		/* A request; version 3; a byte behind; a value longer than its pair; an indefinite length; more lengths than 4. */
		"30 28 02 01 01 04 06'public' A0 1B 02 01 07 02 01 00 02 01 00 30 10 30 0E 06 08 2B06010201010500 04 02'sw'",
		"30 28 02 01 03 04 06'public' A2 1B 02 01 07 02 01 00 02 01 00 30 10 30 0E 06 08 2B06010201010500 04 02'sw'",
		"30 28 02 01 01 04 06'public' A2 1B 02 01 07 02 01 00 02 01 00 30 10 30 0E 06 08 2B06010201010500 04 02'sw'00",
		"30 28 02 01 01 04 06'public' A2 1B 02 01 07 02 01 00 02 01 00 30 10 30 0E 06 08 2B06010201010500 04 03'sw'",
		"30 80 02 01 01 04 06'public' A2 1B 02 01 07 02 01 00 02 01 00 30 10 30 0E 06 08 2B06010201010500 04 02'sw'",
		"30 85 0000000028 02 01 01 04 06'public' A2 1B 02 01 07 02 01 00 02 01 00 30 10 30 0E 06 08 2B06010201010500 04 02'sw'",
		/* A pair that is one too short spoils those before it. */
		"30 2C 02 01 01 04 06'public' A2 1F 02 01 07 02 01 00 02 01 00 30 14 30 0E 06 08 2B06010201010500 04 02'sw' 30 02 06 00",
	};
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_SNMP);
	assert_string_equal(kit_of(&k, passing_snmp,
	    "30 28 02 01 01 04 06'public' A2 1B 02 01 07 02 01 00 02 01 00 30 10 30 0E 06 08 2B06010201010500 04 02'sw'"),
	    "10.1.2.3 - name snmp sw\n");
	for (size_t i = 0; i < COUNTOF(none); i++)
		assert_string_equal(kit_of(&k, passing_snmp, none[i]), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lldp_names_device_port_and_what_it_is),
		cmocka_unit_test(a_siemens_description_is_read_part_by_part),
		cmocka_unit_test(cdp_names_switches),
		cmocka_unit_test(dcp_names_stations),
		cmocka_unit_test(snmp_answers_say_who_it_is),
		cmocka_unit_test(snmp_is_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
