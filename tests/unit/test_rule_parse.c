/* What rules may say, what is complained of, and where. */
#include "rule_kit.h"

#include <errno.h>
#include <glob.h>

#include "stream/stream.h"

#define HEAD "alert tcp any any -> any any (sid:1; "

/* The options of a rule, printed. */
static void
prints(const char *options, const char *want)
{
	struct kit k;
	char text[1024], *got;

	(void)snprintf(text, sizeof(text), "%s%s)", strncmp(options, "alert", 5) == 0 ? "" : HEAD, options);
	assert_true(kit_read(&k, text, strlen(text), NULL));
	if (k.set.n_rules != 1 && strstr(options, "tls") != NULL && flow_risk_name(1) == NULL) {
		kit_free(&k);
		return;		/* built without nDPI: left out, with that reason */
	}
	if (k.set.n_rules != 1) {
		err_print(&k.problems, stderr);
		err_print(&k.notes, stderr);
		fail_msg("not loaded: %s", options);
	}
	got = kit_print(&k.set, &k.set.rules[0]);
	if (strstr(got, want) == NULL)
		fail_msg("%s\nis printed as\n%s\nwithout\n%s", options, got, want);
	free(got);
	kit_same_again(&k.set, &k.set.rules[0]);
	kit_free(&k);
}

