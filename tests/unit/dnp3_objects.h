/* dnp3_objects.h - one example of every object that carries data, its bytes made
 * from the standard's description of it (IEEE 1815 annex A): what follows group
 * and variation on the wire, and what the dissector says. */
struct example { uint8_t group, variation; const char *wire, *said; };

static const struct example objects[] = {
	{ 0, 252, "00 0000 01 05 'Plant'",
	    "[g0v252 0+1 = 0:506c616e74] <device_manufacturer_name=506c616e74 vendor:252=\"Plant\""
	    " {0 data_type=1 length=5 value=506c616e74}" },
	{ 0, 240, "00 0000 02 02 0008",
	    "[g0v240 0+1 = 0:2048] <maximum_transmit_fragment_size=2048"
	    " {0 data_type=2 length=2 value=2048}" },
	{ 0, 217, "00 0000 03 01 FE",
	    "[g0v217 0+1 = 0:-2] <local_timing_accuracy=-2 {0 data_type=3 length=1 value=-2}" },
	{ 0, 203, "00 0000 04 04 0000C03F",
	    "[g0v203 0+1 = 0:1.5] <device_location_altitude=1.5 {0 data_type=4 length=4 value=1.5}" },
	{ 0, 198, "00 0000 07 06 230100008001",
	    "[g0v198 0+1 = 0:1649267441955] <configuration_build_date=1649267441955"
	    " {0 data_type=7 length=6 value=1649267441955}" },
	{ 0, 248, "00 0000 01 04 'S-17'",
	    "[g0v248 0+1 = 0:532d3137] <device_serial_number=532d3137 serial:248=\"S-17\""
	    " {0 data_type=1 length=4 value=532d3137}" },
	{ 1, 1, "00 0208 5A",
	    "[g1v1 2+7 = 2:0,3:1,4:0,5:1,6:1,7:0,8:1] {2 state=0} {3 state=1} {4 state=0} {5"
	    " state=1} {6 state=1} {7 state=0} {8 state=1}" },
	{ 1, 2, "00 0505 81",
	    "[g1v2 5+1 = 5:1/81] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 chatter_filter=0 reserved=0 state=1}" },
	{ 2, 1, "17 01 03 01",
	    "[g2v1 = 3:0/01] {3 online=1 restart=0 comm_lost=0 remote_forced=0 local_forced=0"
	    " chatter_filter=0 reserved=0 state=0}" },
	{ 2, 2, "17 01 03 A1230100008001",
	    "[g2v2 = 3:1/a1@1649267441955] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 chatter_filter=1 reserved=0 state=1 timestamp=1649267441955}" },
	{ 2, 3, "17 01 03 81 E803",
	    "[g2v3 = 3:1/81] {3 online=1 restart=0 comm_lost=0 remote_forced=0 local_forced=0"
	    " chatter_filter=0 reserved=0 state=1 timestamp=1000}" },
	{ 51, 1, "07 01 230100008001 0203 17 01 03 81 E803",
	    "[g51v1 = 0:1649267441955] [g2v3 = 3:1/81@1649267442955] {0 timestamp=1649267441955}"
	    " {3 online=1 restart=0 comm_lost=0 remote_forced=0 local_forced=0 chatter_filter=0"
	    " reserved=0 state=1 timestamp=1000}" },
	{ 51, 2, "07 01 230100008001 0403 17 01 03 41 0100",
	    "[g51v2 = 0:1649267441955] [g4v3 = 3:1/41@1649267441956] {0 timestamp=1649267441955}"
	    " {3 online=1 restart=0 comm_lost=0 remote_forced=0 local_forced=0 chatter_filter=0"
	    " state=1 relative_time_ms=1}" },
	{ 3, 1, "00 0004 E4 02",
	    "[g3v1 0+5 = 0:0,1:1,2:2,3:3,4:2] {0 state=0} {1 state=1} {2 state=2} {3 state=3} {4"
	    " state=2}" },
	{ 3, 2, "00 0505 81",
	    "[g3v2 5+1 = 5:2/81] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 chatter_filter=0 state=2}" },
	{ 4, 1, "17 01 03 41",
	    "[g4v1 = 3:1/41] {3 online=1 restart=0 comm_lost=0 remote_forced=0 local_forced=0"
	    " chatter_filter=0 state=1}" },
	{ 4, 2, "17 01 03 C1230100008001",
	    "[g4v2 = 3:3/c1@1649267441955] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 chatter_filter=0 state=3 timestamp=1649267441955}" },
	{ 4, 3, "28 0100 0300 81 0A00",
	    "[g4v3 = 3:2/81] {3 online=1 restart=0 comm_lost=0 remote_forced=0 local_forced=0"
	    " chatter_filter=0 state=2 relative_time_ms=10}" },
	{ 10, 1, "01 00000700 81",
	    "[g10v1 0+8 = 0:1,1:0,2:0,3:0,4:0,5:0,6:0,7:1] {0 state=1} {1 state=0} {2 state=0}"
	    " {3 state=0} {4 state=0} {5 state=0} {6 state=0} {7 state=1}" },
	{ 10, 2, "00 0505 81",
	    "[g10v2 5+1 = 5:1/81] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 reserved0=0 reserved1=0 state=1}" },
	{ 11, 1, "17 01 03 01",
	    "[g11v1 = 3:0/01] {3 online=1 restart=0 comm_lost=0 remote_forced=0 local_forced=0"
	    " reserved0=0 reserved1=0 state=0}" },
	{ 11, 2, "17 01 03 81230100008001",
	    "[g11v2 = 3:1/81@1649267441955] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 reserved0=0 reserved1=0 state=1 timestamp=1649267441955}" },
	{ 12, 1, "17 01 07 41 02 64000000 C8000000 00",
	    "[g12v1 = 7:65] <op_type=1 <qu=0 <cr=0 <tcc=1 <count=2 <ontime=100 <offtime=200"
	    " <status_code=0 <reserved=0 {7 op_type=1 qu=0 cr=0 tcc=1 count=2 ontime=100"
	    " offtime=200 status_code=0 reserved=0}" },
	{ 12, 2, "17 01 07 41 02 64000000 C8000000 00",
	    "[g12v2 = 7:65] <op_type=1 <qu=0 <cr=0 <tcc=1 <count=2 <ontime=100 <offtime=200"
	    " <status_code=0 <reserved=0 {7 op_type=1 qu=0 cr=0 tcc=1 count=2 ontime=100"
	    " offtime=200 status_code=0 reserved=0}" },
	{ 12, 3, "00 0003 05",
	    "[g12v3 0+4 = 0:1,1:0,2:1,3:0] {0 point=1} {1 point=0} {2 point=1} {3 point=0}" },
	{ 13, 1, "17 01 03 80",
	    "[g13v1 = 3:1] {3 status_code=0 commanded_state=1}" },
	{ 13, 2, "17 01 03 00230100008001",
	    "[g13v2 = 3:0@1649267441955] {3 status_code=0 commanded_state=0"
	    " timestamp=1649267441955}" },
	{ 20, 1, "00 0505 2100286BEE",
	    "[g20v1 5+1 = 5:4000000000/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=4000000000}" },
	{ 20, 2, "00 0505 21FFFF",
	    "[g20v2 5+1 = 5:65535/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535}" },
	{ 20, 3, "00 0505 2100286BEE",
	    "[g20v3 5+1 = 5:4000000000/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=4000000000}" },
	{ 20, 4, "00 0505 21FFFF",
	    "[g20v4 5+1 = 5:65535/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535}" },
	{ 20, 5, "00 0505 00286BEE",
	    "[g20v5 5+1 = 5:4000000000] {5 count=4000000000}" },
	{ 20, 6, "00 0505 FFFF",
	    "[g20v6 5+1 = 5:65535] {5 count=65535}" },
	{ 20, 7, "00 0505 00286BEE",
	    "[g20v7 5+1 = 5:4000000000] {5 count=4000000000}" },
	{ 20, 8, "00 0505 FFFF",
	    "[g20v8 5+1 = 5:65535] {5 count=65535}" },
	{ 21, 1, "00 0505 2100286BEE",
	    "[g21v1 5+1 = 5:4000000000/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=4000000000}" },
	{ 21, 2, "00 0505 21FFFF",
	    "[g21v2 5+1 = 5:65535/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535}" },
	{ 21, 3, "00 0505 2100286BEE",
	    "[g21v3 5+1 = 5:4000000000/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=4000000000}" },
	{ 21, 4, "00 0505 21FFFF",
	    "[g21v4 5+1 = 5:65535/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535}" },
	{ 21, 5, "00 0505 2100286BEE230100008001",
	    "[g21v5 5+1 = 5:4000000000/21@1649267441955] {5 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 rollover=1 discontinuity=0 reserved0=0"
	    " count=4000000000 timestamp=1649267441955}" },
	{ 21, 6, "00 0505 21FFFF230100008001",
	    "[g21v6 5+1 = 5:65535/21@1649267441955] {5 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535"
	    " timestamp=1649267441955}" },
	{ 21, 7, "00 0505 2100286BEE230100008001",
	    "[g21v7 5+1 = 5:4000000000/21@1649267441955] {5 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 rollover=1 discontinuity=0 reserved0=0"
	    " count=4000000000 timestamp=1649267441955}" },
	{ 21, 8, "00 0505 21FFFF230100008001",
	    "[g21v8 5+1 = 5:65535/21@1649267441955] {5 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535"
	    " timestamp=1649267441955}" },
	{ 21, 9, "00 0505 00286BEE",
	    "[g21v9 5+1 = 5:4000000000] {5 count=4000000000}" },
	{ 21, 10, "00 0505 FFFF",
	    "[g21v10 5+1 = 5:65535] {5 count=65535}" },
	{ 21, 11, "00 0505 00286BEE",
	    "[g21v11 5+1 = 5:4000000000] {5 count=4000000000}" },
	{ 21, 12, "00 0505 FFFF",
	    "[g21v12 5+1 = 5:65535] {5 count=65535}" },
	{ 22, 1, "17 01 03 2100286BEE",
	    "[g22v1 = 3:4000000000/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=4000000000}" },
	{ 22, 2, "17 01 03 21FFFF",
	    "[g22v2 = 3:65535/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535}" },
	{ 22, 3, "17 01 03 2100286BEE",
	    "[g22v3 = 3:4000000000/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=4000000000}" },
	{ 22, 4, "17 01 03 21FFFF",
	    "[g22v4 = 3:65535/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535}" },
	{ 22, 5, "17 01 03 2100286BEE230100008001",
	    "[g22v5 = 3:4000000000/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 rollover=1 discontinuity=0 reserved0=0"
	    " count=4000000000 timestamp=1649267441955}" },
	{ 22, 6, "17 01 03 21FFFF230100008001",
	    "[g22v6 = 3:65535/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535"
	    " timestamp=1649267441955}" },
	{ 22, 7, "17 01 03 2100286BEE230100008001",
	    "[g22v7 = 3:4000000000/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 rollover=1 discontinuity=0 reserved0=0"
	    " count=4000000000 timestamp=1649267441955}" },
	{ 22, 8, "17 01 03 21FFFF230100008001",
	    "[g22v8 = 3:65535/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535"
	    " timestamp=1649267441955}" },
	{ 23, 1, "17 01 03 2100286BEE",
	    "[g23v1 = 3:4000000000/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=4000000000}" },
	{ 23, 2, "17 01 03 21FFFF",
	    "[g23v2 = 3:65535/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535}" },
	{ 23, 3, "17 01 03 2100286BEE",
	    "[g23v3 = 3:4000000000/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=4000000000}" },
	{ 23, 4, "17 01 03 21FFFF",
	    "[g23v4 = 3:65535/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535}" },
	{ 23, 5, "17 01 03 2100286BEE230100008001",
	    "[g23v5 = 3:4000000000/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 rollover=1 discontinuity=0 reserved0=0"
	    " count=4000000000 timestamp=1649267441955}" },
	{ 23, 6, "17 01 03 21FFFF230100008001",
	    "[g23v6 = 3:65535/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535"
	    " timestamp=1649267441955}" },
	{ 23, 7, "17 01 03 2100286BEE230100008001",
	    "[g23v7 = 3:4000000000/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 rollover=1 discontinuity=0 reserved0=0"
	    " count=4000000000 timestamp=1649267441955}" },
	{ 23, 8, "17 01 03 21FFFF230100008001",
	    "[g23v8 = 3:65535/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 rollover=1 discontinuity=0 reserved0=0 count=65535"
	    " timestamp=1649267441955}" },
	{ 30, 1, "00 0505 21006CCA88",
	    "[g30v1 5+1 = 5:-2000000000/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-2000000000}" },
	{ 30, 2, "00 0505 210080",
	    "[g30v2 5+1 = 5:-32768/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-32768}" },
	{ 30, 3, "00 0505 006CCA88",
	    "[g30v3 5+1 = 5:-2000000000] {5 value=-2000000000}" },
	{ 30, 4, "00 0505 0080",
	    "[g30v4 5+1 = 5:-32768] {5 value=-32768}" },
	{ 30, 5, "00 0505 210000C0BF",
	    "[g30v5 5+1 = 5:-1.5/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-1.5}" },
	{ 30, 6, "00 0505 219C7500883CE4377E",
	    "[g30v6 5+1 = 5:1e+300/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=1e+300}" },
	{ 31, 1, "00 0505 21006CCA88",
	    "[g31v1 5+1 = 5:-2000000000/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-2000000000}" },
	{ 31, 2, "00 0505 210080",
	    "[g31v2 5+1 = 5:-32768/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-32768}" },
	{ 31, 3, "00 0505 21006CCA88230100008001",
	    "[g31v3 5+1 = 5:-2000000000/21@1649267441955] {5 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 over_range=1 reference_err=0 reserved0=0"
	    " value=-2000000000 timestamp=1649267441955}" },
	{ 31, 4, "00 0505 210080230100008001",
	    "[g31v4 5+1 = 5:-32768/21@1649267441955] {5 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 over_range=1 reference_err=0 reserved0=0"
	    " value=-32768 timestamp=1649267441955}" },
	{ 31, 5, "00 0505 006CCA88",
	    "[g31v5 5+1 = 5:-2000000000] {5 value=-2000000000}" },
	{ 31, 6, "00 0505 0080",
	    "[g31v6 5+1 = 5:-32768] {5 value=-32768}" },
	{ 31, 7, "00 0505 210000C0BF",
	    "[g31v7 5+1 = 5:-1.5/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-1.5}" },
	{ 31, 8, "00 0505 219C7500883CE4377E",
	    "[g31v8 5+1 = 5:1e+300/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=1e+300}" },
	{ 32, 1, "17 01 03 21006CCA88",
	    "[g32v1 = 3:-2000000000/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-2000000000}" },
	{ 32, 2, "17 01 03 210080",
	    "[g32v2 = 3:-32768/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-32768}" },
	{ 32, 3, "17 01 03 21006CCA88230100008001",
	    "[g32v3 = 3:-2000000000/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 over_range=1 reference_err=0 reserved0=0"
	    " value=-2000000000 timestamp=1649267441955}" },
	{ 32, 4, "17 01 03 210080230100008001",
	    "[g32v4 = 3:-32768/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 over_range=1 reference_err=0 reserved0=0"
	    " value=-32768 timestamp=1649267441955}" },
	{ 32, 5, "17 01 03 210000C0BF",
	    "[g32v5 = 3:-1.5/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-1.5}" },
	{ 32, 6, "17 01 03 219C7500883CE4377E",
	    "[g32v6 = 3:1e+300/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=1e+300}" },
	{ 32, 7, "17 01 03 210000C0BF230100008001",
	    "[g32v7 = 3:-1.5/21@1649267441955] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-1.5"
	    " timestamp=1649267441955}" },
	{ 32, 8, "17 01 03 219C7500883CE4377E230100008001",
	    "[g32v8 = 3:1e+300/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 over_range=1 reference_err=0 reserved0=0"
	    " value=1e+300 timestamp=1649267441955}" },
	{ 33, 1, "17 01 03 21006CCA88",
	    "[g33v1 = 3:-2000000000/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-2000000000}" },
	{ 33, 2, "17 01 03 210080",
	    "[g33v2 = 3:-32768/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-32768}" },
	{ 33, 3, "17 01 03 21006CCA88230100008001",
	    "[g33v3 = 3:-2000000000/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 over_range=1 reference_err=0 reserved0=0"
	    " value=-2000000000 timestamp=1649267441955}" },
	{ 33, 4, "17 01 03 210080230100008001",
	    "[g33v4 = 3:-32768/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 over_range=1 reference_err=0 reserved0=0"
	    " value=-32768 timestamp=1649267441955}" },
	{ 33, 5, "17 01 03 210000C0BF",
	    "[g33v5 = 3:-1.5/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-1.5}" },
	{ 33, 6, "17 01 03 219C7500883CE4377E",
	    "[g33v6 = 3:1e+300/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=1e+300}" },
	{ 33, 7, "17 01 03 210000C0BF230100008001",
	    "[g33v7 = 3:-1.5/21@1649267441955] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-1.5"
	    " timestamp=1649267441955}" },
	{ 33, 8, "17 01 03 219C7500883CE4377E230100008001",
	    "[g33v8 = 3:1e+300/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 over_range=1 reference_err=0 reserved0=0"
	    " value=1e+300 timestamp=1649267441955}" },
	{ 42, 1, "17 01 03 21006CCA88",
	    "[g42v1 = 3:-2000000000/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-2000000000}" },
	{ 42, 2, "17 01 03 210080",
	    "[g42v2 = 3:-32768/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-32768}" },
	{ 42, 3, "17 01 03 21006CCA88230100008001",
	    "[g42v3 = 3:-2000000000/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 over_range=1 reference_err=0 reserved0=0"
	    " value=-2000000000 timestamp=1649267441955}" },
	{ 42, 4, "17 01 03 210080230100008001",
	    "[g42v4 = 3:-32768/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 over_range=1 reference_err=0 reserved0=0"
	    " value=-32768 timestamp=1649267441955}" },
	{ 42, 5, "17 01 03 210000C0BF",
	    "[g42v5 = 3:-1.5/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-1.5}" },
	{ 42, 6, "17 01 03 219C7500883CE4377E",
	    "[g42v6 = 3:1e+300/21] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=1e+300}" },
	{ 42, 7, "17 01 03 210000C0BF230100008001",
	    "[g42v7 = 3:-1.5/21@1649267441955] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-1.5"
	    " timestamp=1649267441955}" },
	{ 42, 8, "17 01 03 219C7500883CE4377E230100008001",
	    "[g42v8 = 3:1e+300/21@1649267441955] {3 online=1 restart=0 comm_lost=0"
	    " remote_forced=0 local_forced=0 over_range=1 reference_err=0 reserved0=0"
	    " value=1e+300 timestamp=1649267441955}" },
	{ 34, 1, "00 0505 FFFF",
	    "[g34v1 5+1 = 5:65535] {5 deadband_value=65535}" },
	{ 34, 2, "00 0505 00286BEE",
	    "[g34v2 5+1 = 5:4000000000] {5 deadband_value=4000000000}" },
	{ 34, 3, "00 0505 0000C0BF",
	    "[g34v3 5+1 = 5:-1.5] {5 deadband_value=-1.5}" },
	{ 40, 1, "00 0505 21006CCA88",
	    "[g40v1 5+1 = 5:-2000000000/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-2000000000}" },
	{ 40, 2, "00 0505 210080",
	    "[g40v2 5+1 = 5:-32768/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-32768}" },
	{ 40, 3, "00 0505 210000C0BF",
	    "[g40v3 5+1 = 5:-1.5/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-1.5}" },
	{ 40, 4, "00 0505 219C7500883CE4377E",
	    "[g40v4 5+1 = 5:1e+300/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=1e+300}" },
	{ 41, 1, "17 01 03 006CCA8800",
	    "[g41v1 = 3:-2000000000] {3 value=-2000000000 control_status=0}" },
	{ 41, 2, "17 01 03 008000",
	    "[g41v2 = 3:-32768] {3 value=-32768 control_status=0}" },
	{ 41, 3, "17 01 03 0000C0BF00",
	    "[g41v3 = 3:-1.5] {3 value=-1.5 control_status=0}" },
	{ 41, 4, "17 01 03 9C7500883CE4377E00",
	    "[g41v4 = 3:1e+300] {3 value=1e+300 control_status=0}" },
	{ 43, 1, "17 01 03 00006CCA88",
	    "[g43v1 = 3:-2000000000] {3 status_code=0 reserved0=0 commanded_value=-2000000000}" },
	{ 43, 2, "17 01 03 000080",
	    "[g43v2 = 3:-32768] {3 status_code=0 reserved0=0 commanded_value=-32768}" },
	{ 43, 3, "17 01 03 00006CCA88230100008001",
	    "[g43v3 = 3:-2000000000@1649267441955] {3 status_code=0 reserved0=0"
	    " commanded_value=-2000000000 timestamp=1649267441955}" },
	{ 43, 4, "17 01 03 000080230100008001",
	    "[g43v4 = 3:-32768@1649267441955] {3 status_code=0 reserved0=0"
	    " commanded_value=-32768 timestamp=1649267441955}" },
	{ 43, 5, "17 01 03 000000C0BF",
	    "[g43v5 = 3:-1.5] {3 status_code=0 reserved0=0 commanded_value=-1.5}" },
	{ 43, 6, "17 01 03 009C7500883CE4377E",
	    "[g43v6 = 3:1e+300] {3 status_code=0 reserved0=0 commanded_value=1e+300}" },
	{ 43, 7, "17 01 03 000000C0BF230100008001",
	    "[g43v7 = 3:-1.5@1649267441955] {3 status_code=0 reserved0=0 commanded_value=-1.5"
	    " timestamp=1649267441955}" },
	{ 43, 8, "17 01 03 009C7500883CE4377E230100008001",
	    "[g43v8 = 3:1e+300@1649267441955] {3 status_code=0 reserved0=0"
	    " commanded_value=1e+300 timestamp=1649267441955}" },
	{ 50, 1, "07 01 230100008001",
	    "[g50v1 = 0:1649267441955] {0 timestamp=1649267441955}" },
	{ 50, 2, "07 01 23010000800160EA0000",
	    "[g50v2 = 0:1649267441955] <timestamp=1649267441955 <interval=60000 {0"
	    " timestamp=1649267441955 interval=60000}" },
	{ 50, 3, "07 01 230100008001",
	    "[g50v3 = 0:1649267441955] {0 timestamp=1649267441955}" },
	{ 50, 4, "07 01 2301000080010F00000005",
	    "[g50v4 = 0:1649267441955] <timestamp=1649267441955 <interval_count=15"
	    " <interval_units=5 {0 timestamp=1649267441955 interval_count=15 interval_units=5}" },
	{ 52, 1, "07 01 0500",
	    "[g52v1 = 0:5] <delay_secs=5 {0 delay_secs=5}" },
	{ 52, 2, "07 01 FA00",
	    "[g52v2 = 0:250] <delay_ms=250 {0 delay_ms=250}" },
	{ 70, 1, "07 01"
	    " 0700010000000900F4010000230100008001FF014D000000010000000200000003006C6F672E7478740"
	    "2006162",
	    "[g70v1] <filename_size=7 <filetype_code=1 <attribute_code=0 <start_record=0"
	    " <end_record=9 <file_size=500 <created_timestamp=1649267441955 <permission=511"
	    " <file_id=77 <owner_id=1 <group_id=2 <file_function_code=3 <status_code=0"
	    " <filename=6c6f672e747874 <data_size=2 <data=6162 {0 filename_size=7"
	    " filetype_code=1 attribute_code=0 start_record=0 end_record=9 file_size=500"
	    " created_timestamp=1649267441955 permission=511 file_id=77 owner_id=1 group_id=2"
	    " file_function_code=3 status_code=0 filename=6c6f672e747874 data_size=2 data=6162}" },
	{ 70, 2, "5B 01 1100 0C0002000E000300000000006D65707764",
	    "[g70v2] <username_offset=12 <username_size=2 <password_offset=14 <password_size=3"
	    " <authentication_key=0 <username=6d65 <password=2868696464656e29 {0 username_offset=12"
	    " username_size=2 password_offset=14 password_size=3 authentication_key=0"
	    " username=6d65 password=2868696464656e29}" },
	{ 70, 3, "5B 01 2100 1A0007002301000080018001000000000A0000000100000408006C6F672E747874",
	    "[g70v3] <filename_offset=26 <filename_size=7 <created=1649267441955"
	    " <permissions=384 <authentication_key=0 <file_size=10 <operational_mode=1"
	    " <maximum_block_size=1024 <request_id=8 <filename=6c6f672e747874 {0"
	    " filename_offset=26 filename_size=7 created=1649267441955 permissions=384"
	    " authentication_key=0 file_size=10 operational_mode=1 maximum_block_size=1024"
	    " request_id=8 filename=6c6f672e747874}" },
	{ 70, 4, "5B 01 0F00 78563412EB04000000040800006F6B",
	    "[g70v4] <file_handle=305419896 <file_size=1259 <maximum_block_size=1024"
	    " <request_id=8 <status_code=0 <optional_text=6f6b {0 file_handle=305419896"
	    " file_size=1259 maximum_block_size=1024 request_id=8 status_code=0"
	    " optional_text=6f6b}" },
	{ 70, 5, "5B 01 1600 78563412000000805468697320697320612074657374",
	    "[g70v5] <file_handle=305419896 <block_number=2147483648"
	    " <file_data=5468697320697320612074657374 {0 file_handle=305419896"
	    " block_number=2147483648 file_data=5468697320697320612074657374}" },
	{ 70, 6, "5B 01 0900 785634120100000000",
	    "[g70v6] <file_handle=305419896 <block_number=1 <status_code=0 <optional_text= {0"
	    " file_handle=305419896 block_number=1 status_code=0 optional_text=}" },
	{ 70, 7, "5B 01 1B00 1400070001000A000000230100008001240109006C6F672E747874",
	    "[g70v7] <filename_offset=20 <filename_size=7 <file_type=1 <file_size=10"
	    " <created_timestamp=1649267441955 <permissions=292 <request_id=9"
	    " <filename=6c6f672e747874 {0 filename_offset=20 filename_size=7 file_type=1"
	    " file_size=10 created_timestamp=1649267441955 permissions=292 request_id=9"
	    " filename=6c6f672e747874}" },
	{ 70, 8, "5B 01 0700 6C6F672E747874",
	    "[g70v8] <file_specification=6c6f672e747874 {0 file_specification=6c6f672e747874}" },
	{ 80, 1, "00 0707 00",
	    "[g80v1 7+1 = 7:0] {7 state=0}" },
	{ 81, 1, "07 01 B2 02 02",
	    "[g81v1 = 0:50] <fill_percentage=50 <overflow_state=1 <group=2 <variation=2 {0"
	    " fill_percentage=50 overflow_state=1 group=2 variation=2}" },
	{ 82, 1, "5B 01 0200 0102",
	    "[g82v1] {0 data=0102}" },
	{ 83, 1, "07 01 41434D4507000300010203",
	    "[g83v1] <vendor_code=41434d45 <object_id=7 <length=3 {0 vendor_code=41434d45"
	    " object_id=7 length=3 data_objects=010203}" },
	{ 83, 2, "5B 01 0A00 41434D45070001000102",
	    "[g83v2] <vendor_code=41434d45 <object_id=7 <count=1 {0 vendor_code=41434d45"
	    " object_id=7 count=1 descriptors=0102}" },
	{ 85, 1, "5B 01 0500 020102017F",
	    "[g85v1] {0 elements=020102017f}" },
	{ 86, 1, "5B 01 0500 020102017F",
	    "[g86v1] {0 elements=020102017f}" },
	{ 86, 3, "5B 01 0500 020102017F",
	    "[g86v3] {0 elements=020102017f}" },
	{ 87, 1, "5B 01 0500 020102017F",
	    "[g87v1] {0 elements=020102017f}" },
	{ 88, 1, "5B 01 0500 020102017F",
	    "[g88v1] {0 elements=020102017f}" },
	{ 86, 2, "07 01 05",
	    "[g86v2] <rd=1 <wr=0 <st=1 <ev=0 <df=0 <padding0=0 <padding1=0 <padding2=0 {0 rd=1"
	    " wr=0 st=1 ev=0 df=0 padding0=0 padding1=0 padding2=0}" },
	{ 90, 1, "5B 01 0400 70756D70",
	    "[g90v1] <application_id=70756d70 {0 application_id=70756d70}" },
	{ 91, 1, "5B 01 0900 F40100000070756D70",
	    "[g91v1] <time_delay=500 <status_code=0 <application_id=70756d70 {0 time_delay=500"
	    " status_code=0 application_id=70756d70}" },
	{ 100, 1, "00 0505 210000C0BF",
	    "[g100v1 5+1 = 5:-1.5/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=-1.5}" },
	{ 100, 2, "00 0505 219C7500883CE4377E",
	    "[g100v2 5+1 = 5:1e+300/21] {5 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 over_range=1 reference_err=0 reserved0=0 value=1e+300}" },
	{ 101, 1, "00 0505 3412",
	    "[g101v1 5+1 = 5:1234] {5 value=1234}" },
	{ 101, 2, "00 0505 78563412",
	    "[g101v2 5+1 = 5:12345678] {5 value=12345678}" },
	{ 101, 3, "00 0505 1615141378563412",
	    "[g101v3 5+1 = 5:1234567813141516] {5 value=1234567813141516}" },
	{ 102, 1, "00 0505 FE",
	    "[g102v1 5+1 = 5:254] {5 value=254}" },
	{ 110, 5, "17 01 03 'hello'",
	    "[g110v5 = 3:68656c6c6f] {3 value=68656c6c6f}" },
	{ 111, 5, "17 01 03 'hello'",
	    "[g111v5 = 3:68656c6c6f] {3 value=68656c6c6f}" },
	{ 112, 5, "17 01 03 'hello'",
	    "[g112v5 = 3:68656c6c6f] {3 value=68656c6c6f}" },
	{ 113, 5, "17 01 03 'hello'",
	    "[g113v5 = 3:68656c6c6f] {3 value=68656c6c6f}" },
	{ 114, 1, "17 01 03 0500 'hello'",
	    "[g114v1 = 3:68656c6c6f] {3 length=5 value=68656c6c6f}" },
	{ 115, 1, "17 01 03 0500 'hello'",
	    "[g115v1 = 3:68656c6c6f] {3 length=5 value=68656c6c6f}" },
	{ 120, 1, "5B 01 0C00 050000000100040101020304",
	    "[g120v1] <csq=5 <usr=1 <mal=4 <reason=1 {0 csq=5 usr=1 mal=4 reason=1"
	    " challenge_data=01020304}" },
	{ 120, 2, "5B 01 1000 05000000010009090909090909090909",
	    "[g120v2] <csq=5 <usr=1 {0 csq=5 usr=1 mac_value=09090909090909090909}" },
	{ 120, 3, "07 01 050000000100",
	    "[g120v3] <csq=5 <user_number=1 {0 csq=5 user_number=1}" },
	{ 120, 4, "07 01 FFFF",
	    "[g120v4] <user_number=65535 {0 user_number=65535}" },
	{ 120, 5, "5B 01 1000 010000000100010200040073746576AA",
	    "[g120v5] <ksq=1 <user_number=1 <key_wrap_alg=1 <key_status=2 <mal=0"
	    " <challenge_data_len=4 {0 ksq=1 user_number=1 key_wrap_alg=1 key_status=2 mal=0"
	    " challenge_data_len=4 challenge_data=73746576 mac_value=aa}" },
	{ 120, 6, "5B 01 1E00 701101000100070707070707070707070707070707070707070707070707",
	    "[g120v6] <ksq=70000 <usr=1 {0 ksq=70000 usr=1"
	    " wrapped_key_data=070707070707070707070707070707070707070707070707}" },
	{ 120, 7, "5B 01 1100 0600000001000200012301000080016E6F",
	    "[g120v7] <sequence_number=6 <usr=1 <association_id=2 <error_code=1"
	    " <time_of_error=1649267441955 <error_text=6e6f {0 sequence_number=6 usr=1"
	    " association_id=2 error_code=1 time_of_error=1649267441955 error_text=6e6f}" },
	{ 120, 8, "5B 01 0400 43013082",
	    "[g120v8] <key_change_method=67 <certificate_type=1 {0 key_change_method=67"
	    " certificate_type=1 certificate=3082}" },
	{ 120, 9, "5B 01 0400 01020304",
	    "[g120v9] {0 mac_value=01020304}" },
	{ 120, 10, "5B 01 1600 03010900000002001E000300020001004576650102FF",
	    "[g120v10] <key_change_method=3 <operation=1 <scs=9 <user_role=2"
	    " <user_role_expiry_interval=30 <username_len=3 <user_public_key_len=2"
	    " <certification_data_len=1 <username=457665 {0 key_change_method=3 operation=1"
	    " scs=9 user_role=2 user_role_expiry_interval=30 username_len=3"
	    " user_public_key_len=2 certification_data_len=1 username=457665"
	    " user_public_key=0102 certification_data=ff}" },
	{ 120, 11, "5B 01 0A00 03030002004576650506",
	    "[g120v11] <key_change_method=3 <username_len=3 <master_challenge_data_len=2"
	    " <username=457665 {0 key_change_method=3 username_len=3 master_challenge_data_len=2"
	    " username=457665 master_challenge_data=0506}" },
	{ 120, 12, "5B 01 0A00 08000000040002000506",
	    "[g120v12] <ksq=8 <user_number=4 <challenge_data_len=2 {0 ksq=8 user_number=4"
	    " challenge_data_len=2 challenge_data=0506}" },
	{ 120, 13, "5B 01 0A00 08000000040002000506",
	    "[g120v13] <ksq=8 <user_number=4 <encrypted_update_key_len=2 {0 ksq=8 user_number=4"
	    " encrypted_update_key_len=2 encrypted_update_key_data=0506}" },
	{ 120, 14, "5B 01 0300 010203",
	    "[g120v14] {0 digital_signature=010203}" },
	{ 120, 15, "5B 01 0300 010203",
	    "[g120v15] {0 mac=010203}" },
	{ 121, 1, "17 01 03 41030063000000",
	    "[g121v1 = 3:99/41] {3 online=1 restart=0 comm_lost=0 remote_forced=0 local_forced=0"
	    " reserved0=0 discontinuity=1 reserved1=0 association_id=3 count_value=99}" },
	{ 122, 1, "17 01 03 41030063000000",
	    "[g122v1 = 3:99/41] {3 online=1 restart=0 comm_lost=0 remote_forced=0 local_forced=0"
	    " reserved0=0 discontinuity=1 reserved1=0 association_id=3 count_value=99}" },
	{ 122, 2, "17 01 03 41030063000000230100008001",
	    "[g122v2 = 3:99/41@1649267441955] {3 online=1 restart=0 comm_lost=0 remote_forced=0"
	    " local_forced=0 reserved0=0 discontinuity=1 reserved1=0 association_id=3"
	    " count_value=99 timestamp=1649267441955}" },
};
