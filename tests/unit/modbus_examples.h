/* modbus_examples.h - request and answer of every row of the Modbus table: the
 * specification's own examples where it has one (MB 6.1 to 6.21). */
#ifndef TESTS_MODBUS_EXAMPLES_H
#define TESTS_MODBUS_EXAMPLES_H

#include <stdint.h>

struct example {
	uint32_t	 code, sub;	/* sub: -1 none */
	const char	*request, *answer;
	const char	*said;		/* of the finished operation, behind the outcome */
};

static const struct example examples[] = {
{ 1, UINT32_MAX, "01 0013 0013", "01 03 CD6B05",
  " [coil 19+19 = 1,0,1,1,0,0,1,1,1,1,0,1,0,1,1,0,1,0,1]" },
{ 2, UINT32_MAX, "02 00C4 0016", "02 03 ACDB35",
  " [discrete 196+22 = 0,0,1,1,0,1,0,1,1,1,0,1,1,0,1,1,1,0,1,0,1,1]" },
{ 3, UINT32_MAX, "03 006B 0003", "03 06 022B 0000 0064", " [holding 107+3 = 555,0,100]" },
{ 4, UINT32_MAX, "04 0008 0001", "04 02 000A", " [input 8+1 = 10]" },
{ 5, UINT32_MAX, "05 00AC FF00", "05 00AC FF00", " [>coil 172+1 = 1]" },
{ 6, UINT32_MAX, "06 0001 0003", "06 0001 0003", " [>holding 1+1 = 3]" },
{ 7, UINT32_MAX, "07", "07 6D", " <exception_status=109" },
{ 8, 0, "08 0000 A537", "08 0000 A537", " data=42295 <data=42295" },
{ 8, 1, "08 0001 FF00", "08 0001 FF00", " data=65280 <data=65280" },
{ 8, 2, "08 0002 0000", "08 0002 1234", " data=0 <diagnostic_register=4660" },
{ 8, 3, "08 0003 0D00", "08 0003 0D00", " data=3328 <data=3328" },
{ 8, 4, "08 0004 0000", "08 0004 0000", " data=0 <data=0" },
{ 8, 10, "08 000A 0000", "08 000A 0000", " data=0 <data=0" },
{ 8, 11, "08 000B 0000", "08 000B 0101", " data=0 <count=257" },
{ 8, 12, "08 000C 0000", "08 000C 0002", " data=0 <count=2" },
{ 8, 13, "08 000D 0000", "08 000D 0003", " data=0 <count=3" },
{ 8, 14, "08 000E 0000", "08 000E 0004", " data=0 <count=4" },
{ 8, 15, "08 000F 0000", "08 000F 0005", " data=0 <count=5" },
{ 8, 16, "08 0010 0000", "08 0010 0006", " data=0 <count=6" },
{ 8, 17, "08 0011 0000", "08 0011 0007", " data=0 <count=7" },
{ 8, 18, "08 0012 0000", "08 0012 0008", " data=0 <count=8" },
{ 8, 19, "08 0013 0000", "08 0013 0009", " data=0 <count=9 !reserved_function_code" },
{ 8, 20, "08 0014 0000", "08 0014 0000", " data=0 <data=0" },
{ 8, 21, "08 0015 0003", "08 0015 0003 0001 0002", " data=3 <data=000300010002 !reserved_function_code" },
{ 8, UINT32_MAX, "08 0063 1234", "08 0063 1234", " data=4660 <data=4660 !unknown_subfunction" },
{ 9, UINT32_MAX, "09 01", "09 02", " data=01 <data=02 !reserved_function_code" },
{ 10, UINT32_MAX, "0A", "0A 00", " <data=00 !reserved_function_code" },
{ 11, UINT32_MAX, "0B", "0B FFFF 0108", " <status=65535 <event_count=264" },
{ 12, UINT32_MAX, "0C", "0C 08 0000 0108 0121 20 00",
  " <status=0 <event_count=264 <message_count=289 <events=2000" },
{ 13, UINT32_MAX, "0D 01", "0D 02", " data=01 <data=02 !reserved_function_code" },
{ 14, UINT32_MAX, "0E", "0E 00", " <data=00 !reserved_function_code" },
{ 15, UINT32_MAX, "0F 0013 000A 02 CD01", "0F 0013 000A", " [>coil 19+10 = 1,0,1,1,0,0,1,1,1,0]" },
{ 16, UINT32_MAX, "10 0001 0002 04 000A 0102", "10 0001 0002", " [>holding 1+2 = 10,258]" },
{ 17, UINT32_MAX, "11", "11 09 'PM-2.3.0' FF",
  " <server_id=504d2d322e332e30 <run_indicator=255 server_id:0=\"PM-2.3.0\" run_state:0=\"on\"" },
{ 18, UINT32_MAX, "12 01", "12 02", " data=01 <data=02 !reserved_function_code" },
{ 19, UINT32_MAX, "13", "13", " !reserved_function_code" },
{ 20, UINT32_MAX, "14 0E 06 0004 0001 0002 06 0003 0009 0002",
  "14 0C 05 06 0DFE 0020 05 06 33CD 0040",
  " [file #4 1+2 = 3582,32] [file #3 9+2 = 13261,64]" },
{ 21, UINT32_MAX, "15 0D 06 0004 0007 0003 06AF 04BE 100D", "15 0D 06 0004 0007 0003 06AF 04BE 100D",
  " [>file #4 7+3 = 1711,1214,4109]" },
{ 22, UINT32_MAX, "16 0004 00F2 0025", "16 0004 00F2 0025",
  " [>holding 4+1] and_mask=242 or_mask=37 <and_mask=242 <or_mask=37" },
{ 23, UINT32_MAX, "17 0003 0006 000E 0003 06 00FF 00FF 00FF",
  "17 0C 00FE 0ACD 0001 0003 000D 00FF",
  " [holding 3+6 = 254,2765,1,3,13,255] [>holding 14+3 = 255,255,255]" },
{ 24, UINT32_MAX, "18 04DE", "18 0006 0002 01B8 1284", " [fifo #1246 1246+1 = 440,4740] <fifo_count=2" },
{ 41, UINT32_MAX, "29 01", "29 02", " data=01 <data=02 !reserved_function_code" },
{ 42, UINT32_MAX, "2A 01", "2A 02", " data=01 <data=02 !reserved_function_code" },
{ 43, 13, "2B 0D 0102", "2B 0D 0304", " data=0102 <data=0304" },
{ 43, 14, "2B 0E 01 00",
  "2B 0E 01 01 00 00 03 00 16 'Company identification' 01 0F 'Product code XX' 02 05 'V2.11'",
  " read_device_id_code=1 object_id=0 <read_device_id_code=1 <conformity_level=1 <more_follows=0"
  " <next_object_id=0 <number_of_objects=3 vendor:0=\"Company identification\""
  " product_code:1=\"Product code XX\" revision:2=\"V2.11\"" },
{ 43, UINT32_MAX, "2B 05 0102", "2B 05 03", " data=0102 <data=03 !unknown_subfunction" },
#define VENDOR(code, hex) { code, UINT32_MAX, hex " 01", hex " 02", \
  " data=01 <data=02 !user_defined_function_code" }