static void
both_spellings_give_one(void **unused)
{
	static const struct { const char *in, *out; } rows[] = {
		{ "content:\"x\",nocase,offset 3,depth 5;", "content:\"x\"; nocase; offset:3; depth:5;" },
		{ "content:\"x\"; nocase; offset:3; depth:5;", "content:\"x\"; nocase; offset:3; depth:5;" },
		{ "content: ! \"|0A fF|a\\;b\" ;", "content:!\"|0a ff|a|3b|b\";" },
		{ "content:\"a\"; content:\"b\"; distance : -3; within:10;", "content:\"b\"; distance:-3; within:10;" },
		{ "content:\"abcd\"; fast_pattern:1,2;", "fast_pattern:1,2;" },
		{ "content:\"abcd\",fast_pattern,fast_pattern_offset 1,fast_pattern_length 2;", "fast_pattern:1,2;" },
		{ "flow: from_client , established;", "flow:to_server,established;" },
		{ "threshold: type limit, track by_src, count 1 , seconds 60;", "threshold:type limit,track by_src,count 1,seconds 60;" },
		{ "threshold:type backoff, track by_flow, count 1, multiplier 10;", "type backoff,track by_flow,count 1,multiplier 10" },
		{ "detection_filter:track by_dst, count 3, seconds 9, unique_on dst_port;", "count 3,seconds 9,unique_on dst_port" },
		{ "flags:F+;", "flags:+F;" }, { "flags:SA,CE;", "flags:SA,EC;" }, { "flags:0;", "flags:0;" },
		{ "flags:!AS;", "flags:!SA;" }, { "fragbits:*MD;", "fragbits:*MD;" },
		{ "dsize:10<>13;", "dsize:10<>13;" }, { "dsize: > 300;", "dsize:>300;" }, { "ttl:1-5;", "ttl:1-5;" },
		{ "tos:!x10;", "tos:!x10;" }, { "ip_proto:udp;", "ip_proto:udp;" }, { "icmp_id:0;", "icmp_id:0;" },
		{ "byte_test:1, !& , 0x80,7,relative,little;", "byte_test:1,!&,128,7,relative,little;" },
		{ "byte_test:5,>=,10,0,string,hex;", "byte_test:5,>=,10,0,string hex;" },
		{ "byte_jump:2,4,from_beginning,post_offset -1,align,multiplier 2;", "byte_jump:2,4,multiplier 2,align 4,from_beginning,post_offset -1;" },
		{ "byte_extract:2,4,len,relative; content:\"x\"; offset:len;", "byte_extract:2,4,var0,relative; content:\"x\"; offset:var0;" },
		{ "byte_math:bytes 2, offset 4, oper +, rvalue 6, result end, endian little; isdataat:end;", "rvalue 6,result var0,endian little; isdataat:var0;" },
		{ "pcre:\"/a\"b/i\"; content:\"c\";", "pcre:\"/a\"b/i\"; content:\"c\";" },
		{ "pcre:\"/a\"b;c/\"; content:\"c\";", "pcre:\"/a\"b;c/\"; content:\"c\";" },
		{ "byte_test:5,>,10,0,dec,string;", "byte_test:5,>,10,0,string dec;" },
		{ "byte_test:5,>,10,0,string,hex,relative;", "relative,string hex;" },
		{ "content:\"x\"; endswith; within:5;", "within:5; endswith;" },
		{ "xbits:set,bad,track ip_src expire 60;", "xbits:set,bad,track ip_src,expire 60;" },
		{ "stream_size:client,>,6;", "stream_size:client,>,6;" }, { "stream_size: both , != , 6;", "stream_size:both,!=,6;" },
		{ "flowint:tries, +, 1;", "flowint:tries,+,1;" }, { "flowint:tries,>=,most;", "flowint:tries,>=,most;" },
		{ "flowint:tries,isnotset;", "flowint:tries,notset;" },
		{ "ot.time:!mon-fri 06:00-18:00, sat;", "ot.time:!mon-fri 06:00-18:00, sat;" },
		{ "stream-event:reassembly_seq_gap;", "stream-event:reassembly_seq_gap;" },
		{ "decode-event:fragment_tiny;", "decode-event:fragment_tiny;" },
		{ "requires:version >= 7.0.3 < 9, keyword dnp3_func;", "requires:version >= 7.0.3 < 9, keyword dnp3_func;" },
		{ "pcre:!\"/a\\/b/iR\";", "pcre:!\"/a\\/b/iR\";" }, { "pcre:\"m#a/b#sA\";", "pcre:\"/a/b/sA\";" },
		{ "flowbits:isset,a|b;", "flowbits:isset,a|b;" }, { "flowbits:noalert;", "flowbits:noalert;" },
		{ "xbits:set,bad,track ip_pair,expire 60;", "xbits:set,bad,track ip_pair,expire 60;" },
		{ "app-layer-protocol:!MODBUS;", "app-layer-protocol:!modbus;" },
		{ "app-layer-event:modbus.invalid_length;", "app-layer-event:modbus.invalid_length;" },
		{ "app-layer-event:dnp3.len_too_small;", "app-layer-event:dnp3.len_too_small;" },
		{ "app-layer-event:dnp3.too_long_reassembly;", "app-layer-event:dnp3.too_long_reassembly;" },
		{ "geoip:src,!nl,DE;", "geoip:src,!NL,DE;" },
		{ "modbus: unit 1<>10, function 3;", "modbus:unit 1<>10,function 3;" },
		{ "modbus: function !reserved;", "modbus:function !reserved;" },
		{ "modbus: access write holding, address 500<>1000, value >200;", "modbus:access write holding,address 500<>1000,value >200;" },
		{ "modbus: function 8, subfunction 4;", "modbus:function 8,subfunction 4;" },
		{ "modbus_func:write_multiple_registers;", "modbus_func:write_multiple_registers;" },
		{ "dnp3.func:cold_restart;", "dnp3_func:cold_restart;" },
		{ "dnp3_ind:0x8000;", "dnp3_ind:device_restart;" }, { "dnp3.ind:!0;", "dnp3_ind:!0;" },
		{ "dnp3_ind:!need_time, device_restart;", "dnp3_ind:device_restart,!need_time;" },
		{ "dnp3_ind:+need_time,device_restart,!device_trouble;", "dnp3_ind:+device_restart,need_time,!device_trouble;" },
		{ "dnp3_ind:!need_time;", "dnp3_ind:-need_time;" }, { "dnp3_ind:=need_time;", "dnp3_ind:=need_time;" }, { "dnp3.obj: 12 , 1;", "dnp3_obj:12,1;" },
		{ "dnp3_data; content:\"|c3|\"; pkt_data; content:\"x\";", "dnp3_data; content:\"|c3|\"; pkt_data; content:\"x\";" },
		{ "s7comm_function:0x29;", "s7comm.function:0x29;" }, { "s7comm.area:db,output;", "s7comm.area:db,output;" },
		{ "s7comm.block:ob 1;", "s7comm.block:OB 1;" }, { "s7commplus_func:explore;", "s7commplus_func:explore;" },
		{ "ot.intent:write, operate;", "ot.intent:write, operate;" }, { "ot.value:>99.5;", "ot.value:>99.5;" },
		{ "ot.latency:>500ms;", "ot.latency:>500ms;" }, { "ot.number:[1,3,16-20];", "ot.number:[1,3,16-20];" },
		{ "ot.anomaly:!quantity_out_of_range;", "ot.anomaly:!quantity_out_of_range;" },
		{ "asset.role:client,!engineering;", "asset.role:client,!engineering;" }, { "asset.new;", "asset.new;" },
		{ "msg:\"a \\\"b\\\" \\; c\";", "msg:\"a \\\"b\\\" \\; c\";" },
		{ "alert udp 10.0.0.0/8 any <> [1.2.3.4,!1.2.3.5] ![1:1024,5000] (sid:7;", "alert udp 10.0.0.0/8 any <> [1.2.3.4,!1.2.3.5] ![1:1024,5000] ( sid:7;)" },
		{ "alert tls (sid:7;", "alert tls any any -> any any ( sid:7;)" },
		{ "alert ip6 any any -> any any (sid:7;;", "alert ipv6 any any -> any any ( sid:7;)" },
		{ "alert tcp-pkt any any -> any [ 502 , 20000 ] (sid:7; gid:2; rev:3; priority:1;", "alert tcp-pkt any any -> any [502,20000] ( sid:7; gid:2; rev:3; priority:1;)" },
	};

	(void)unused;
	for (size_t i = 0; i < COUNTOF(rows); i++)
		if (flow_app_name(0) != NULL || strncmp(rows[i].in, "alert tls", 9) != 0)
			prints(rows[i].in, rows[i].out);
}

