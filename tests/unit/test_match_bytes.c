/* test_match_bytes.c - contents and what moves through a payload, as Suricata's
 * manual describes each keyword. */
#include "match_kit.h"

/* Does a rule with these options match this datagram? */
static bool
is(const char *options, const void *p, uint32_t n)
{
	struct kit k;
	char rule[1024];
	bool hit;

	snprintf(rule, sizeof(rule), "alert udp any any -> any 9999 (msg:\"t\"; %s sid:1;)\n", options);
	kit_open(&k, rule);
	kit_flow(&k, IP_UDP, 1024, 9999);
	kit_bytes(&k, DIR_FROM_0, p, n);
	hit = k.hits[1] > 0;
	assert_true(k.hits[1] <= 1);
	kit_close(&k);
	return hit;
}

#define IS(options, text) is(options, text, sizeof(text) - 1)
#define YES(options, text) assert_true(IS(options, text))
#define NO(options, text) assert_false(IS(options, text))

static void
content(void **state)
{
	(void)state;
	YES("content:\"abc\";", "xxabcxx");
	NO("content:\"abc\";", "xxabxcx");
	YES("content:\"a|42|c|20 64|\";", "aBc d");
	YES("content:\"ABC\"; nocase;", "xxaBcxx");
	NO("content:\"ABC\";", "xxaBcxx");
	YES("content:!\"abc\";", "xyz");
	NO("content:!\"abc\";", "xyzabc");
	YES("content:\"abc\"; content:!\"xyz\";", "abc");
	NO("content:\"abc\"; content:!\"xyz\";", "abcxyz");
}

static void
offset_and_depth(void **state)
{
	(void)state;
	/* The manual: depth 3 looks at the first three bytes only. */
	YES("content:\"abc\"; depth:3;", "abcdef");
	NO("content:\"def\"; depth:3;", "abcdef");
	YES("content:\"def\"; offset:3;", "abcdef");
	NO("content:\"abc\"; offset:3;", "abcdef");
	YES("content:\"def\"; offset:3; depth:3;", "abcdef");
	YES("content:\"cd\"; offset:1; depth:4;", "abcdef");
	NO("content:\"ef\"; offset:1; depth:4;", "abcdef");
	YES("content:!\"abc\"; depth:3;", "xabc");
	YES("content:!\"abc\"; offset:30;", "abc");
}

static void
distance_and_within(void **state)
{
	(void)state;
	YES("content:\"abc\"; content:\"def\"; distance:0;", "abcdef");
	YES("content:\"abc\"; content:\"def\"; distance:3;", "abcxxxdef");
	NO("content:\"abc\"; content:\"def\"; distance:4;", "abcxxxdef");
	YES("content:\"abc\"; content:\"def\"; within:3;", "abcdef");
	NO("content:\"abc\"; content:\"def\"; within:3;", "abcxdef");
	YES("content:\"abc\"; content:\"def\"; distance:1; within:3;", "abcxdef");
	NO("content:\"abc\"; content:\"def\"; distance:1; within:3;", "abcxxdef");
	YES("content:\"bcd\"; content:\"abc\"; distance:-4;", "abcd");
	/* The first occurrence leads nowhere, the second does. */
	YES("content:\"abc\"; content:\"d\"; within:1;", "abcxabcd");
	YES("content:\"a\"; content:\"b\"; distance:1; within:1; content:\"c\"; distance:1; within:1;",
	    "a1a1b1a1b1c");
	/* Negated and relative. */
	YES("content:\"abc\"; content:!\"def\"; within:3;", "abcxdef");
	NO("content:\"abc\"; content:!\"def\"; within:3;", "abcdef");
}

static void
startswith_and_endswith(void **state)
{
	(void)state;
	YES("content:\"GET|20|\"; startswith;", "GET /");
	NO("content:\"GET|20|\"; startswith;", "XGET /");
	YES("content:\".php\"; endswith;", "index.php");
	NO("content:\".php\"; endswith;", "index.phps");
	YES("content:\"ab\"; endswith;", "abab");
}