VENDOR(65, "41"), VENDOR(66, "42"), VENDOR(67, "43"), VENDOR(68, "44"), VENDOR(69, "45"),
VENDOR(70, "46"), VENDOR(71, "47"), VENDOR(72, "48"), VENDOR(100, "64"), VENDOR(101, "65"),
VENDOR(102, "66"), VENDOR(103, "67"), VENDOR(104, "68"), VENDOR(105, "69"), VENDOR(106, "6A"),
VENDOR(107, "6B"), VENDOR(108, "6C"), VENDOR(109, "6D"), VENDOR(110, "6E"),
#undef VENDOR
#define UMAS(sub, hex) { 90, sub, "5A 00 " hex " 07", "5A 00 FE 08", \
  " session_key=0 data=07 <session_key=0 <status=254 <data=08 !reserved_function_code" }
UMAS(0x01, "01"), UMAS(0x02, "02"), UMAS(0x03, "03"), UMAS(0x04, "04"), UMAS(0x06, "06"),
UMAS(0x0a, "0A"), UMAS(0x10, "10"), UMAS(0x11, "11"), UMAS(0x12, "12"), UMAS(0x20, "20"),
UMAS(0x21, "21"), UMAS(0x22, "22"), UMAS(0x23, "23"), UMAS(0x24, "24"), UMAS(0x25, "25"),
UMAS(0x26, "26"), UMAS(0x28, "28"), UMAS(0x29, "29"), UMAS(0x30, "30"), UMAS(0x31, "31"),
UMAS(0x32, "32"), UMAS(0x33, "33"), UMAS(0x34, "34"), UMAS(0x35, "35"), UMAS(0x39, "39"),
UMAS(0x40, "40"), UMAS(0x41, "41"), UMAS(0x50, "50"), UMAS(0x58, "58"), UMAS(0x70, "70"),
UMAS(0x71, "71"), UMAS(0x73, "73"),
#undef UMAS
{ 90, UINT32_MAX, "5A 00 77", "5A 00 FE",
  " session_key=0 <session_key=0 <status=254 !reserved_function_code" },
{ 91, UINT32_MAX, "5B 01", "5B 02", " data=01 <data=02 !reserved_function_code" },
{ 125, UINT32_MAX, "7D 01", "7D 02", " data=01 <data=02 !reserved_function_code" },
{ 126, UINT32_MAX, "7E 01", "7E 02", " data=01 <data=02 !reserved_function_code" },
{ 127, UINT32_MAX, "7F 01", "7F 02", " data=01 <data=02 !reserved_function_code" },
};

#endif