/* Each example of the manual loads, and comes back. */
static void
every_example_loads(void **unused)
{
	const struct tag_row set_point = { .text = { [TAG_COL_NAME] = "chlorine set-point", [TAG_COL_ADDRESS] = "10.20.1.12 unit 1 holding 0" } };
	struct err e = { 0 };

	(void)unused;
	kit_tags = tags_none();
	assert_true(tags_add(kit_tags, "made", &set_point, &e));
	assert_int_equal(tags_made(kit_tags, "made", &e), 0);
	for (unsigned w = 0; w < RULE_WORD_COUNT; w++) {
		const struct rule_word_row *row = rule_word_row((enum rule_word)w);
		bool modifier = row->operand == OPERAND_MODIFIER, sticky = row->applies == APPLIES_STICKY;
		char text[512];
		struct kit k;

		/* Risks are nDPI's. */
		if (w == RW_NDPI_RISK && flow_app_name(0) == NULL)
			continue;
		/* Examples with files need the files. */
		if (w == RW_NDPI_RISK && flow_risk_name(1) == NULL)
			continue;	/* built without nDPI */
		if (w == RW_DATASET || w == RW_DATAREP || w == RW_IPREP || w == RW_IP_SRC || w == RW_IP_DST)
			continue;
		(void)snprintf(text, sizeof(text), "alert ip any any -> any any (%s%s%s; %s%s)",
		    modifier ? "content:\"xyz\"; content:\"a\"; " : w == RW_OT_CHANGE ? "ot.tag:\"chlorine set-point\"; " : "", row->example, "",
		    sticky ? "content:\"x\"; " : "", w == RW_SID ? "" : "sid:1;");
		assert_true(kit_read(&k, text, strlen(text), NULL));
		if (k.set.n_rules != 1) {
			err_print(&k.problems, stderr);
			err_print(&k.notes, stderr);
			fail_msg("%s", text);
		}
		kit_same_again(&k.set, &k.set.rules[0]);
		kit_free(&k);
		assert_true(strlen(row->what) > 5 && row->what[strlen(row->what) - 1] == '.');
		assert_int_equal(rule_word_find(row->text, strlen(row->text)), w);
	}
	tags_close(kit_tags);
	kit_tags = NULL;
}