static void
isdataat(void **state)
{
	(void)state;
	YES("isdataat:5;", "123456");
	NO("isdataat:6;", "123456");
	YES("isdataat:!6;", "123456");
	YES("content:\"abc\"; isdataat:3,relative;", "abcdef");
	NO("content:\"abc\"; isdataat:4,relative;", "abcdef");
	/* The manual's way to say "and nothing behind it". */
	YES("content:\"abc\"; isdataat:!1,relative;", "xabc");
	NO("content:\"abc\"; isdataat:!1,relative;", "abcd");
	/* Snort's 0. */
	NO("content:\"abc\"; isdataat:0,relative;", "abc");
	YES("content:\"abc\"; isdataat:0,relative;", "abcd");
}

static void
dsize(void **state)
{
	(void)state;
	YES("dsize:6;", "123456");
	NO("dsize:!6;", "123456");
	YES("dsize:>5;", "123456");
	NO("dsize:<6;", "123456");
	YES("dsize:5<>7;", "123456");
	NO("dsize:6<>9;", "123456");
}

static void
byte_test(void **state)
{
	(void)state;
	YES("byte_test:2,=,0x3132,0;", "12345");
	YES("byte_test:2,=,0x3231,0,little;", "12345");
	YES("byte_test:4,>,1000,20;", "00000000000000000000\x00\x00\x04\x00");
	NO("byte_test:4,>,1024,20;", "00000000000000000000\x00\x00\x04\x00");
	NO("byte_test:4,>,1000,21;", "00000000000000000000\x00\x00\x04\x00");	/* beyond the end */
	YES("byte_test:1,&,128,1;", "a\x81");
	NO("byte_test:1,!&,128,1;", "a\x81");
	YES("byte_test:1,^,0x80,0;", "\x81");
	YES("content:\"n=\"; byte_test:4,=,1234,0,relative,string,dec;", "n=1234");
	YES("content:\"n=\"; byte_test:4,=,0xbeef,0,relative,string,hex;", "n=beef");
	YES("content:\"n=\"; byte_test:3,=,8,0,relative,string,oct;", "n=010");
	YES("byte_test:2,=,0x12,0,bitmask 0x0ff0;", "\x51\x23");
	YES("byte_test:1,<=,2,0; byte_test:1,>=,2,0; byte_test:1,!=,3,0;", "\x02");
}

static void
byte_jump(void **state)
{
	(void)state;
	/* Length 4 at 0: what follows the string is at 5. */
	YES("byte_jump:1,0; content:\"X\"; within:1;", "\x04" "abcdX");
	NO("byte_jump:1,0; content:\"X\"; within:1;", "\x03" "abcdX");
	NO("byte_jump:1,0; content:\"X\"; distance:0;", "\x40" "abcdX");	/* beyond the end */
	YES("byte_jump:1,0,multiplier 2; content:\"X\"; within:1;", "\x02" "abcdX");
	YES("byte_jump:1,0,from_beginning; content:\"X\"; within:1;", "\x02" "aX");
	YES("byte_jump:1,0,post_offset -1; content:\"X\"; within:1;", "\x03" "abX");
	YES("byte_jump:1,0,align; content:\"X\"; within:1;", "\x03" "abcdX");
	YES("content:\"a\"; byte_jump:1,0,relative; content:\"X\"; within:1;", "a\x02..X");
	YES("byte_jump:2,0,string,dec; content:\"X\"; within:1;", "02abX");
	YES("byte_jump:0,0,from_end,post_offset -2; content:\"cd\"; within:2;", "abcd");
	YES("byte_jump:2,0,little; content:\"X\"; within:1;", "\x01\x00" "aX");
}

