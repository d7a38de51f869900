/* What is said at the beginning of streams: HTTP, TLS, SMB, DCE/RPC, remote desktop, greetings. */
#include "passing_kit.h"

/* ---- HTTP ---- */

#define OK "'HTTP/1.1 200 OK'0D0A"
#define HTML "'content-type: Text/HTML; charset=x'0D0A"

static void
a_web_server_says_what_it_is(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_HTTP);
	assert_string_equal(kit_of(&k, passing_http_answer, OK "'SERVER:  GoAhead/2.5 '0D0A"
	    "'WWW-Authenticate: Digest realm=\"PLC 7\", nonce=\"1\"'0D0A" HTML "0D0A"
	    "'<html><HEAD><title lang=en>'0A' CPU 315 '0A'</TITLE>'"),
	    "10.1.2.3 - server http GoAhead/2.5\n10.1.2.3 - http_realm http PLC 7\n10.1.2.3 - http_title http CPU 315\n");
	/* Lines that end in LF alone; no page; packed. */
	assert_string_equal(kit_of(&k, passing_http_answer, "'HTTP/1.0 200 OK'0A'Server: a'0A0A'<title>x</title>'"),
	    "10.1.2.3 - server http a\n");
	assert_string_equal(kit_of(&k, passing_http_answer, OK HTML "'Content-Encoding: gzip'0D0A 0D0A'<title>x</title>'"), "");
	/* Of a client it is a push. */
	k.x.from_server = false;
	assert_string_equal(kit_of(&k, passing_http_answer, OK "'Server: a'0D0A0D0A"), "");
}

static void
a_page_is_waited_for_until_its_title_is_there(void **unused)
{
	struct passing_kit k;
	static const char page[] = OK "'Server: a'0D0A" HTML "0D0A'<html><title>T</title>'";

	(void)unused;
	kit_open(&k, ATTR_BY_HTTP);
	k.x.last = false;
	kit_add(&k, page);
	for (size_t n = 0; n < k.n; n++) {
		/* Nothing is learned before all is there: it would be learned again. */
		bool all = n > k.n - 2;

		assert_int_equal(passing_http_answer(&k.x, cur_of(guard(k.bytes, n), n)), all ? PASSING_DONE : PASSING_MORE);
		assert_int_equal(k.out.len > 0, all);
	}
	k.out = strbuf_on(k.text, sizeof(k.text));
	/* A page without a title is over when its body begins; the end of what there is ends all. */
	assert_int_equal(passing_http_answer(&k.x, cur_of("HTTP/1.1 200 OK\r\nServer: a\r\nContent-Type: text/html\r\n\r\n<body>",
	    61)), PASSING_DONE);
	k.out = strbuf_on(k.text, sizeof(k.text));
	k.x.last = true;
	assert_int_equal(passing_http_answer(&k.x, cur_of("HTTP/1.1 200 OK\r\nServer: a\r\n", 28)), PASSING_DONE);
	assert_string_equal(k.text, "10.1.2.3 - server http a\n");
}

static void
a_web_client_names_the_server(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_HTTP);
	k.x.from_server = false;
	assert_string_equal(kit_of(&k, passing_http_request, "'GET / HTTP/1.1'0D0A'host: plc7.plant.example:8080'0D0A0D0A"),
	    "10.1.2.4 - fqdn http plc7.plant.example\n");
	assert_string_equal(kit_of(&k, passing_http_request, "'GET / HTTP/1.1'0D0A'Host: plc7'0D0A0D0A"),
	    "10.1.2.4 - hostname http plc7\n");
	assert_string_equal(kit_of(&k, passing_http_request, "'GET / HTTP/1.1'0D0A'Host: 10.1.2.4:80'0D0A0D0A"), "");
	assert_string_equal(kit_of(&k, passing_http_request, "'GET / HTTP/1.1'0D0A'Host: [fd00::1]'0D0A0D0A"), "");
	assert_string_equal(kit_of(&k, passing_http_request, "'GET / HTTP/1.1'0D0A'Host: localhost'0D0A0D0A"), "");
	/* A browser says its system, another program what it is. */
	assert_non_null(strstr(kit_of(&k, passing_http_request, "'GET / HTTP/1.1'0D0A'User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64) X/1'0D0A0D0A"),
	    "system http Windows NT 10.0\n"));
	assert_non_null(strstr(kit_of(&k, passing_http_request, "'GET / HTTP/1.1'0D0A'User-Agent: Ignition/8.1 (gateway)'0D0A'Host: 10.1.2.4'0D0A0D0A"),
	    "software http Ignition/8.1\n"));
	assert_string_equal(kit_of(&k, passing_http_request, "'GET / HTTP/1.1'0D0A'User-Agent: Mozilla/5.0 (X11)'0D0A'User-Agent:'0D0A0D0A"), "");
}