/* What is wrong, where it is, and what would be right. */
static void
complaints_name_the_place(void **unused)
{
	static const struct { const char *rule, *want; } rows[] = {
		{ "alert tcp any any -> any any (contnet:\"x\"; sid:1;)", "1:31: there is no rule word 'contnet'; did you mean 'content'?" },
		{ HEAD "ot.time:mo 06:00-18:00;)", "'mo' is no day or range of days" },
		{ HEAD "ot.time:mon-fri 6-18;)", "'6-18' is no time of the day" },
		{ HEAD "ot.time:06:00-25:00;)", "is no time of the day" },
		{ HEAD "flowint:tries;)", "flowint is name," }, { HEAD "flowint:tries,?,1;)", "'?' is none of" },
		{ HEAD "stream_size:peer,>,1;)", "'peer' is none of client, server" },
		{ HEAD "requires:something;)", "requires is keyword word" },
		{ "alert modbsu any any -> any any (sid:1;)", "1:7: no conversation is ever called 'modbsu': the rule can never match; did you mean 'modbus'?" },
		{ "alert tcp any any -> any any (app-layer-protocol:!modbsu; sid:1;)", "1:51: no conversation is ever called 'modbsu'" },
		{ "alert xyzzy any any -> any any (sid:1;)", "1:7: no conversation is ever called 'xyzzy'" },
		{ "alert rdpp any any -> any any (sid:1;)", "did you mean 'rdp'?" },
		{ HEAD "modbus_func:200;)", "1:38: modbus_func goes from 0 to 127, and none of them passes 200: it can never match" },
		{ HEAD "modbus:function 128;)", "a function goes from 0 to 127" },
		{ HEAD "dnp3_func:>255;)", "dnp3_func goes from 0 to 255" },
		{ HEAD "s7comm.function:0x710;)", "s7comm.function goes from 0 to 1807" },
		{ "alert modbus any any -> any any (ot.function:128; sid:1;)", "ot.function goes from 0 to 127" },
		{ HEAD "modbus_func:3; dnp3_func:1;)", "1:53: dnp3_func is of another protocol than the rule's modbus_func" },
		{ HEAD "app-layer-protocol:dnp3; ot.space:holding;)", "ot.space is of another protocol than the rule's app-layer-protocol" },
		{ "alert enip any any -> any any (ot.intent:write; sid:1;)", "ot.intent is of another protocol than the rule's enip" },
		{ "alert tcp any any -> any any (sid:5000000;)", "sid 5000000 is one of the sensor's own" },
		{ "alert tcp any any -> any any (sid:5099999; gid:7;)", "sid 5099999 is one of the sensor's own" },
		{ "alret tcp any any -> any any (sid:1;)", "1:1: a rule begins with alert, drop, pass, reject or log, not 'alret'; did you mean 'alert'?" },
		{ "alert tcp any any any any (sid:1;)", "1:23: the rule's head is" },
		{ "alert tcp any any <- any any (sid:1;)", "1:19: the direction is -> or <>, not '<-'; swap the ends and write ->" },
		{ "alert tcp any any -> any any (sid:1;", "1:30: the parenthesis that opens here is never closed" },
		{ "alert tcp any any -> any any (msg:\"x; sid:1;)", "1:31: the quotes of msg are never closed" },
		{ "alert tcp any any -> any any (msg:\"x\"; sid:1)", "1:40: a ';' is missing behind sid" },
		{ "alert tcp any any -> any any (msg:\"x\";)", "1:1: the rule has no sid" },
		{ "alert tcp any any -> any any (sid:0;)", "1:35: sid must be a number from 1" },
		{ "alert tcp 10.0.0.300 any -> any any (sid:1;)", "1:11: '10.0.0.300' is no IP address" },
		{ "alert tcp 10.0.0.0/33 any -> any any (sid:1;)", "1:11: '10.0.0.0/33': behind / stands a prefix length of 0 to 32" },
		{ "alert tcp [10.0.0.1,!10.0.0.0/8] any -> any any (sid:1;)", "1:11: nothing is left of" },
		{ "alert tcp any 70000 -> any any (sid:1;)", "1:15: '70000': ports are 0 to 65535" },
		{ "alert tcp $NOWHERE any -> any any (sid:1;)", "1:11: $NOWHERE is not set; add it to the configuration" },
		{ "alert tcp $HOME_NETT any -> any any (sid:1;)", "or did you mean $HOME_NET?" },
		{ HEAD "nocase; content:\"x\";)", "1:38: nocase belongs behind a content" },
		{ HEAD "content:\"abc\"; depth:2;)", "1:38: depth 2 is shorter than the content's 3 bytes" },
		{ HEAD "content:\"abc\"; offset:1; distance:2;)", "1:38: offset and depth count from the start" },
		{ HEAD "content:\"a\"; fast_pattern; content:\"b\"; fast_pattern;)", "1:65: only one content can be the fast pattern" },
		{ HEAD "content:\"a\"; depth:2; depth:3;)", "1:60: depth twice for the same content" },
		{ HEAD "content:\"|0g|\";)", "1:49: 'g' is no hexadecimal digit" },
		{ HEAD "content:\"|0|\";)", "1:49: an odd number of hexadecimal digits" },
		{ HEAD "content:\"\";)", "1:47: an empty content" },
		{ HEAD "content:x;)", "1:46: the value must stand in quotes" },
		{ HEAD "content:\"abc\"; startswith; offset:2;)", "1:38: startswith says where" },
		{ HEAD "content:\"abcd\"; dsize:<3;)", "1:38: dsize allows 2 bytes" },
		{ HEAD "flow:only_stream; dsize:>3;)", "1:56: dsize looks at packets" },
		{ HEAD "flow:to_server,to_client;)", "1:43: flow contradicts itself" },
		{ HEAD "flow:to_srever;)", "1:43: 'to_srever' is no word of flow" },
		{ HEAD "dnp3_data; pkt_data; content:\"x\";)", "1:38: nothing looks into dnp3_data" },
		{ HEAD "dnp3_data;)", "1:38: nothing looks into dnp3_data" },
		{ HEAD "pcre:\"/(/\";)", "the expression is not right here" },
		{ HEAD "pcre:\"/a/q\";)", "1:47: 'q' is no flag of pcre" },
		{ HEAD "dsize:5<>6;)", "1:44: no number lies between 5 and 6" },
		{ HEAD "dsize:x;)", "1:44: 'x' is not a number" },
		{ HEAD "byte_test:9,=,1,0;)", "1:48: a number has 1 to 8 bytes here" },
		{ HEAD "byte_test:1,~,1,0;)", "1:50: a comparison is one of" },
		{ HEAD "byte_jump:1;)", "an operand is missing" },
		{ HEAD "isdataat:len;)", "neither a number nor set by a byte_extract" },
		{ HEAD "modbus:address 1;)", "1:45: address needs access with a table" },
		{ HEAD "modbus:access write discretes;)", "1:58: nobody can write discretes" },
		{ HEAD "modbus_func:read_cols;)", "1:50: 'read_cols' is no Modbus function; did you mean" },
		{ HEAD "dnp3_ind:-!need_time;)", "1:47: '!' says nothing behind '-' or '=', and contradicts the same name without it" },
		{ HEAD "dnp3_ind:device_restrt;)", "1:47: 'device_restrt' is no internal indication; did you mean 'device_restart'?" },
		{ HEAD "ot.intent:wrte;)", "1:48: 'wrte' is not known to ot.intent; did you mean 'write'?" },
		{ HEAD "app-layer-event:modbus.nothing;)", "1:61: modbus has no event 'nothing'" },
		{ HEAD "threshold:type limit,track by_src,count 1;)", "threshold needs type, track, count and seconds" },
		{ HEAD "threshold:type limit,track by_src,count 1,seconds 1; detection_filter:track by_src,count 1,seconds 1;)", "detection_filter and threshold exclude each other" },
		{ "alert dnp3 any any -> any any (modbus_func:1; sid:1;)", "1:32: modbus_func is of another protocol than the rule's dnp3: it can never match" },
		{ "alert tcp any any -> any any ( \\\n  msg:\"x\"; \\\n  frobnicate:3; sid:1;)", "3:3: there is no rule word 'frobnicate'" },
		{ "var HOME_NET any", "1:1: variables are set in the configuration" },
	};

	(void)unused;
	for (size_t i = 0; i < COUNTOF(rows); i++) {
		struct kit k;
		char *text = NULL;
		size_t n;
		FILE *f = open_memstream(&text, &n);

		assert_true(kit_read(&k, rows[i].rule, strlen(rows[i].rule), NULL));
		assert_int_equal(k.set.n_rules, 0);
		assert_int_equal(k.set.n_bad, 1);
		err_print(&k.problems, f);
		assert_int_equal(fclose(f), 0);
		if (strstr(text, rows[i].want) == NULL)
			fail_msg("%s\nsays\n%swithout\n%s", rows[i].rule, text, rows[i].want);
		free(text);
		kit_free(&k);
	}
}