static void
byte_extract_and_math(void **state)
{
	(void)state;
	/* The manual: two lengths, the second read to where the first points. */
	YES("byte_extract:1,0,len; content:\"X\"; offset:len;", "\x03" "abX");
	NO("byte_extract:1,0,len; content:\"X\"; offset:len;", "\x03" "Xab");
	YES("byte_extract:1,0,a; byte_extract:1,1,b; byte_test:1,=,a,2; byte_test:1,=,b,3;", "\x01\x02\x01\x02");
	YES("byte_extract:1,0,n,multiplier 2; byte_test:1,=,n,1;", "\x02\x04");
	YES("byte_extract:1,0,n; content:\"abc\"; content:\"d\"; within:n;", "\x02" "abcxd");
	NO("byte_extract:1,0,n; content:\"abc\"; content:\"d\"; within:n;", "\x01" "abcxd");
	YES("byte_extract:1,0,n; isdataat:n;", "\x02" "ab");
	NO("byte_extract:1,0,n; isdataat:n;", "\x03" "ab");
	YES("byte_math:bytes 1,offset 0,oper +,rvalue 2,result r; byte_test:1,=,r,1;", "\x02\x04");
	YES("byte_math:bytes 1,offset 0,oper *,rvalue 3,result r; byte_test:1,=,r,1;", "\x02\x06");
	YES("byte_math:bytes 1,offset 0,oper <<,rvalue 1,result r; byte_test:1,=,r,1;", "\x02\x04");
	YES("byte_math:bytes 1,offset 0,oper /,rvalue 2,result r; byte_test:1,=,r,1;", "\x06\x03");
	YES("byte_extract:1,0,m; byte_math:bytes 1,offset 1,oper -,rvalue m,result r; byte_test:1,=,r,2;",
	    "\x01\x04\x03");
}

static void
pcre(void **state)
{
	(void)state;
	YES("pcre:\"/ab+c/\";", "xabbbc");
	NO("pcre:\"/^ab+c/\";", "xabbbc");
	YES("pcre:\"/ABC/i\";", "xabc");
	YES("pcre:\"/a.c/s\";", "a\nc");
	NO("pcre:\"/a.c/\";", "a\nc");
	YES("pcre:\"/^b/m\";", "a\nb");
	YES("pcre:\"/a b c/x\";", "abc");
	YES("pcre:\"/b/A\";", "bx");
	NO("pcre:\"/b/A\";", "xb");
	YES("pcre:!\"/xyz/\";", "abc");
	NO("pcre:!\"/abc/\";", "abc");
	YES("content:\"abc\"; pcre:\"/^def/R\";", "abcdef");
	NO("content:\"abc\"; pcre:\"/^def/R\";", "abcxdef");
	YES("content:\"abc\"; pcre:\"/^d/R\";", "abcxabcd");
	YES("pcre:\"/a\\d/\"; content:\"X\"; within:1;", "a1a2X");
	/* Digital Bond: what does not begin with 05 64, wherever a search begins. */
	NO("pcre:\"/(?!\\x05\\x64)/iAR\";", "\x05\x64\x05");
	YES("pcre:\"/(?!\\x05\\x64)/iAR\";", "\x00\x64\x05");
}

static void
a_search_ends(void **state)
{
	char text[4096];

	(void)state;
	/* Every pair of places would be millions of steps: it gives up. */
	memset(text, 'a', sizeof(text));
	assert_false(is("content:\"a\"; content:\"a\"; distance:1; content:\"a\"; distance:1; content:\"b\"; distance:1;",
	    text, sizeof(text)));
	assert_false(is("pcre:\"/(a+)+b/\";", text, sizeof(text)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content), cmocka_unit_test(offset_and_depth),
		cmocka_unit_test(distance_and_within), cmocka_unit_test(startswith_and_endswith),
		cmocka_unit_test(isdataat), cmocka_unit_test(dsize), cmocka_unit_test(byte_test),
		cmocka_unit_test(byte_jump), cmocka_unit_test(byte_extract_and_math), cmocka_unit_test(pcre),
		cmocka_unit_test(a_search_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