static void
upnp_devices_announce_themselves(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_MDNS);
	assert_string_equal(kit_of(&k, passing_ssdp, "'NOTIFY * HTTP/1.1'0D0A'HOST: 239.255.255.250:1900'0D0A"
	    "'SERVER: WinCE/6.00 UPnP/1.0 Host/1.0'0D0A0D0A"), "10.1.2.3 - server mdns WinCE/6.00 UPnP/1.0 Host/1.0\n");
	assert_string_equal(kit_of(&k, passing_ssdp, "'M-SEARCH * HTTP/1.1'0D0A'SERVER: no'0D0A0D0A"), "");
}

/* ---- TLS ---- */

/* A certificate of "plc7" (UTF-8) with the alternative name "plc7.x": version, serial 1, algorithm, issuer, validity,
 * subject, key, extensions. */
#define CERT "30 48 30 46 A0 03 02 01 02 02 01 01 30 00 30 00 30 00 " \
	"30 0F 31 0D 30 0B 06 03 550403 0C 04'plc7' 30 00 " \
	"A3 23 30 21 30 1F 06 03 551D11 01 01 FF 04 15 30 13 82 06'plc7.x' 82 09'10.1.2.3'00"

static void
a_client_hello_names_the_server(void **unused)
{
	struct passing_kit k;
	static const char hello[] = "16 0301 0041 01 00003D 0303 0000000000000000000000000000000000000000000000000000000000000000 "
	    "00 0002 1301 01 00 0012 0000 000E 000C 00 0009'plc7.site'";

	(void)unused;
	kit_open(&k, ATTR_BY_TLS);
	k.x.from_server = false;
	assert_string_equal(kit_of(&k, passing_tls, hello), "10.1.2.4 - fqdn tls plc7.site\n");
	/* It is waited for. */
	k.x.last = false;
	for (size_t n = 0; n < k.n; n++)
		assert_int_equal(passing_tls(&k.x, cur_of(guard(k.bytes, n), n)), PASSING_MORE);
	k.x.last = true;
	/* Another extension; a name longer than its list. */
	assert_string_equal(kit_of(&k, passing_tls, "16 0301 0034 01 000030 0303 "
	    "0000000000000000000000000000000000000000000000000000000000000000 00 0002 1301 01 00 0005 000A 0001 00"), "");
	assert_string_equal(kit_of(&k, passing_tls, "16 0301 0041 01 00003D 0303 "
	    "0000000000000000000000000000000000000000000000000000000000000000 00 0002 1301 01 00 0012 0000 000E 000C 00 000A'plc7.site'"), "");
}

static void
a_certificate_has_names(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_TLS);
	/* Server hello of two bytes, then the certificate, in one record. */
	assert_string_equal(kit_of(&k, passing_tls, "16 0303 005A 02 000002 0303 0B 000050 00004D 00004A " CERT),
	    "10.1.2.3 - tls_name tls plc7\n10.1.2.3 - tls_name tls plc7.x\n10.1.2.3 - tls_name tls 10.1.2.3\n");
}

static void
greetings_are_of_servers(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_BANNER);
	assert_string_equal(kit_of(&k, passing_ssh, "'SSH-2.0-dropbear_2019.78'0D0A0102"), "10.1.2.3 - server banner SSH-2.0-dropbear_2019.78\n");
	assert_string_equal(kit_of(&k, passing_ftp, "'220 VxWorks (5.5.1) FTP server'0D0A"), "10.1.2.3 - server banner VxWorks (5.5.1) FTP server\n");
	assert_string_equal(kit_of(&k, passing_ftp, "'220'0A"), "");
	k.x.last = false;
	assert_int_equal(passing_ssh(&k.x, cur_of("SSH-2.0-x", 9)), PASSING_MORE);
	k.x.from_server = false;
	assert_string_equal(kit_of(&k, passing_ssh, "'SSH-2.0-PuTTY'0D0A"), "");
}

/* ---- SMB ---- */

#define UTF16_HMI "48004D004900"	/* "HMI" */
/* A challenge: target empty, flags with Unicode, target information and version; information at 56. */
#define CHALLENGE "'NTLMSSP'00 02000000 0000 0000 38000000 01008002 0000000000000000 0000000000000000 2600 2600 38000000 " \
	"0A00 6345 0000000F 0100 0600 " UTF16_HMI " 0200 0800 53004900540045 00 0300 0800 48002E0078007900 00000000"