static void
others_protocols_are_left_out(void **unused)
{
	static const char *const options[] = { "http.uri; content:\"x\";", "tls.sni; content:\"x\";", "dns.query; content:\"x\";",
	    "smb.named_pipe; content:\"x\";", "cip_service:5;", "enip_command:99;", "http_uri; content:\"x\";", "urilen:5;", "pcre:\"/x/U\";",
	    "mms_func:initiate_request;", "file_data; content:\"x\";", "lua:x.lua;", "app-layer-event:http.gzip_decompression_failed;",
	    "app-layer-event:modbus.invalid_unit_identifier;",
	    "requires:keyword foobar;", "flowvar:a,+,1;", "decode-event:ipv4.opt_pad_required;" };
	static const char *const whole[] = {
		"alert ( msg:\"decoder\"; gid:116; sid:4; rev:1; metadata:rule-type decode;)",
		"config tcp any any -> any any (config: logging disable, type tx, scope tx; sid:4;)" };

	(void)unused;
	for (size_t i = 0; i < COUNTOF(options) + COUNTOF(whole); i++) {
		bool is_option = i < COUNTOF(options);
		const char *said = is_option ? options[i] : whole[i - COUNTOF(options)];
		struct kit k;
		char text[256];

		(void)snprintf(text, sizeof(text), "%s%s%s", is_option ? HEAD : "", said, is_option ? ")" : "");
		assert_true(kit_read(&k, text, strlen(text), NULL));
		if (k.set.n_skipped != 1 || k.problems.n != 0 || k.notes.n != 1) {
			err_print(&k.problems, stderr);
			fail_msg("%s", said);
		}
		assert_non_null(strstr(k.notes.first->text, "left out"));
		kit_free(&k);
	}
}

