/* functions.c - the table: one row per function code and sub-function.
 *
 * MB 5.1 and 6, MB Annex A (reserved), PI-MBUS-300 for the codes of the old
 * Modicon controllers, and for UMAS what has been published about it (NOTES.md).
 */
#include "modbus.h"

#include "base/str.h"

#define RD(space)	(MODBUS_READ | MODBUS_##space)
#define WR_ONE(space)	(MODBUS_WRITE | MODBUS_##space | MODBUS_SINGLE | MODBUS_WRITE_SINGLE)
#define WR_MANY(space)	(MODBUS_WRITE | MODBUS_##space | MODBUS_MULTIPLE | MODBUS_WRITE_MULTIPLE)

const char mb_unnamed[] = "Unknown";

/* Columns, by the word of their row. */
#define COLUMNS(word, ...)							\
	static const struct mb_columns col_##word = { __VA_ARGS__ }

COLUMNS(RdCoils, .eve = "RdCoils", .access = RD(COILS), .max_read = 2000,
    .rsp_count = { 0, 1 });
COLUMNS(RdDiscreteInputs, .eve = "RdDiscreteInputs", .access = RD(DISCRETES),
    .max_read = 2000, .rsp_count = { 0, 1 });
COLUMNS(RdHoldRegs, .eve = "RdHoldRegs", .access = RD(HOLDING), .max_read = 125,
    .rsp_count = { 0, 1 });
COLUMNS(RdInputRegs, .eve = "RdInputRegs", .access = RD(INPUT), .max_read = 125,
    .rsp_count = { 0, 1 });
COLUMNS(WrSingleCoil, .eve = "WrSingleCoil", .access = WR_ONE(COILS), .echo = true);
COLUMNS(WrSingleReg, .eve = "WrSingleReg", .access = WR_ONE(HOLDING), .echo = true);
COLUMNS(RdExcStatus, .eve = "RdExcStatus");
COLUMNS(GetCommEventCtr, .eve = "GetCommEventCtr");
COLUMNS(GetCommEventLog, .eve = "GetCommEventLog",
    .rsp_count = { 0, 1 });
COLUMNS(WrMultCoils, .eve = "WrMultCoils", .access = WR_MANY(COILS), .max_write = 1968,
    .req_count = { 4, 1 });
COLUMNS(WrMultRegs, .eve = "WrMultRegs", .access = WR_MANY(HOLDING), .max_write = 123,
    .req_count = { 4, 1 });
COLUMNS(ReportServerID, .eve = "ReportServerID",
    .rsp_count = { 0, 1 });
COLUMNS(RdFileRec, .eve = "RdFileRec", .req_count = { 0, 1 },
    .rsp_count = { 0, 1 });
COLUMNS(WrFileRec, .eve = "WrFileRec", .req_count = { 0, 1 },
    .rsp_count = { 0, 1 }, .echo = true);
COLUMNS(MaskWrReg, .eve = "MaskWrReg", .access = MODBUS_WRITE | MODBUS_HOLDING, .echo = true);
COLUMNS(RdWrMultRegs, .eve = "RdWrMultRegs",
    .access = MODBUS_READ | WR_MANY(HOLDING), .max_read = 125,
    .max_write = 121, .req_count = { 8, 1 }, .rsp_count = { 0, 1 });
COLUMNS(RdFIFOQueue, .eve = "RdFIFOQueue", .rsp_count = { 0, 2 });

/* Diagnostics: some answers echo, some count, one shows a register. */
COLUMNS(diag_echo, .eve = "Diagnostic", .data = "data", .echo = true);
COLUMNS(diag_count, .eve = "Diagnostic", .data = "count");
COLUMNS(diag_clear, .eve = "Diagnostic", .data = "data", .echo = true, .counter = OP_COUNTS_CLEARED);
COLUMNS(diag_messages, .eve = "Diagnostic", .data = "count", .counter = OP_COUNTS_MESSAGES);
COLUMNS(diag_errors, .eve = "Diagnostic", .data = "count", .counter = OP_COUNTS_LINE_ERRORS);
COLUMNS(diag_register, .eve = "Diagnostic",
    .data = "diagnostic_register");