static void
a_server_of_smb_names_itself(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_SMB);
	/* SMB2 session setup, of which the blob may begin with anything. */
	k.n = 0;
	kit_add(&k, "00 0000B2 FE'SMB' 4000 0000 160000C0 0100");
	kit_fill(&k, 0, 50);
	kit_add(&k, "0900 0000 4800 0066 A1 81 " CHALLENGE);
	k.bytes[3] = (uint8_t)(k.n - 4);
	assert_string_equal(kit_read(&k, passing_smb), "10.1.2.3 - hostname smb HMI\n10.1.2.3 - domain smb SITE\n"
	    "10.1.2.3 - fqdn smb H.xy\n10.1.2.3 - system smb Windows NT 10.0 (build 17763)\n");
	/* The same over DCE/RPC; of a client a challenge says nothing. */
	k.n = 0;
	kit_add(&k, "05 00 0C 03 10000000 A000 6600 01000000 " CHALLENGE);
	k.bytes[8] = (uint8_t)k.n;
	assert_string_equal(kit_read(&k, passing_dcerpc), "10.1.2.3 - hostname smb HMI\n10.1.2.3 - domain smb SITE\n"
	    "10.1.2.3 - fqdn smb H.xy\n10.1.2.3 - system smb Windows NT 10.0 (build 17763)\n");
	k.x.from_server = false;
	assert_string_equal(kit_read(&k, passing_dcerpc), "");
}

static void
a_client_of_smb_names_itself(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_SMB);
	k.x.from_server = false;
	/* NetBIOS session request, then SMB1 session setup: 12 words, blob (NTLM answer), system, LAN manager. */
	k.n = 0;
	kit_add(&k, "81 000044 20'EIENEJCACACACACACACACACACACACACA'00 20'EIENEJCACACACACACACACACACACACAAA'00 "
	    "00 000000 FF'SMB'73 00000000 18 0780 000000000000000000000000 00000000 00000000 "
	    "0C FF 00 0000 0040 0100 0000 00000000 4E00 00000000 00000000 5900 "
	    "'NTLMSSP'00 03000000 0000 0000 00000000 0000 0000 00000000 0000 0000 00000000 0000 0000 00000000 "
	    "0600 0600 48000000 0000 0000 00000000 01000002 0501280A0000000F " UTF16_HMI
	    "00 570031000000 4C000000");
	k.bytes[75] = (uint8_t)(k.n - 76);
	assert_string_equal(kit_read(&k, passing_smb), "10.1.2.4 - hostname smb HMI\n10.1.2.3 - hostname smb HMI\n"
	    "10.1.2.3 - hostname smb HMI\n10.1.2.3 - system smb Windows NT 5.1 (build 2600)\n"
	    "10.1.2.3 - system smb W1\n10.1.2.3 - software smb L\n");
}

static void
remote_desktop_is_tls_behind_its_negotiation(void **unused)
{
	struct passing_kit k;

	(void)unused;
	kit_open(&k, ATTR_BY_TLS);
	assert_string_equal(kit_of(&k, passing_rdp, "0300 0013 0E D0 0000 1234 00 02 1F 0800 01000000 "
	    "16 0303 005A 02 000002 0303 0B 000050 00004D 00004A " CERT),
	    "10.1.2.3 - tls_name tls plc7\n10.1.2.3 - tls_name tls plc7.x\n10.1.2.3 - tls_name tls 10.1.2.3\n");
	/* A connection of S7, and lengths that lie. */
	k.x.last = false;
	assert_string_equal(kit_of(&k, passing_rdp, "0300 0016 11 E0 0000 0001 00 C0 01 0A C1 02 0100 C2 02 0102"), "");
	assert_int_equal(passing_rdp(&k.x, cur_of(k.bytes, k.n)), PASSING_DONE);
	assert_string_equal(kit_of(&k, passing_rdp, "0300 0001 11 E0 0000 0001 00"), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_web_server_says_what_it_is),
		cmocka_unit_test(a_page_is_waited_for_until_its_title_is_there),
		cmocka_unit_test(a_web_client_names_the_server),
		cmocka_unit_test(upnp_devices_announce_themselves),
		cmocka_unit_test(a_client_hello_names_the_server),
		cmocka_unit_test(a_certificate_has_names),
		cmocka_unit_test(greetings_are_of_servers),
		cmocka_unit_test(a_server_of_smb_names_itself),
		cmocka_unit_test(a_client_of_smb_names_itself),
		cmocka_unit_test(remote_desktop_is_tls_behind_its_negotiation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