static void
lines_end_as_they_like(void **unused)
{
	static const char text[] = "\xef\xbb\xbf# comment \\\n"
	    "alert tcp any any -> any any (sid:1;)\r\n\r\r# a\r"
	    "alert tcp any any -> any any (sid:2;)\ralert tcp any any -> any any ( \\\n# between\n  msg:\"a (b) \\\n"
	    "c\";; sid:3; \\  \r\n)\n"
	    "  ; a comment of Snort\n"
	    "alert tcp any any -> any any\n(\n  # inside\n  msg:\"x\";\n  sid:4;\n)\n"
	    "alert tcp any any -> any any (msg:\"open\"; sid:5;\n"
	    "alert tcp any any -> any any (sid:6;)  # a comment (with these)\n"
	    "alert tcp any any -> any any (metadata:a (b), c d; sid:7;)";
	static const uint32_t lines[] = { 2, 6, 7, 13, 20, 21 };
	struct kit k;

	(void)unused;
	assert_true(kit_read(&k, text, sizeof(text) - 1, NULL));
	assert_int_equal(k.set.n_bad, 1);
	assert_int_equal(k.problems.n, 1);
	assert_int_equal(k.problems.first->line, 19);
	assert_int_equal(k.set.n_rules, COUNTOF(lines));
	for (size_t i = 0; i < COUNTOF(lines); i++)
		assert_int_equal(k.set.rules[i].meta.line, lines[i]);
	assert_string_equal(k.set.rules[2].meta.msg, "a (b) c");
	assert_string_equal(k.set.rules[5].meta.metadata[0].value, "(b)");
	assert_null(strpbrk(k.set.rules[2].meta.text, "\r\n"));
	kit_free(&k);
}

static void
metadata_is_what_alerts_need(void **unused)
{
	static const char text[] = "drop tcp any any -> any any (msg:\"m\"; classtype:attempted-recon; reference:url,example.org/a; "
	    "reference:cve,2020-1; metadata:mitre_technique_id T0836, mitre_technique_id T0855, tactic none, created_at 2026_01_01; sid:9; gid:3; rev:4;)\n"
	    "alert tcp any any -> any any (classtype:of-ours; priority:7; sid:10;)\n"
	    "alert tcp any any -> any any (msg:\"twice\"; sid:10;)";
	struct kit k;
	const struct rule_metadata *c;

	(void)unused;
	assert_true(kit_read(&k, text, sizeof(text) - 1, NULL));
	assert_int_equal(k.set.n_rules, 2);
	assert_int_equal(k.set.n_duplicates, 1);
	c = &k.set.rules[0].meta;
	assert_string_equal(c->action, "drop");
	assert_string_equal(c->category, "Attempted Information Leak");
	assert_int_equal(c->severity, 2);
	assert_int_equal(c->gid, 3);
	assert_string_equal(c->techniques, "T0836 T0855");
	assert_int_equal(c->n_references, 2);
	assert_string_equal(c->references[0], "http://example.org/a");
	assert_int_equal(c->n_metadata, 4);
	assert_string_equal(c->metadata[3].key, "created_at");
	assert_int_equal(k.set.rules[1].meta.severity, 7);
	assert_non_null(strstr(k.notes.first->text, "of-ours"));
	kit_free(&k);
}

/* Names of others for what nDPI calls otherwise. */
static void
names_of_others_are_known(void **unused)
{
	static const char *const heads[] = { "smb", "dcerpc", "krb5", "rfb", "ftp", "ftp-data", "iec104", "enip", "bacnet",
	    "s7commplus", "http2", "ssl", "tls.google", "cip", "EtherNet/IP" };
	static const char *const skipped[] = { "goose", "mms", "opcua", "profinet" };
	char text[160];
	struct kit k;

	(void)unused;
	for (size_t i = 0; i < COUNTOF(heads); i++) {
		(void)snprintf(text, sizeof(text), "alert %s any any -> any any (sid:1;)", heads[i]);
		assert_true(kit_read(&k, text, strlen(text), NULL));
		if (k.set.n_rules != 1 && !(k.set.n_skipped == 1 && flow_risk_name(1) == NULL))
			fail_msg("not loaded: %s", text);
		kit_free(&k);
	}
	for (size_t i = 0; i < COUNTOF(skipped); i++) {
		(void)snprintf(text, sizeof(text), "alert %s any any -> any any (sid:1;)", skipped[i]);
		assert_true(kit_read(&k, text, strlen(text), NULL));
		assert_int_equal(k.set.n_skipped, 1);
		assert_int_equal(k.problems.n, 0);
		kit_free(&k);
	}
}