COLUMNS(diag_other, .eve = "Diagnostic", .data = "data");
COLUMNS(diag_old_count, .eve = "Diagnostic", .data = "count",
    .assigned = MB_RESERVED);
COLUMNS(diag_old, .eve = "Diagnostic", .data = "data",
    .assigned = MB_RESERVED);
COLUMNS(mei, .eve = "MEI", .data = "data");

/* Old codes that Suricata still names, and all others. */
COLUMNS(Program484, .eve = "Program484", .assigned = MB_RESERVED);
COLUMNS(Poll484, .eve = "Poll484", .assigned = MB_RESERVED);
COLUMNS(ProgramController, .eve = "ProgramController", .assigned = MB_RESERVED);
COLUMNS(PollController, .eve = "PollController", .assigned = MB_RESERVED);
COLUMNS(Program884, .eve = "Program884", .assigned = MB_RESERVED);
COLUMNS(ResetCommLink, .eve = "ResetCommLink", .assigned = MB_RESERVED);
COLUMNS(unknown, .eve = mb_unnamed);
COLUMNS(reserved, .eve = mb_unnamed, .assigned = MB_RESERVED);
COLUMNS(user, .eve = mb_unnamed, .assigned = MB_USER_DEFINED);

#define NOSUB FUNC_NO_SUB
#define ANY { 0, 252 }

