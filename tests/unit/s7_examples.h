/* s7_examples.h - request and answer of every S7comm service: bytes of real
 * controllers and stacks where there are some, else made after NOTES.md. */
#ifndef TESTS_S7_EXAMPLES_H
#define TESTS_S7_EXAMPLES_H

#include <stdint.h>

enum kind { JOB, USERDATA, PUSH };

struct example {
	uint32_t	 code, sub;
	enum kind	 kind;
	/* A job's parameters and data; of userdata the payload alone. */
	const char	*request, *request_data, *answer, *answer_data;
	const char	*said;		/* of the finished operation */
};

#define NOSUB UINT32_MAX

static const struct example examples[] = {
{ 0x00, NOSUB, JOB, "00 01", "", "00", "",
  "= 2 CPU services, diagnose, answered data=01\n" },
{ 0x01, NOSUB, JOB, "01", "", "01", "",
  "= 2 Mode transition, report, answered\n" },
{ 0x04, NOSUB, JOB, "04 01 12 0A 10 02 0004 0001 84 000000", "", "04 01", "FF 04 0020 01020304",
  "= 2 Read Var, read, answered [s7-db P#DB1.DBX0.0 BYTE 4 = 1,2,3,4]\n" },
{ 0x05, NOSUB, JOB, "05 01 12 0A 10 01 0001 0001 84 000023", "00 03 0001 01", "05 01", "FF",
  "= 2 Write Var, write, answered [>s7-db DB1.DBX4.3 = 1]\n" },
{ 0x1a, NOSUB, JOB, "1A 00 0100 00000000 09 '_0A00001P' 0D '1000500000400'", "", "1A", "",
  "= 2 Request download, program-write, answered [>s7-block DB1] session=0 filename='_0A"
  "00001P' block_type='DB' block_number=1 filesystem='passive' load_memory_length=500 mc7_length=400"
  "\n" },
{ 0x1b, NOSUB, JOB, "1B 00 0000 00000000 09 '_0A00001P'", "", "1B 00", "0026 00FB 7070 01 01 05 0A 0001 000001F4 00000000 029147602BB5 029147602BB5 001C 0000 0000 0190 0000",
  "= 2 Download block, program-write, answered [>s7-block DB1] session=0 filename='_0A00"
  "001P' block_type='DB' block_number=1 filesystem='passive' <data_length=38 <more_follows=0 <langua"
  "ge='DB' <block_header_type='DB' <load_memory_length=500 <code_changed=1408535875424 <interface_ch"
  "anged=1408535875424 <mc7_length=400\n" },
{ 0x1c, NOSUB, JOB, "1C 00 0000 00000000 09 '_0A00001P'", "", "1C", "",
  "= 2 Download ended, program-write, answered [>s7-block DB1] session=0 filename='_0A00"
  "001P' block_type='DB' block_number=1 filesystem='passive'\n" },
{ 0x1d, NOSUB, JOB, "1D 00 0000 00000000 09 '_0B00000A'", "", "1D 00 0100 00000007 07 '0000216'", "",
  "= 2 Start upload, program-read, answered [s7-block SDB0] session=0 filename='_0B00000A"
  "' block_type='SDB' block_number=0 filesystem='active' <session=7 <load_memory_length=216\n" },
{ 0x1e, NOSUB, JOB, "1E 00 0000 00000007", "", "1E 00", "0004 00FB 01020304",
  "= 2 Upload, program-read, answered session=7 <data_length=4 <more_follows=0\n" },
{ 0x1f, NOSUB, JOB, "1F 00 0000 00000007", "", "1F", "",
  "= 2 End upload, program-read, answered session=7\n" },
{ 0x28, NOSUB, JOB, "28 000000000000FD 000A 01 00 '0A00001P' 05 '_INSE'", "", "28", "",
  "= 2 PI-Service: activate downloaded blocks, program-write, answered [>s7-block DB1] s"
  "ervice='_INSE' block_type='DB' block_number=1 filesystem='passive'\n" },
{ 0x29, NOSUB, JOB, "29 0000000000 09 'P_PROGRAM'", "", "29", "",
  "= 2 PLC Stop, mode, answered service='P_PROGRAM'\n" },
{ 0xf0, NOSUB, JOB, "F0 00 0001 0001 01E0", "", "F0 00 0001 0001 00F0", "",
  "= 2 Setup communication, session, answered max_amq_calling=1 max_amq_called=1 pdu_size=480 <max_a"
  "mq_calling=1 <max_amq_called=1 <pdu_size=240\n" },
{ S7_CODE_GROUP | 1, 1, USERDATA, "001C 0008 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 000C 0005 0010 0020 00 03 00 07 00 7F 00 01", "", "0004 0008 0000 0001 0102030405060708", "",
  "= 2 Programmer commands: Block status, read, answered tis_parameter_1=0 trigger_type=1 trigger_ty"
  "pe_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_size="
  "18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1 trig"
  "ger_event=512 trigger='start of cycle' block_type_id=12 block_type='FC' block_number=5 start_addr"
  "ess=16 step_address=32 registers=3 register='STW' register='ACCU1' registers=7 register='STW' reg"
  "ister='ACCU1' register='ACCU2' registers=127 register='STW' register='ACCU1' register='ACCU2' reg"
  "ister='AR1' register='AR2' register='DB1' register='DB2' registers=1 register='STW' <tis_result_1"
  "=0 <tis_result_2=1 <data=0102030405060708\n" },
{ S7_CODE_GROUP | 1, 3, USERDATA, "0014 0002 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 0000", "", "0004 0040 0000 0001 0008 0001 0014 0A 0B 0001 0000 00000000 11111111 22222222 33333333 44444444 84000000 85000000 0000 7F03 000E 0007 0042 0000 00000000 35 00 1A 55 0000 0000", "",
  "= 2 Programmer commands: Output ISTACK, diagnose, answered tis_parameter_1=0 trigger_type=1 trigg"
  "er_type_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_"
  "size=18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1"
  " trigger_event=512 trigger='start of cycle' data=0000 <tis_result_1=0 <tis_result_2=1 <continued_"
  "block_type='OB' <interrupted_block_type='FB' <continued_block_type_id=8 <continued_block_number=1"
  " <continued_address=20 <db1_type=10 <db2_type=11 <db1_number=1 <db2_number=0 <accu_1=286331153 <a"
  "ccu_2=572662306 <accu_3=858993459 <accu_4=1145324612 <address_register_1=2214592512 <address_regi"
  "ster_2=2231369728 <status_word=32515 <interrupted_block_type_id=14 <interrupted_block_number=7 <i"
  "nterrupted_address=66 <event_class_id=53 <ob_priority=26 <ob_number=85 <data=00000000\n" },
{ S7_CODE_GROUP | 1, 4, USERDATA, "0014 0002 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 0000", "", "0004 0020 0000 0001 000C 0005 0010 0A 00 0001 0000 00000000 0008 0001 0024 00 00 0000 0000 00000000", "",
  "= 2 Programmer commands: Output BSTACK, diagnose, answered tis_parameter_1=0 trigger_type=1 trigg"
  "er_type_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_"
  "size=18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1"
  " trigger_event=512 trigger='start of cycle' data=0000 <tis_result_1=0 <tis_result_2=1 <interrupte"
  "d_block_type='FC' <interrupted_block_type_id=12 <interrupted_block_number=5 <interrupted_address="
  "16 <db1_type=10 <db2_type=0 <db1_number=1 <db2_number=0 <interrupted_block_type='OB' <interrupted"
  "_block_type_id=8 <interrupted_block_number=1 <interrupted_address=36 <db1_type=0 <db2_type=0 <db1"
  "_number=0 <db2_number=0\n" },
{ S7_CODE_GROUP | 1, 5, USERDATA, "0014 0002 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 1D 02", "", "0004 000C 0000 0001 000C 0005 0010 0004 01020304", "",
  "= 2 Programmer commands: Output LSTACK, diagnose, answered tis_parameter_1=0 trigger_type=1 trigg"
  "er_type_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_"
  "size=18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1"
  " trigger_event=512 trigger='start of cycle' priority_class=29 nesting_depth=2 <tis_result_1=0 <ti"
  "s_result_2=1 <interrupted_block_type='FC' <interrupted_block_type_id=12 <interrupted_block_number"
  "=5 <interrupted_address=16 <local_data_size=4 <local_data=01020304\n" },
{ S7_CODE_GROUP | 1, 6, USERDATA, "0014 0000 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 ", "", "0004 0002 0000 0001 AABB", "",
  "= 2 Programmer commands: Time measurement, diagnose, answered tis_parameter_1=0 trigger_type=1 tr"
  "igger_type_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answ"
  "er_size=18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_"
  "9=1 trigger_event=512 trigger='start of cycle' <tis_result_1=0 <tis_result_2=1 <data=aabb\n" },
{ S7_CODE_GROUP | 1, 7, USERDATA, "0014 0000 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 ", "", "0004 0002 0000 0001 AABB", "",
  "= 2 Programmer commands: Force selection, operate, answered tis_parameter_1=0 trigger_type=1 trig"
  "ger_type_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer"
  "_size=18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9="
  "1 trigger_event=512 trigger='start of cycle' <tis_result_1=0 <tis_result_2=1 <data=aabb\n" },
{ S7_CODE_GROUP | 1, 10, USERDATA, "001C 0002 0000 0001 0000 0026 0001 0001 0001 0001 0001 0C00 000C 0005 0010 0020 0001", "", "0004 0026 0000 0001 000C 0005 0010 000C 0005 0012 0000 0101 AAAAAAAA BBBBBBBB 84000000 85000000 0A 00 0001 0000", "",
  "= 2 Programmer commands: Breakpoint, mode, answered tis_parameter_1=0 trigger_type=1 trigger_type"
  "_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_size=38"
  " tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1 trigge"
  "r_event=3072 trigger='before a code address' block_type_id=12 block_type='FC' block_number=5 star"
  "t_address=16 step_address=32 data=0001 <tis_result_1=0 <tis_result_2=1 <interrupted_block_type='F"
  "C' <breakpoint_block_type='FC' <interrupted_block_type_id=12 <interrupted_block_number=5 <interru"
  "pted_address=16 <breakpoint_block_type_id=12 <breakpoint_block_number=5 <breakpoint_address=18 <s"
  "tatus_word=257 <accu_1=2863311530 <accu_2=3149642683 <address_register_1=2214592512 <address_regi"
  "ster_2=2231369728 <db1_type=10 <db2_type=0 <db1_number=1 <db2_number=0\n" },
{ S7_CODE_GROUP | 1, 11, USERDATA, "0014 0002 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 01 00", "", "0004 0000 0000 0001", "",
  "= 2 Programmer commands: Exit HOLD, mode, answered tis_parameter_1=0 trigger_type=1 trigger_type_"
  "name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_size=18 "
  "tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1 trigger"
  "_event=512 trigger='start of cycle' hold_until=1 hold_reserved=0 <tis_result_1=0 <tis_result_2=1"
  "\n" },
{ S7_CODE_GROUP | 1, 12, USERDATA, "0014 0000 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 ", "", "0004 0002 0000 0001 AABB", "",
  "= 2 Programmer commands: Memory reset, mode, answered tis_parameter_1=0 trigger_type=1 trigger_ty"
  "pe_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_size="
  "18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1 trig"
  "ger_event=512 trigger='start of cycle' <tis_result_1=0 <tis_result_2=1 <data=aabb\n" },
{ S7_CODE_GROUP | 1, 16, USERDATA, "0014 0004 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 0000 0000", "", "0004 0004 0000 0000 02 07 0000", "",
  "= 2 Programmer commands: Read job list, diagnose, answered tis_parameter_1=0 trigger_type=1 trigg"
  "er_type_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_"
  "size=18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1"
  " trigger_event=512 trigger='start of cycle' data=00000000 <tis_result_1=0 <tis_result_2=0 <job_fu"
  "nction=2 <job_name='Variable status' <job_sequence=7\n" },
{ S7_CODE_GROUP | 1, 19, USERDATA, "001C 000C 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 000C 0005 0010 0020 01 02 00 7F 0004 00 03 0008 00 07", "", "0004 0008 0000 0001 0102030405060708", "",
  "= 2 Programmer commands: Block status v2, read, answered tis_parameter_1=0 trigger_type=1 trigger"
  "_type_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_si"
  "ze=18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1 t"
  "rigger_event=512 trigger='start of cycle' block_type_id=12 block_type='FC' block_number=5 start_a"
  "ddress=16 step_address=32 block_status_flags=1 lines=2 registers=127 register='STW' register='ACC"
  "U1' register='ACCU2' register='AR1' register='AR2' register='DB1' register='DB2' line_address=4 r"
  "egisters=3 register='STW' register='ACCU1' line_address=8 registers=7 register='STW' register='AC"
  "CU1' register='ACCU2' <tis_result_1=0 <tis_result_2=1 <data=0102030405060708\n" },
{ S7_CODE_GROUP | 1, 22, USERDATA, "0014 0000 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 ", "", "0004 0002 0000 0001 AABB", "",
  "= 2 Programmer commands: Flash LED, diagnose, answered tis_parameter_1=0 trigger_type=1 trigger_t"
  "ype_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_size"
  "=18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1 tri"
  "gger_event=512 trigger='start of cycle' <tis_result_1=0 <tis_result_2=1 <data=aabb\n" },
{ S7_CODE_GROUP | 1, 2, USERDATA, "0014 000E 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 0002 01 06 0000 0000 11 01 0000 0008", "", "0004 0012 0000 0001 0002 FF 04 0030 010203040506 FF 04 0008 07 00", "",
  "= 2 Programmer commands: Variable status, read, answered [s7-flag P#M0.0 BYTE 6 = 1,2,3,4,5,6] [s"
  "7-input IB8 = 7] tis_parameter_1=0 trigger_type=1 trigger_type_name='monitor or modify' trigger_f"
  "requency=0 trigger_frequency_name='every cycle' answer_size=18 tis_parameter_5=1 tis_parameter_6="
  "1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1 trigger_event=512 trigger='start of cycle"
  "' <tis_result_1=0 <tis_result_2=1\n" },
{ S7_CODE_GROUP | 1, 8, USERDATA, "0014 001A 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 0002 70 03 0001 0004 71 01 0001 0008 FF 03 0001 01 00 FF 04 0008 55 00", "", "0004 0004 0000 0001 0002 FF 0A", "",
  "= 2 Programmer commands: Modify variable, write, answered [>s7-db DB1.DBX4.3 = 1] [>s7-db DB1.DBB"
  "8 status 10 = 85] tis_parameter_1=0 trigger_type=1 trigger_type_name='monitor or modify' trigger_"
  "frequency=0 trigger_frequency_name='every cycle' answer_size=18 tis_parameter_5=1 tis_parameter_6"
  "=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1 trigger_event=512 trigger='start of cycl"
  "e' <tis_result_1=0 <tis_result_2=1\n" },
{ S7_CODE_GROUP | 1, 9, USERDATA, "0014 000E 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 0001 21 01 0000 0004 FF 04 0008 55 00", "", "0004 0004 0000 0001 0001 FF 00", "",
  "= 2 Programmer commands: Force, operate, answered [>s7-output QB4 = 85] tis_parameter_1=0 trigger"
  "_type=1 trigger_type_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every c"
  "ycle' answer_size=18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_"
  "parameter_9=1 trigger_event=512 trigger='start of cycle' <tis_result_1=0 <tis_result_2=1\n" },
{ S7_CODE_GROUP | 1, 13, USERDATA, "0014 0002 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 02 07", "", "0004 0000 0000 0001", "",
  "= 2 Programmer commands: Disable job, config, answered tis_parameter_1=0 trigger_type=1 trigger_t"
  "ype_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_size"
  "=18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1 tri"
  "gger_event=512 trigger='start of cycle' job_function=2 job_name='Variable status' job_sequence=7 "
  "<tis_result_1=0 <tis_result_2=1\n" },
{ S7_CODE_GROUP | 1, 14, USERDATA, "0014 0002 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 02 07", "", "0004 0000 0000 0001", "",
  "= 2 Programmer commands: Enable job, config, answered tis_parameter_1=0 trigger_type=1 trigger_ty"
  "pe_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_size="
  "18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1 trig"
  "ger_event=512 trigger='start of cycle' job_function=2 job_name='Variable status' job_sequence=7 <"
  "tis_result_1=0 <tis_result_2=1\n" },
{ S7_CODE_GROUP | 1, 15, USERDATA, "0014 0004 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 0001 02 07", "", "0004 0000 0000 0001", "",
  "= 2 Programmer commands: Delete job, config, answered tis_parameter_1=0 trigger_type=1 trigger_ty"
  "pe_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_size="
  "18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1 trig"
  "ger_event=512 trigger='start of cycle' job_function=2 job_name='Variable status' job_sequence=7 <"
  "tis_result_1=0 <tis_result_2=1\n" },
{ S7_CODE_GROUP | 1, 17, USERDATA, "0014 0002 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 02 07", "", "0004 0018 0000 0001 0014 0000 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200", "",
  "= 2 Programmer commands: Read job, diagnose, answered tis_parameter_1=0 trigger_type=1 trigger_ty"
  "pe_name='monitor or modify' trigger_frequency=0 trigger_frequency_name='every cycle' answer_size="
  "18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_parameter_8=1 tis_parameter_9=1 trig"
  "ger_event=512 trigger='start of cycle' job_function=2 job_name='Variable status' job_sequence=7 <"
  "tis_result_1=0 <tis_result_2=1 <tis_parameter_1=0 <trigger_type=1 <trigger_type_name='monitor or "
  "modify' <trigger_frequency=0 <trigger_frequency_name='every cycle' <answer_size=18 <tis_parameter"
  "_5=1 <tis_parameter_6=1 <tis_parameter_7=1 <tis_parameter_8=1 <tis_parameter_9=1 <trigger_event=5"
  "12 <trigger='start of cycle'\n" },
{ S7_CODE_GROUP | 1, 18, USERDATA, "0004 001C 0000 0001 0000 02 07 0014 0000 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200", "", "0004 0000 0000 0001", "",
  "= 2 Programmer commands: Replace job, config, answered tis_parameter_1=0 trigger_type=1 trigger_t"
  "ype_name='monitor or modify' job_function=2 job_name='Variable status' job_sequence=7 tis_paramet"
  "er_1=0 trigger_type=1 trigger_type_name='monitor or modify' trigger_frequency=0 trigger_frequency"
  "_name='every cycle' answer_size=18 tis_parameter_5=1 tis_parameter_6=1 tis_parameter_7=1 tis_para"
  "meter_8=1 tis_parameter_9=1 trigger_event=512 trigger='start of cycle' <tis_result_1=0 <tis_resul"
  "t_2=1\n" },
{ S7_CODE_GROUP | 2, 1, USERDATA, "0001 00 05 12 0A 10 02 0002 0000 83 000320", "", "0001 FF 04 0010 1234", "",
  "= 2 Cyclic services: Cyclic transfer, read, answered [s7-flag P#M100.0 BYTE 2 = 18,52] interval_m"
  "s=500\n" },
{ S7_CODE_GROUP | 2, 4, USERDATA, "00 07", "", "", "",
  "= 2 Cyclic services: Unsubscribe, session, answered cyclic_function=0 job_id=7\n" },
{ S7_CODE_GROUP | 2, 5, USERDATA, "0001 01 02 12 0A 10 04 0001 0005 84 000010", "", "0001 FF 04 0010 1234", "",
  "= 2 Cyclic services: Change driven transfer, read, answered [s7-db DB5.DBW2 = 4660] interval_ms=2"
  "000\n" },
{ S7_CODE_GROUP | 2, 7, USERDATA, "0001 01 02 12 0A 10 04 0001 0005 84 000010", "", "0001 FF 04 0010 1234", "",
  "= 2 Cyclic services: Change driven transfer modify, read, answered [s7-db DB5.DBW2 = 4660] interv"
  "al_ms=2000\n" },
{ S7_CODE_GROUP | 2, 8, USERDATA, "00 01 12 0A A2 00 0000 00FF 0002 0003", "", "00 01 00 04 01020304 FF 09 0002 ABCD", "",
  "= 2 Cyclic services: Read data record, read, answered [s7-record #2 3+1 = 171,205] drive_paramete"
  "r=2 drive_index=3 <record_return_code=0 <status=01020304\n" },
{ S7_CODE_GROUP | 3, 1, USERDATA, "", "", "3038 0001 3041 0002", "",
  "= 2 Block functions: List blocks, diagnose, answered <block_type='OB' <block_count=1 <block_type="
  "'DB' <block_count=2\n" },
{ S7_CODE_GROUP | 3, 2, USERDATA, "3041", "", "0001 22 05 0002 22 05", "",
  "= 2 Block functions: List blocks of type, diagnose, answered block_type='DB' <blocks=2 <block_num"
  "ber=1 <block_flags=34 <block_language='DB' <block_number=2 <block_flags=34 <block_language='DB'\n" },
{ S7_CODE_GROUP | 3, 3, USERDATA, "3041 '00001' 41", "", "01 00 004E 0000 7070 00 01 05 0A 0001 0000015C 00000000 000000000000 000000010000 0014 0000 0000 0100 'ME      ' 'FAM     ' 'HEAD    ' 12 00 ABCD 00000000 00000000", "",
  "= 2 Block functions: Get block info, diagnose, answered [s7-block DB1] block_type='DB"
  "' block_number=1 filesystem='active' <block_flags=1 <block_language='DB' <block_type='DB' <block_"
  "number=1 <load_memory_length=348 <block_security=0 <code_changed=441763200000 <interface_changed="
  "441763200001 <ssb_length=20 <add_length=0 <local_data_length=0 <mc7_length=256 <author='ME' <fami"
  "ly='FAM' <header_name='HEAD' <version_major=1 <version_minor=2 <checksum=43981\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0424 0000", "", "0424 0000 0014 0001 5144 FF 08 00000000 00 00 00 00 26 01 02 03 04 05 12 34", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #1060 0+1] szl_id=1060 szl_index=0 szl_na"
  "me='Operating mode and transitions' <record_length=20 <records=1 <event_id=20804 <event_ae=255 <m"
  "ode_id=8 <start_type=0 <start_allowed=0 <last_start=0 <start_info=0 <transition_time=176732304512"
  "3 <mode='RUN' run_state=\"RUN\"\n" },
{ S7_CODE_GROUP | 4, 2, USERDATA, "81 00 'HmiRtm  ' 08 00", "", "02 00 08 00", "",
  "= 2 CPU functions: Message service, session, answered events=129 subscribed='mode transitions' su"
  "bscribed='alarms' username='HmiRtm' alarm_type=8 <result=2 <alarm_type=8\n" },
{ S7_CODE_GROUP | 4, 7, USERDATA, "09 01 12 06 15 01 00000102", "", "09 01 FF", "",
  "= 2 CPU functions: ALARM_8 lock, alarm, answered message_function=9 objects=1 object_syntax_id=21"
  " object_syntax='ALARM_LOCKFREE' event_id=258 <message_function=9 <objects=1 <object_return_code=2"
  "55\n" },
{ S7_CODE_GROUP | 4, 8, USERDATA, "09 01 12 06 15 01 00000102", "", "09 01 FF", "",
  "= 2 CPU functions: ALARM_8 unlock, alarm, answered message_function=9 objects=1 object_syntax_id="
  "21 object_syntax='ALARM_LOCKFREE' event_id=258 <message_function=9 <objects=1 <object_return_code"
  "=255\n" },
{ S7_CODE_GROUP | 4, 11, USERDATA, "09 01 12 08 19 01 00000102 00 01", "", "09 01 FF", "",
  "= 2 CPU functions: ALARM acknowledge, alarm, answered message_function=9 objects=1 object_syntax_"
  "id=25 object_syntax='ALARM_ACK' event_id=258 ack_going=0 ack_coming=1 <message_function=9 <object"
  "s=1 <object_return_code=255\n" },
{ S7_CODE_GROUP | 4, 19, USERDATA, "00 01 12 08 1A 00 01 34 00000004", "", "00 01 FF 09 0028 27 0000 04 00000102 00 01 00 01 94 01 09 21 53 42 15 21 FF 04 0010 1234 94 01 09 21 53 42 15 21 FF 04 0010 0102", "",
  "= 2 CPU functions: ALARM query, alarm, answered message_function=0 objects=1 object_syntax_id=26 "
  "object_syntax='ALARM_QUERYREQ' query_type=1 query_alarm_type=4 <message_function=0 <objects=1 <ob"
  "ject_return_code=255 <object_transport_size=9 <complete_length=40 <alarm_type=4 <event_id=258 <ev"
  "ent_state=1 <ack_going=0 <ack_coming=1 <event_time=758152422152 <associated_return_code=255 <asso"
  "ciated_transport_size=4 <associated_length=16 <associated_value=1234 <event_time_going=7581524221"
  "52 <associated_return_code=255 <associated_transport_size=4 <associated_length=16 <associated_val"
  "ue=0102\n" },
{ S7_CODE_GROUP | 5, 1, USERDATA, "0102030405060708", "", "", "",
  "= 2 Security: PLC password, auth, answered password_length=8\n" },
{ S7_CODE_GROUP | 5, 2, USERDATA, "", "", "", "",
  "= 2 Security: Clear password, auth, answered\n" },
{ S7_CODE_GROUP | 6, 1, USERDATA, "12 06 13 00 00000001 0002 AABB", "", "", "",
  "= 2 PBC BSEND/BRECV: BSEND, write, answered object_syntax_id=19 r_id=1 length=2 data_length=2 dat"
  "a=aabb\n" },
{ S7_CODE_GROUP | 6, 2, USERDATA, "12 06 13 00 00000001 0002 AABB", "", "", "",
  "= 2 PBC BSEND/BRECV: BRECV, write, answered object_syntax_id=19 r_id=1 length=2 data_length=2 dat"
  "a=aabb\n" },
{ S7_CODE_GROUP | 7, 1, USERDATA, "", "", "00 19 26 01 02 03 04 05 12 34", "",
  "= 2 Time functions: Read clock, time, answered <clock=1767323045123\n" },
{ S7_CODE_GROUP | 7, 2, USERDATA, "00 19 26 01 02 03 04 05 12 34", "", "", "",
  "= 2 Time functions: Set clock, time, answered clock=1767323045123\n" },
{ S7_CODE_GROUP | 7, 3, USERDATA, "", "", "00 19 26 01 02 03 04 05 12 34", "",
  "= 2 Time functions: Read clock (following), time, answered <clock=1767323045123\n" },
{ S7_CODE_GROUP | 7, 4, USERDATA, "00 19 26 01 02 03 04 05 12 34", "", "", "",
  "= 2 Time functions: Set clock (following), time, answered clock=1767323045123\n" },
{ S7_CODE_GROUP | 15, 1, USERDATA, "01 02", "", "03", "",
  "= 2 NC programming: Request download, program-write, answered data=0102 <data=03\n" },
{ S7_CODE_GROUP | 15, 2, USERDATA, "01 02", "", "03", "",
  "= 2 NC programming: Download block, program-write, answered data=0102 <data=03\n" },
{ S7_CODE_GROUP | 15, 3, USERDATA, "01 02", "", "03", "",
  "= 2 NC programming: Continue download, program-write, answered data=0102 <data=03\n" },
{ S7_CODE_GROUP | 15, 4, USERDATA, "01 02", "", "03", "",
  "= 2 NC programming: Download ended, program-write, answered data=0102 <data=03\n" },
{ S7_CODE_GROUP | 15, 6, USERDATA, "01 02", "", "03", "",
  "= 2 NC programming: Start upload, program-read, answered data=0102 <data=03\n" },
{ S7_CODE_GROUP | 15, 7, USERDATA, "01 02", "", "03", "",
  "= 2 NC programming: Upload, program-read, answered data=0102 <data=03\n" },
{ S7_CODE_GROUP | 15, 8, USERDATA, "01 02", "", "03", "",
  "= 2 NC programming: Continue upload, program-read, answered data=0102 <data=03\n" },
{ S7_CODE_GROUP | 0, 0, PUSH, "", "", "", "",
  "= 2 Mode-transition: STOP, report, unsolicited run_state=\"STOP\"\n" },
{ S7_CODE_GROUP | 0, 1, PUSH, "", "", "", "",
  "= 2 Mode-transition: Warm restart, report, unsolicited run_state=\"warm restart\"\n" },
{ S7_CODE_GROUP | 0, 2, PUSH, "", "", "", "",
  "= 2 Mode-transition: RUN, report, unsolicited run_state=\"RUN\"\n" },
{ S7_CODE_GROUP | 0, 3, PUSH, "", "", "", "",
  "= 2 Mode-transition: Hot restart, report, unsolicited run_state=\"hot restart\"\n" },
{ S7_CODE_GROUP | 0, 4, PUSH, "", "", "", "",
  "= 2 Mode-transition: HOLD, report, unsolicited run_state=\"HOLD\"\n" },
{ S7_CODE_GROUP | 0, 6, PUSH, "", "", "", "",
  "= 2 Mode-transition: Cold restart, report, unsolicited run_state=\"cold restart\"\n" },
{ S7_CODE_GROUP | 0, 9, PUSH, "", "", "", "",
  "= 2 Mode-transition: RUN (redundant), report, unsolicited run_state=\"RUN (redundant)\"\n" },
{ S7_CODE_GROUP | 0, 11, PUSH, "", "", "", "",
  "= 2 Mode-transition: LINK-UP, report, unsolicited run_state=\"LINK-UP\"\n" },
{ S7_CODE_GROUP | 0, 12, PUSH, "", "", "", "",
  "= 2 Mode-transition: UPDATE, report, unsolicited run_state=\"UPDATE\"\n" },
{ S7_CODE_GROUP | 4, 3, PUSH, "", "", "4304 FF 84 0000 0000 00000000 94 01 09 21 53 42 15 21", "",
  "= 2 CPU functions: Diagnostic message, report, unsolicited <event_id=17156 <event_class='mode tra"
  "nsition' <event_entering=1 <priority_class=255 <ob_number=132 <data_id=0 <info_1=0 <info_2=0 <eve"
  "nt_time=758152422152\n" },
{ S7_CODE_GROUP | 4, 5, PUSH, "", "", "94 01 09 21 53 42 15 21 00 01 12 0A 16 01 00000102 01 01 00 01 FF 04 0010 1234", "",
  "= 2 CPU functions: ALARM_8 indication, alarm, unsolicited <event_time=758152422152 <message_funct"
  "ion=0 <objects=1 <object_syntax_id=22 <object_syntax='ALARM_IND' <event_id=258 <event_state=1 <st"
  "ate=1 <ack_going=0 <ack_coming=1 <associated_return_code=255 <associated_transport_size=4 <associ"
  "ated_length=16 <associated_value=1234\n" },
{ S7_CODE_GROUP | 4, 6, PUSH, "", "", "94 01 09 21 53 42 15 21 00 01 12 0E 1C 01 00000102 01 01 00 01 00 01 01 00 FF 04 0010 1234", "",
  "= 2 CPU functions: NOTIFY indication, alarm, unsolicited <event_time=758152422152 <message_functi"
  "on=0 <objects=1 <object_syntax_id=28 <object_syntax='NOTIFY_IND' <event_id=258 <event_state=1 <st"
  "ate=1 <ack_going=0 <ack_coming=1 <event_going=0 <event_coming=1 <event_last_changed=1 <associated"
  "_return_code=255 <associated_transport_size=4 <associated_length=16 <associated_value=1234\n" },
{ S7_CODE_GROUP | 4, 9, PUSH, "", "", "0001 94 01 09 21 53 42 15 21 0002 00 01 12 0A 16 01 00000102 01 01 00 01 FF 04 0010 1234", "",
  "= 2 CPU functions: SCAN indication, alarm, unsolicited <event_time=758152422152 <message_function"
  "=0 <objects=1 <object_syntax_id=22 <object_syntax='ALARM_IND' <event_id=258 <event_state=1 <state"
  "=1 <ack_going=0 <ack_coming=1 <associated_return_code=255 <associated_transport_size=4 <associate"
  "d_length=16 <associated_value=1234\n" },
{ S7_CODE_GROUP | 4, 12, PUSH, "", "", "94 01 09 21 53 42 15 21 00 01 12 08 19 00 00000102 00 01", "",
  "= 2 CPU functions: ALARM acknowledge indication, alarm, unsolicited <event_time=758152422152 <mes"
  "sage_function=0 <objects=1 <object_syntax_id=25 <object_syntax='ALARM_ACK' <event_id=258 <ack_goi"
  "ng=0 <ack_coming=1\n" },
{ S7_CODE_GROUP | 4, 13, PUSH, "", "", "09 01 12 06 15 01 00000102", "",
  "= 2 CPU functions: ALARM lock indication, alarm, unsolicited <message_function=9 <objects=1 <obje"
  "ct_syntax_id=21 <object_syntax='ALARM_LOCKFREE' <event_id=258\n" },
{ S7_CODE_GROUP | 4, 14, PUSH, "", "", "09 01 12 06 15 01 00000102", "",
  "= 2 CPU functions: ALARM unlock indication, alarm, unsolicited <message_function=9 <objects=1 <ob"
  "ject_syntax_id=21 <object_syntax='ALARM_LOCKFREE' <event_id=258\n" },
{ S7_CODE_GROUP | 4, 17, PUSH, "", "", "94 01 09 21 53 42 15 21 00 01 12 0A 16 01 00000102 01 01 00 01 FF 04 0010 1234", "",
  "= 2 CPU functions: ALARM_SQ indication, alarm, unsolicited <event_time=758152422152 <message_func"
  "tion=0 <objects=1 <object_syntax_id=22 <object_syntax='ALARM_IND' <event_id=258 <event_state=1 <s"
  "tate=1 <ack_going=0 <ack_coming=1 <associated_return_code=255 <associated_transport_size=4 <assoc"
  "iated_length=16 <associated_value=1234\n" },
{ S7_CODE_GROUP | 4, 18, PUSH, "", "", "94 01 09 21 53 42 15 21 00 01 12 0A 16 01 00000102 01 01 00 01 FF 04 0010 1234", "",
  "= 2 CPU functions: ALARM_S indication, alarm, unsolicited <event_time=758152422152 <message_funct"
  "ion=0 <objects=1 <object_syntax_id=22 <object_syntax='ALARM_IND' <event_id=258 <event_state=1 <st"
  "ate=1 <ack_going=0 <ack_coming=1 <associated_return_code=255 <associated_transport_size=4 <associ"
  "ated_length=16 <associated_value=1234\n" },
{ S7_CODE_GROUP | 4, 22, PUSH, "", "", "94 01 09 21 53 42 15 21 00 01 12 0E 1C 01 00000102 01 01 00 01 00 01 01 00 FF 04 0010 1234", "",
  "= 2 CPU functions: NOTIFY_8 indication, alarm, unsolicited <event_time=758152422152 <message_func"
  "tion=0 <objects=1 <object_syntax_id=28 <object_syntax='NOTIFY_IND' <event_id=258 <event_state=1 <"
  "state=1 <ack_going=0 <ack_coming=1 <event_going=0 <event_coming=1 <event_last_changed=1 <associat"
  "ed_return_code=255 <associated_transport_size=4 <associated_length=16 <associated_value=1234\n" },
{ S7_CODE_GROUP | 4, 16, PUSH, "", "", "0102", "",
  "= 2 CPU functions: AR_SEND indication, alarm, unsolicited <data=0102\n" },
{ 0x04, NOSUB, JOB, "04 18 12 0A 10 01 0001 0000 81 000001 12 0A 10 03 0003 0001 84 000000 12 0A 10 05 0001 0000 83 000320 12 0A 10 06 0001 0000 82 000000 12 0A 10 07 0001 0001 84 000020 12 0A 10 08 0001 0001 84 000040 12 0A 10 09 0001 0001 84 000000 12 0A 10 0A 0001 0001 84 000000 12 0A 10 0B 0001 0001 85 000000 12 0A 10 0C 0001 0001 84 000000 12 0A 10 0F 0001 0001 84 000000 12 0A 10 1C 0001 0000 1C 000005 12 0A 10 1D 0001 0000 1D 000005 12 0A 10 1E 0001 0000 1E 000001 12 0A 10 1F 0001 0000 1F 000001 12 0A 10 20 0001 0000 1E 000001 12 0A 10 02 0001 0000 80 000008 12 0A 10 02 0001 0000 86 000008 12 0A 10 02 0001 0000 87 000008 12 0A 10 02 0001 0000 01 000008 12 0A 10 02 0001 0000 03 000008 12 0A 10 02 0001 0000 05 000008 12 0A 10 02 0001 0000 06 000008 12 0A 10 02 0001 0000 07 000008", "", "04 18", "FF 03 0001 01 00 FF 09 0003 'abc' 00 FF 05 0010 FFFE FF 04 0020 DEADBEEF FF 06 0004 FFFFFFFF FF 07 0004 3F800000 FF 04 0010 0001 FF 04 0020 000003E8 FF 04 0020 FFFFFFFF FF 04 0010 1250 FF 04 0040 2601020304051234 FF 09 0002 0123 FF 09 0002 1250 FF 09 0001 05 00 FF 09 0001 05 00 FF 09 0001 05 00 FF 04 0008 07 00 FF 04 0008 07 00 FF 04 0008 07 00 FF 04 0008 07 00 FF 04 0008 07 00 FF 04 0008 07 00 FF 04 0008 07 00 0A 00 0000",
  "= 2 Read Var, read, answered [s7-input I0.1 = 1] [s7-db P#DB1.DBX0.0 CHAR 3 = 'abc'] [s7-flag MW1"
  "00 = -2] [s7-output QD0 = 3735928559] [s7-db DB1.DBD4 = -1] [s7-db DB1.DBD8 = 1] [s7-db DB1.DBW0 "
  "= 631238400000] [s7-db DB1.DBD0 = 1000] [s7-di DI1.DID0 = -1] [s7-db DB1.DBW0 = 25000] [s7-db P#DB1.DBX0.0 DATE_AND_TIME 1 = 1767323045123] [s7-counter C5 = 123] [s7-timer T5 = 25000] [s7-counter C1 = 5] [s7-timer "
  "T1 = 5] [s7-counter C1 = 5] [s7-periphery PB1 = 7] [s7-local LB1 = 7] [s7-local LB1 = 7] [s7-reco"
  "rd #0 1+1 = 7] [s7-system #3 1+1 = 7] [s7-system #5 1+1 = 7] [s7-input AIB1 = 7] [s7-output AQB1 status 10]\n" },
{ 0x04, NOSUB, JOB, "04 05 12 08 82 41 0001 0002 7F 01 12 08 83 41 0001 0002 1A 01 12 08 84 41 0001 0002 1A 01 12 0A A2 00 0000 0000 0141 0002 12 07 B0 01 04 0001 0010", "", "04 05", "FF 09 0002 0102 FF 09 0002 0102 FF 09 0002 0102 FF 09 0002 0102 FF 09 0004 01020304",
  "= 2 Read Var, read, answered [s7-nck #16767 2+1 = 1,2] [s7-nck #16666 2+1 = 1,2] [s7-nck #16666 2"
  "+1 = 1,2] [s7-record #321 2+1 = 1,2] [s7-db P#DB1.DBX16.0 BYTE 4 = 1,2,3,4] nck_area='channel' nc"
  "k_unit=1 nck_column=1 nck_line=2 nck_module=127 nck_line_count=1 nck_area='channel' nck_unit=1 nc"
  "k_column=1 nck_line=2 nck_module=26 nck_line_count=1 nck_area='channel' nck_unit=1 nck_column=1 n"
  "ck_line=2 nck_module=26 nck_line_count=1 drive_parameter=321 drive_index=2 db_read_areas=1 db_rea"
  "d_number=1 db_read_address=16 db_read_length=4\n" },
{ 0x04, NOSUB, JOB, "04 01 12 0E B2 FF 8A0E 0001 12345678 20000009", "", "04 01", "FF 04 0010 0007",
  "= 2 Read Var, read, answered [s7-symbol #305419896 = 0,7] symbol_crc=305419896 symbol_db=1 symbol"
  "_path=536870921\n" },
{ 0x04, NOSUB, JOB, "04 01 12 0A 10 02 0001 0063 84 000000", "", "04 01", "0A 00 0000",
  "= 2 Read Var, read, exception 000a Object does not exist [s7-db DB99.DBB0 status 10]\n" },
{ 0x28, NOSUB, JOB, "28 000000000000FD 0002 'EP' 05 '_MODU'", "", "28", "",
  "= 2 PI-Service: copy RAM to ROM, program-write, answered service='_MODU' argument='EP'\n" },
{ 0x28, NOSUB, JOB, "28 000000000000FD 0000 05 '_GARB'", "", "28", "",
  "= 2 PI-Service: compress the memory, config, answered service='_GARB'\n" },
{ 0x28, NOSUB, JOB, "28 000000000000FD 0000 09 'P_PROGRAM'", "", "28", "",
  "= 2 PI-Service: start the program (restart the CPU), mode, answered service='P_PROGRAM' start='wa"
  "rm restart'\n" },
{ 0x28, NOSUB, JOB, "28 000000000000FD 0002 'C ' 09 'P_PROGRAM'", "", "28", "",
  "= 2 PI-Service: start the program (restart the CPU), mode, answered service='P_PROGRAM' start='co"
  "ld restart' argument='C '\n" },
{ 0x28, NOSUB, JOB, "28 000000000000FD 0009 08 'SECRET12' 09 '_N_LOGIN_'", "", "28", "",
  "= 2 PI-Service: log in to the control, auth, answered service='_N_LOGIN_' argument_length=9\n" },
{ 0x28, NOSUB, JOB, "28 000000000000FD 0006 05 '_N_P1' 09 '_N_SELECT'", "", "28", "",
  "= 2 PI-Service: select a part program, mode, answered service='_N_SELECT' argument='_N_P1'\n" },
{ 0x28, NOSUB, JOB, "28 000000000000FD 0000 05 '_WHAT'", "", "28", "",
  "= 2 PI-Service, mode, answered service='_WHAT' !s7_unknown_subfunction\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0000 0000", "", "0000 0000 0002 0002 0011 001C", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #0 0+1] szl_id=0 szl_index=0 szl_name='Li"
  "st of all lists' <record_length=2 <records=2 <list=17 <list=28\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0011 0000", "", "0011 0000 001C 0002 0001 '6ES7 315-2EH14-0AB0 ' 00C0 0004 0001 0007 '                    ' 00C0 5603 0206", "",
  "= 2 CPU functions: Read SZL, identify, answered [s7-szl #17 0+1] szl_id=17 szl_index=0 szl_name='"
  "Module identification' <record_length=28 <records=2 <index=1 <order_number='6ES7 315-2EH14-0AB0' "
  "<module_type=192 <version_1=4 <version_2=1 <index=7 <order_number= <module_type=192 <version_1=22"
  "019 <version_2=518 product_code=\"6ES7 315-2EH14-0AB0\" firmware=\"V3.2.6\"\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "001C 0000", "", "001C 0000 0022 0002 0001 'SNAP7-SERVER' 0000000000000000000000000000000000000000 0005 'S C-C2UR28922012' 00000000000000000000000000000000", "",
  "= 2 CPU functions: Read SZL, identify, answered [s7-szl #28 0+1] szl_id=28 szl_index=0 szl_name='"
  "Component identification' <record_length=34 <records=2 <index=1 <text='SNAP7-SERVER' <index=5 <te"
  "xt='S C-C2UR28922012' station_name=\"SNAP7-SERVER\" serial=\"S C-C2UR28922012\"\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0019 0000", "", "0019 0000 0004 0001 0001 01 00", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #25 0+1] szl_id=25 szl_index=0 szl_name='"
  "Module LEDs' <record_length=4 <records=1 <led_id=1 <led_on=1 <led_blinking=0 <led='SF'\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0074 0000", "", "0074 0000 0004 0001 0005 01 02", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #116 0+1] szl_id=116 szl_index=0 szl_name"
  "='CPU LEDs' <record_length=4 <records=1 <led_id=5 <led_on=1 <led_blinking=2 <led='STOP'\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0131 0001", "", "0131 0001 0028 0001 0001 01E0 0010 00B71B00 0002DC6C 0000000000000000000000000000000000000000000000000000", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #305 1+1] szl_id=305 szl_index=1 szl_name"
  "='Communication capability' <record_length=40 <records=1 <index=1 <max_pdu_size=480 <max_connecti"
  "ons=16 <mpi_bits_per_s=12000000 <bus_bits_per_s=187500\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0132 0001", "", "0132 0001 0028 0001 0001 0001 0002 0003 0004 0005 0006 0007 0008 0009 0000000000000000000000000000000000000000", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #306 1+1] szl_id=306 szl_index=1 szl_name"
  "='Communication status' <record_length=40 <records=1 <index=1 <reserved_pg=1 <reserved_os=2 <used"
  "_pg=3 <used_os=4 <projected_connections=5 <open_connections=6 <free_connections=7 <used_connectio"
  "ns=8 <last_cycle_load=9\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0232 0004", "", "0232 0004 0028 0001 0004 0001 0000 0002 0002 0000 0000 5656 000000000000000000000000000000000000000000000000", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #562 4+1] szl_id=562 szl_index=4 szl_name"
  "='Communication status' <record_length=40 <records=1 <index=4 <protection_key=1 <protection_confi"
  "gured=0 <protection_real=2 <mode_switch=2 <start_switch=0 <fail_safe_id=0 <relevant_id=22102 <che"
  "cksum_hardware_1=0 <checksum_hardware_2=0 <checksum_program_1=0 <checksum_program_2=0 protection_"
  "level=\"2\" key_position=\"RUN-P\"\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0013 0000", "", "0013 0000 0024 0001 0001 0001 00060000 0011 0000000000000000000000000000000000000000000000000000", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #19 0+1] szl_id=19 szl_index=0 szl_name='"
  "User memory areas' <record_length=36 <records=1 <index=1 <code=1 <size=393216 <mode=17 <granulari"
  "ty=0 <area_1=0 <used_1=0 <block_1=0 <area_2=0 <used_2=0 <block_2=0\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0014 0000", "", "0014 0000 0008 0001 0001 0001 0800 0000", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #20 0+1] szl_id=20 szl_index=0 szl_name='"
  "System areas' <record_length=8 <records=1 <index=1 <code=1 <quantity=2048 <retentive=0\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0015 0000", "", "0015 0000 000A 0001 0800 0016 03D1 0000FFFE", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #21 0+1] szl_id=21 szl_index=0 szl_name='"
  "Block types' <record_length=10 <records=1 <index=2048 <max_blocks=22 <max_length_kb=977 <max_load"
  "_memory=65534\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0012 0000", "", "0012 0000 0002 0001 0101", "",
  "= 2 CPU functions: Read SZL, identify, answered [s7-szl #18 0+1] szl_id=18 szl_index=0 szl_name='"
  "CPU characteristics' <record_length=2 <records=1 <characteristic=257\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0222 0001", "", "0222 0001 001C 0001 0000000000000000000000000000000000000000 0010 0008 00000000", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #546 1+1] szl_id=546 szl_index=1 szl_name"
  "='Interrupt status' <record_length=28 <records=1 <interrupt_status=16 <interrupt_class=8 <interru"
  "pt_reserved=0\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "00A0 0000", "", "00A0 0000 0014 0001 4304 FF 84 0000 0000 00000000 26 01 02 03 04 05 12 34", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #160 0+1] szl_id=160 szl_index=0 szl_name"
  "='Diagnostic buffer' <record_length=20 <records=1 <event_id=17156 <event_class='mode transition' "
  "<event_entering=1 <priority_class=255 <ob_number=132 <data_id=0 <info_1=0 <info_2=0 <event_time=1"
  "767323045123\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0091 0000", "", "0091 0000 0010 0001 0000 0201 07FF C4C0 C4C0 0000 B402 0011", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #145 0+1] szl_id=145 szl_index=0 szl_name"
  "='Module status' <record_length=16 <records=1 <address_1=0 <address_2=513 <logical_address=2047 <"
  "expected_type=50368 <actual_type=50368 <alarm=0 <io_status=46082 <area=17\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0037 0000", "", "0037 0000 000E 0001 1FFF C0A80001 FFFFFF00 C0A800FE", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #55 0+1] szl_id=55 szl_index=0 szl_name='"
  "Ethernet interface' <record_length=14 <records=1 <logical_address=8191 <ip_0=192 <ip_1=168 <ip_2="
  "0 <ip_3=1 <mask_0=255 <mask_1=255 <mask_2=255 <mask_3=0 <router_0=192 <router_1=168 <router_2=0 <"
  "router_3=254\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0F11 0000", "", "0F11 0000 001C 0004", "",
  "= 2 CPU functions: Read SZL, identify, answered [s7-szl #3857 0+1] szl_id=3857 szl_index=0 szl_na"
  "me='Module identification' <record_length=28 <records=4\n" },
{ S7_CODE_GROUP | 4, 1, USERDATA, "0999 0000", "", "0999 0000 0004 0001 01020304", "",
  "= 2 CPU functions: Read SZL, diagnose, answered [s7-szl #2457 0+1] szl_id=2457 szl_index=0 <recor"
  "d_length=4 <records=1 <record=01020304\n" },
};

#endif