/* nDPI's names are those of the library that is linked; a newer one may have others. */
static void
the_names_are_ndpis(void **unused)
{
	char *names;

	(void)unused;
	if (flow_risk_name(1) == NULL) {
		print_message("skipped: built without nDPI\n");
		skip();
	}
	names = flow_app_names();
	assert_non_null(names);
	assert_non_null(strstr(names, "\nrdp\n"));
	assert_null(strstr(names, "modbsu"));
	free(names);
}

static unsigned apps_asked;

static char *
some_apps(void)
{
	apps_asked++;
	return strdup("\nnewer\nyonder\n");
}

static bool
risks_alone(enum rule_names list, uint32_t i, struct rule_name *out)
{
	*out = (struct rule_name){ .name = "risk" };
	return list == NAMES_NDPI_RISK && i == 0;
}

/* Asking nDPI is slow: once a load, however many names it knows or not. */
static void
ndpi_is_asked_once(void **unused)
{
	static const char text[] = "alert newer any any -> any any (sid:1;)\n"
	    "alert yonder any any -> any any (sid:2;)\nalert yonde any any -> any any (sid:3;)\n"
	    "alert tcp any any -> any any (app-layer-protocol:newer; sid:4;)\n";
	const struct rule_lookup names = { .nth = risks_alone, .apps = some_apps };
	const struct rules_from from = { .lookup = &names };
	struct err problems = { 0 }, notes = { 0 };
	struct rule_set set;

	(void)unused;
	apps_asked = 0;
	assert_true(rules_load_text(&set, &from, "t.rules", text, sizeof(text) - 1, &problems, &notes));
	assert_int_equal(apps_asked, 1);
	assert_int_equal(set.n_rules, 3);
	assert_int_equal(problems.n, 1);
	rule_set_free(&set);
	err_free(&problems);
	err_free(&notes);
}

/* Of two with one number the higher revision is kept, whichever came first. */
static void
the_higher_revision_wins(void **unused)
{
	static const char text[] = "alert tcp any any -> any any (msg:\"one\"; sid:1; rev:2;)\n"
	    "alert tcp any any -> any any (msg:\"two\"; sid:1; rev:10;)\n"
	    "alert tcp any any -> any any (msg:\"three\"; sid:1; rev:9;)\n"
	    "alert tcp any any -> any any (msg:\"four\"; sid:1; rev:10;)\n"
	    "alert tcp any any -> any any (msg:\"other\"; sid:1; gid:2; rev:11;)\n";
	struct kit k;

	(void)unused;
	assert_true(kit_read(&k, text, sizeof(text) - 1, NULL));
	assert_int_equal(k.set.n_rules, 2);
	assert_int_equal(k.set.n_duplicates, 3);
	assert_int_equal(k.set.n_clashes, 1);
	assert_string_equal(k.set.rules[0].meta.msg, "two");
	assert_int_equal(k.set.rules[0].index, 0);
	kit_free(&k);
}

/* Rules that nothing here could make true are left out, and say so. */
static void
what_nothing_answers_is_left_out(void **unused)
{
	static const char text[] = "alert tcp any any -> any any (asset.zone:client,control; sid:1;)\n"
	    "alert tcp any any -> any any (http.uri; content:\"|zz|\"; depth:x; sid:3;)\n"
	    "alert dnp3 any any -> any any (msg:\"x\"; cip_service:5; modbus_func:3; nonsense; sid:4;)\n";
	static const char named[] = "alert ip any any -> any any (asset.zone:[office,Outside]; sid:1;)\n"
	    "alert ip any any -> any any (asset.zone:ofice; sid:2;)\n";
	static struct zones_settings zones;
	struct kit k;

	(void)unused;
	kit_zones = &zones;
	assert_true(kit_read(&k, text, sizeof(text) - 1, &(struct rules_settings){ 0 }));
	assert_int_equal(k.set.n_rules, 0);
	assert_int_equal(k.set.n_skipped, 3);
	assert_int_equal(k.problems.n, 0);
	assert_non_null(strstr(k.notes.first->text, "there are none in the configuration (zones)"));
	kit_free(&k);
	/* With zones each name must be one. */
	zones.n = 2;
	zones.of[0].name = "control";
	zones.of[1].name = "office";
	assert_true(kit_read(&k, named, sizeof(named) - 1, &(struct rules_settings){ 0 }));
	assert_int_equal(k.set.n_rules, 1);
	assert_int_equal(k.problems.n, 1);
	assert_string_equal(k.problems.first->text, "there is no zone 'ofice' in the configuration; did you mean 'office'?");
	kit_free(&k);
	assert_true(kit_read(&k, "alert ip any any -> any any (asset.role:controler; sid:1;)\n", 59, &(struct rules_settings){ 0 }));
	assert_int_equal(k.set.n_rules, 0);
	assert_string_equal(k.problems.first->text, "'controler' is no role of a device; did you mean 'controller'?");
	kit_zones = NULL;
	kit_free(&k);
}