#define FUNC(code, word, name, intent, cmd, space, req_len, rsp_len, req, rsp, spec) \
	{ code, NOSUB, name, #word, INTENT_##intent, CMD_##cmd, SPACE_##space, req_len, rsp_len, \
	  req, rsp, spec, &col_##word },
#define DIAG(sub, word, name, intent, cmd, req_len, rsp_len, kind, spec)	\
	{ MB_DIAGNOSTIC, sub, name, #word, INTENT_##intent, CMD_##cmd, SPACE_NONE, req_len, rsp_len, \
	  mb_diag_req, mb_diag_rsp, spec, &col_diag_##kind },
#define RESERVED(code, cmd)							\
	{ code, NOSUB, "Reserved " #code, "Reserved" #code, INTENT_UNKNOWN, CMD_##cmd,	\
	  SPACE_NONE, ANY, ANY, NULL, NULL, "MB Annex A", &col_reserved },
#define USER(code)								\
	{ code, NOSUB, "User-defined " #code, "UserDefined" #code, INTENT_UNKNOWN,	\
	  CMD_NONE, SPACE_NONE, ANY, ANY, NULL, NULL, "MB 5", &col_user },
#define UMAS(sub, word, name, intent, cmd)					\
	{ MB_UMAS, sub, name, #word, INTENT_##intent, CMD_##cmd, SPACE_NONE, { 2, 2046 }, { 2, 2046 }, \
	  mb_umas_req, mb_umas_rsp, "vendor: Schneider Electric UMAS", &col_reserved },
#define LEN(min, max) { min, max }

const struct func_desc mb_funcs[MB_N_FUNCS] = {
/*   code word              name                            intent         command   space     request       answer        parsers                                section */
FUNC(MB_READ_COILS,      RdCoils,           "Read Coils",                   READ,          NONE,     COIL,     LEN(4, 4),    LEN(2, 251),  mb_read_req,       mb_read_rsp,       "MB 6.1")
FUNC(MB_READ_DISCRETES,  RdDiscreteInputs,  "Read Discrete Inputs",         READ,          NONE,     DISCRETE, LEN(4, 4),    LEN(2, 251),  mb_read_req,       mb_read_rsp,       "MB 6.2")
FUNC(MB_READ_HOLDING,    RdHoldRegs,        "Read Holding Registers",       READ,          NONE,     HOLDING,  LEN(4, 4),    LEN(3, 251),  mb_read_req,       mb_read_rsp,       "MB 6.3")
FUNC(MB_READ_INPUT,      RdInputRegs,       "Read Input Registers",         READ,          NONE,     INPUT,    LEN(4, 4),    LEN(3, 251),  mb_read_req,       mb_read_rsp,       "MB 6.4")
FUNC(MB_WRITE_COIL,      WrSingleCoil,      "Write Single Coil",            WRITE,         NONE,     COIL,     LEN(4, 4),    LEN(4, 4),    mb_write_one,      mb_write_one_rsp,  "MB 6.5")
FUNC(MB_WRITE_REGISTER,  WrSingleReg,       "Write Single Register",        WRITE,         NONE,     HOLDING,  LEN(4, 4),    LEN(4, 4),    mb_write_one,      mb_write_one_rsp,  "MB 6.6")
FUNC(7,                  RdExcStatus,       "Read Exception Status",        DIAGNOSE,      NONE,     NONE,     LEN(0, 0),    LEN(1, 1),    mb_empty,          mb_status_rsp,     "MB 6.7")

/*   sub  word                     name                                      intent    command       request      answer       kind       section */
DIAG( 0, RetQueryData,            "Return Query Data",                      DIAGNOSE, NONE,         LEN(2, 252), LEN(2, 252), echo,      "MB 6.8.1")
DIAG( 1, RestartCommOpt,          "Restart Communications Option",          MODE,     RESTART_LINK, LEN(4, 4),   LEN(4, 4),   echo,      "MB 6.8.1")
DIAG( 2, RetDiagReg,              "Return Diagnostic Register",             DIAGNOSE, NONE,         LEN(4, 4),   LEN(4, 4),   register,  "MB 6.8.1")
DIAG( 3, ChangeInputDelimiter,    "Change ASCII Input Delimiter",           CONFIG,   NONE,         LEN(4, 4),   LEN(4, 4),   echo,      "MB 6.8.1")
DIAG( 4, ForceListenOnlyMode,     "Force Listen Only Mode",                 MODE,     LISTEN_ONLY,  LEN(4, 4),   LEN(4, 4),   echo,      "MB 6.8.1")
DIAG(10, ClearCtrDiagReg,         "Clear Counters and Diagnostic Register", DIAGNOSE, NONE,         LEN(4, 4),   LEN(4, 4),   clear,     "MB 6.8.1")
DIAG(11, RetBusMsgCount,          "Return Bus Message Count",               DIAGNOSE, NONE,         LEN(4, 4),   LEN(4, 4),   messages,  "MB 6.8.1")
DIAG(12, RetBusCommErrCount,      "Return Bus Communication Error Count",   DIAGNOSE, NONE,         LEN(4, 4),   LEN(4, 4),   errors,    "MB 6.8.1")
DIAG(13, RetBusExcErrCount,       "Return Bus Exception Error Count",       DIAGNOSE, NONE,         LEN(4, 4),   LEN(4, 4),   count,     "MB 6.8.1")
DIAG(14, RetServerMsgCount,       "Return Server Message Count",            DIAGNOSE, NONE,         LEN(4, 4),   LEN(4, 4),   count,     "MB 6.8.1")
DIAG(15, RetServerNoRespCount,    "Return Server No Response Count",        DIAGNOSE, NONE,         LEN(4, 4),   LEN(4, 4),   count,     "MB 6.8.1")
DIAG(16, RetServerNAKCount,       "Return Server NAK Count",                DIAGNOSE, NONE,         LEN(4, 4),   LEN(4, 4),   count,     "MB 6.8.1")
DIAG(17, RetServerBusyCount,      "Return Server Busy Count",               DIAGNOSE, NONE,         LEN(4, 4),   LEN(4, 4),   count,     "MB 6.8.1")
DIAG(18, RetBusCharOverrunCount,  "Return Bus Character Overrun Count",     DIAGNOSE, NONE,         LEN(4, 4),   LEN(4, 4),   count,     "MB 6.8.1")
DIAG(19, RetOverrunErrCount,      "Return IOP Overrun Count (884)",         DIAGNOSE, NONE,         LEN(4, 4),   LEN(4, 4),   old_count, "MB Annex A; PI-MBUS-300")
DIAG(20, ClearOverrunCounterFlag, "Clear Overrun Counter and Flag",         DIAGNOSE, NONE,         LEN(4, 4),   LEN(4, 4),   echo,      "MB 6.8.1")
DIAG(21, GetClearPlusStats,       "Get/Clear Modbus Plus Statistics",       DIAGNOSE, NONE,         LEN(4, 252), LEN(4, 252), old,       "MB Annex A; PI-MBUS-300")
{ MB_DIAGNOSTIC, NOSUB, "Diagnostics", "Diagnostic", INTENT_DIAGNOSE, CMD_NONE, SPACE_NONE,
  LEN(2, 252), LEN(2, 252), mb_diag_req, mb_diag_rsp, "MB 6.8", &col_diag_other },

FUNC(9,                  Program484,        "Program (484)",                PROGRAM_WRITE, DOWNLOAD, NONE,     ANY,          ANY,          NULL,              NULL,              "MB Annex A; PI-MBUS-300")
FUNC(10,                 Poll484,           "Poll (484)",                   DIAGNOSE,      NONE,     NONE,     ANY,          ANY,          NULL,              NULL,              "MB Annex A; PI-MBUS-300")
FUNC(11,                 GetCommEventCtr,   "Get Comm Event Counter",       DIAGNOSE,      NONE,     NONE,     LEN(0, 0),    LEN(4, 4),    mb_empty,          mb_counter_rsp,    "MB 6.9")
FUNC(12,                 GetCommEventLog,   "Get Comm Event Log",           DIAGNOSE,      NONE,     NONE,     LEN(0, 0),    LEN(7, 71),   mb_empty,          mb_log_rsp,        "MB 6.10")
FUNC(13,                 ProgramController, "Program Controller",           PROGRAM_WRITE, DOWNLOAD, NONE,     ANY,          ANY,          NULL,              NULL,              "MB Annex A; PI-MBUS-300")
FUNC(14,                 PollController,    "Poll Controller",              DIAGNOSE,      NONE,     NONE,     ANY,          ANY,          NULL,              NULL,              "MB Annex A; PI-MBUS-300")
FUNC(MB_WRITE_COILS,     WrMultCoils,       "Write Multiple Coils",         WRITE,         NONE,     COIL,     LEN(6, 251),  LEN(4, 4),    mb_write_many,     mb_write_many_rsp, "MB 6.11")
FUNC(MB_WRITE_REGISTERS, WrMultRegs,        "Write Multiple Registers",     WRITE,         NONE,     HOLDING,  LEN(7, 251),  LEN(4, 4),    mb_write_many,     mb_write_many_rsp, "MB 6.12")
FUNC(17,                 ReportServerID,    "Report Server ID",             IDENTIFY,      NONE,     NONE,     LEN(0, 0),    LEN(2, 252),  mb_empty,          mb_server_id_rsp,  "MB 6.13")
FUNC(18,                 Program884,        "Program (884/M84)",            PROGRAM_WRITE, DOWNLOAD, NONE,     ANY,          ANY,          NULL,              NULL,              "PI-MBUS-300")
FUNC(19,                 ResetCommLink,     "Reset Communications Link (884/M84)", MODE,   NONE,     NONE,     ANY,          ANY,          NULL,              NULL,              "PI-MBUS-300")
FUNC(MB_READ_FILE,       RdFileRec,         "Read File Record",             FILE,          NONE,     FILE,     LEN(8, 246),  LEN(5, 246),  mb_file_read_req,  mb_file_read_rsp,  "MB 6.14")
FUNC(MB_WRITE_FILE,      WrFileRec,         "Write File Record",            FILE,          NONE,     FILE,     LEN(10, 252), LEN(10, 252), mb_file_write_req, mb_file_write_rsp, "MB 6.15")
FUNC(MB_MASK_WRITE,      MaskWrReg,         "Mask Write Register",          WRITE,         NONE,     HOLDING,  LEN(6, 6),    LEN(6, 6),    mb_mask_req,       mb_mask_rsp,       "MB 6.16")
FUNC(MB_READ_WRITE,      RdWrMultRegs,      "Read/Write Multiple Registers", WRITE,        NONE,     HOLDING,  LEN(11, 251), LEN(3, 251),  mb_read_write_req, mb_read_rsp,       "MB 6.17")
FUNC(24,                 RdFIFOQueue,       "Read FIFO Queue",              READ,          NONE,     FIFO,     LEN(2, 2),    LEN(4, 66),   mb_fifo_req,       mb_fifo_rsp,       "MB 6.18")
RESERVED(41, NONE)
RESERVED(42, NONE)

{ MB_MEI, 13, "CANopen General Reference", "CANOpenGenRefReqResp", INTENT_CONFIG, CMD_NONE, SPACE_NONE,
  LEN(1, 252), LEN(1, 252), mb_mei_req, mb_mei_rsp, "MB 6.20", &col_mei },
{ MB_MEI, 14, "Read Device Identification", "RdDevId", INTENT_IDENTIFY, CMD_NONE, SPACE_NONE,
  LEN(3, 3), LEN(6, 252), mb_device_id_req, mb_device_id_rsp, "MB 6.21", &col_mei },
{ MB_MEI, NOSUB, "Encapsulated Interface Transport", "MEI", INTENT_UNKNOWN, CMD_NONE, SPACE_NONE,
  LEN(1, 252), LEN(1, 252), mb_mei_req, mb_mei_rsp, "MB 6.19", &col_mei },

USER(65)
USER(66)
USER(67)
USER(68)
USER(69)
USER(70)
USER(71)
USER(72)

/*    code  word                    name                              intent         command */
UMAS(0x01, UmasInitComm,           "Initialize Communication",       SESSION,       NONE)
UMAS(0x02, UmasReadId,             "Read PLC Identification",        IDENTIFY,      NONE)
UMAS(0x03, UmasReadProjectInfo,    "Read Project Information",       IDENTIFY,      NONE)
UMAS(0x04, UmasReadPlcInfo,        "Read PLC Information",           IDENTIFY,      NONE)
UMAS(0x06, UmasReadCardInfo,       "Read Memory Card Information",   IDENTIFY,      NONE)
UMAS(0x0a, UmasRepeat,             "Repeat",                         DIAGNOSE,      NONE)
UMAS(0x10, UmasTakeReservation,    "Take PLC Reservation",           AUTH,          LOGIN)
UMAS(0x11, UmasReleaseReservation, "Release PLC Reservation",        AUTH,          LOGOUT)
UMAS(0x12, UmasKeepAlive,          "Keep Alive",                     SESSION,       NONE)
UMAS(0x20, UmasReadMemoryBlock,    "Read Memory Block",              PROGRAM_READ,  UPLOAD)
UMAS(0x21, UmasWriteMemoryBlock,   "Write Memory Block",             PROGRAM_WRITE, DOWNLOAD)
UMAS(0x22, UmasReadVariables,      "Read Variables",                 READ,          NONE)
UMAS(0x23, UmasWriteVariables,     "Write Variables",                WRITE,         NONE)
UMAS(0x24, UmasReadCoilsRegs,      "Read Coils and Registers",       READ,          NONE)
UMAS(0x25, UmasWriteCoilsRegs,     "Write Coils and Registers",      WRITE,         NONE)
UMAS(0x26, UmasDataDictionary,     "Read Data Dictionary",           PROGRAM_READ,  NONE)
UMAS(0x28, UmasDictionaryPreload,  "Preload Data Dictionary Blocks", PROGRAM_READ,  NONE)
UMAS(0x29, UmasReadDeviceInfo,     "Read Device Information",        IDENTIFY,      NONE)
UMAS(0x30, UmasUploadBegin,        "Initialize Upload",              PROGRAM_WRITE, DOWNLOAD)
UMAS(0x31, UmasUploadBlock,        "Upload Block",                   PROGRAM_WRITE, DOWNLOAD)
UMAS(0x32, UmasUploadEnd,          "End Upload",                     PROGRAM_WRITE, DOWNLOAD)
UMAS(0x33, UmasDownloadBegin,      "Initialize Download",            PROGRAM_READ,  UPLOAD)
UMAS(0x34, UmasDownloadBlock,      "Download Block",                 PROGRAM_READ,  UPLOAD)
UMAS(0x35, UmasDownloadEnd,        "End Download",                   PROGRAM_READ,  UPLOAD)
UMAS(0x39, UmasReadEthMaster,      "Read Ethernet Master Data",      READ,          NONE)
UMAS(0x40, UmasStartPlc,           "Start PLC",                      MODE,          START)
UMAS(0x41, UmasStopPlc,            "Stop PLC",                       MODE,          STOP)
UMAS(0x50, UmasMonitorPlc,         "Monitor PLC",                    READ,          NONE)
UMAS(0x58, UmasCheckPlc,           "Check PLC Connection",           SESSION,       NONE)
UMAS(0x70, UmasReadIoObject,       "Read IO Object",                 READ,          NONE)
UMAS(0x71, UmasWriteIoObject,      "Write IO Object",                WRITE,         NONE)
UMAS(0x73, UmasStatusModule,       "Get Status of Module",           DIAGNOSE,      NONE)
{ MB_UMAS, NOSUB, "UMAS", "Umas", INTENT_UNKNOWN, CMD_NONE, SPACE_NONE, LEN(2, 2046), LEN(2, 2046),
  mb_umas_req, mb_umas_rsp, "MB Annex A; vendor: Schneider Electric UMAS", &col_reserved },

RESERVED(91, NONE)
USER(100)
USER(101)
USER(102)
USER(103)
USER(104)
USER(105)
USER(106)
USER(107)
USER(108)
USER(109)
USER(110)
RESERVED(125, FIRMWARE)
RESERVED(126, NONE)
RESERVED(127, NONE)
};

const struct mb_columns *
mb_columns_of(const struct func_desc *row)
{
	return row != NULL ? row->extra : &col_unknown;
}

/* The ranges of MB 5 as Suricata words them: a code is public unless it stands
 * in one of the others. */
enum modbus_category
mb_category(uint8_t code)
{
	static const struct { uint8_t first, last; enum modbus_category is; } ranges[] = {
		{ 0, 0, 0 }, { 9, 14, MODBUS_RESERVED }, { 41, 42, MODBUS_RESERVED },
		{ 65, 72, MODBUS_USER }, { 90, 91, MODBUS_RESERVED },
		{ 100, 110, MODBUS_USER }, { 125, 127, MODBUS_RESERVED },
		{ 128, 255, 0 },
	};

	for (size_t i = 0; i < COUNTOF(ranges); i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return ranges[i].is;
	return MODBUS_UNASSIGNED;
}

/* MB 7. */
static const struct { const char *word, *name; uint8_t refused; } exceptions[] = {
	[1] = { "IllegalFunction", "Illegal Function", OP_REFUSED_FUNCTION },
	[2] = { "IllegalDataAddr", "Illegal Data Address", OP_REFUSED_ADDRESS },
	[3] = { "IllegalDataValue", "Illegal Data Value", OP_REFUSED_VALUE },
	[4] = { "ServerDeviceFail", "Server Device Failure", OP_REFUSED_FAILURE },
	[5] = { "Ack", "Acknowledge", OP_REFUSED_BUSY },
	[6] = { "ServerDeviceBusy", "Server Device Busy", OP_REFUSED_BUSY },
	[7] = { "NegAck", "Negative Acknowledge", 0 },
	[8] = { "MemParityErr", "Memory Parity Error", 0 },
	[10] = { "GatewayPathUnavailable", "Gateway Path Unavailable", OP_REFUSED_OTHER | OP_REFUSED_UNREACHED },
	[11] = { "GatewayTargetFailToResp", "Gateway Target Device Failed to Respond", OP_REFUSED_OTHER | OP_REFUSED_UNREACHED },
};

const char *
mb_exception_word(uint8_t code)
{
	return code < COUNTOF(exceptions) ? exceptions[code].word : NULL;
}

const char *
mb_exception_name(uint8_t code)
{
	return code < COUNTOF(exceptions) ? exceptions[code].name : NULL;
}

uint8_t
mb_exception_refusal(uint8_t code)
{
	return code < COUNTOF(exceptions) && exceptions[code].refused != 0 ? exceptions[code].refused :
	    OP_REFUSED_OTHER;
}