/* Files that others wrote: all load, and come back. */
static void
foreign_files_come_back(void **unused)
{
	static const char *const patterns[] = { "suricata/oracle.rules", "truth/quickdraw/*.rules" };
	const char *corpus = getenv("THERMOWELL_CORPUS");

	(void)unused;
	if (corpus == NULL) {
		print_message("skipped: THERMOWELL_CORPUS is not set\n");
		skip();
	}
	for (size_t i = 0; i < COUNTOF(patterns); i++) {
		char path[512];
		glob_t g;

		(void)snprintf(path, sizeof(path), "%s/%s", corpus, patterns[i]);
		if (glob(path, 0, NULL, &g) != 0)
			continue;
		for (size_t f = 0; f < g.gl_pathc; f++) {
			const struct rules_from from = { .files = (const char *const *)&g.gl_pathv[f], .n_files = 1, .lookup = &engine_names };
			struct kit k = { 0 };

			assert_true(rules_load(&k.set, &from, &k.problems, &k.notes));
			err_print(&k.problems, stderr);
			assert_int_equal(k.set.n_bad + k.set.n_skipped, 0);
			assert_true(k.set.n_rules > 0);
			for (uint32_t r = 0; r < k.set.n_rules; r++)
				kit_same_again(&k.set, &k.set.rules[r]);
			kit_free(&k);
		}
		globfree(&g);
	}
}

static void
explains_in_words(void **unused)
{
	static const char text[] = "alert modbus !$HOME_NET any -> any 502 (msg:\"m\"; modbus_func:5; flow:to_server; "
	    "content:\"|ff 00|\"; offset:4; depth:2; flowbits:set,w; threshold:type both,track by_src,count 2,seconds 9; sid:1;)";
	static const char *const want[] = { "1:1 revision 0: m", "from !$HOME_NET to any address port 502", "(Write Single Coil)",
	    "the bytes go to the server", "contains \"|ff 00|\", from byte 4 on, within 2 bytes", "sets the mark \"w\"",
	    "one alert in 9 seconds for each source that matches 2 times", "raises an alert" };
	struct kit k;
	char *got = NULL;
	size_t n;
	FILE *f = open_memstream(&got, &n);
	json_t *j;

	(void)unused;
	assert_true(kit_read(&k, text, sizeof(text) - 1, NULL));
	assert_int_equal(k.set.n_rules, 1);
	j = rule_explain(&k.set, &k.set.rules[0], &engine_names);
	assert_non_null(j);
	assert_int_equal(json_number_of(j, "sid"), 1);
	assert_string_equal(json_text_of(j, "msg"), "m");
	assert_int_equal(json_array_size(json_object_get(j, "matches")), 4);
	assert_string_equal(json_string_value(json_array_get(json_object_get(j, "matches"), 1)), "the bytes go to the server");
	assert_int_equal(json_array_size(json_object_get(j, "limits")), 1);
	rule_explanation_print(j, f);
	json_decref(j);
	assert_int_equal(fclose(f), 0);
	for (size_t i = 0; i < COUNTOF(want); i++)
		if (strstr(got, want[i]) == NULL)
			fail_msg("%s\nlacks: %s", got, want[i]);
	free(got);
	kit_free(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_spellings_give_one),
		cmocka_unit_test(every_example_loads),
		cmocka_unit_test(complaints_name_the_place),
		cmocka_unit_test(others_protocols_are_left_out),
		cmocka_unit_test(lines_end_as_they_like),
		cmocka_unit_test(metadata_is_what_alerts_need),
		cmocka_unit_test(names_of_others_are_known),
		cmocka_unit_test(the_names_are_ndpis),
		cmocka_unit_test(ndpi_is_asked_once),
		cmocka_unit_test(the_higher_revision_wins),
		cmocka_unit_test(what_nothing_answers_is_left_out),
		cmocka_unit_test(foreign_files_come_back),
		cmocka_unit_test(explains_in_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
