/* functions.c - everything S7comm can ask, one row each.
 *
 * Lengths: of a job the parameters behind the function code, of userdata the
 * payload.  Numbers: see S7_CODE_GROUP.  Program invocations (28) have their own
 * table, s7_pis.
 */
#include "s7.h"

#include "base/str.h"

#define NOSUB FUNC_NO_SUB
#define ANY { 0, 0xffff }
#define LEN(min, max) { min, max }

#define COTP(code, word, name, cmd, spec)					\
	{ code, NOSUB, name, word, INTENT_SESSION, CMD_##cmd, SPACE_NONE, ANY, ANY, NULL, NULL, \
	  spec, NULL },
#define JOB(code, word, name, intent, cmd, req, rsp, req_parser, rsp_parser)	\
	{ code, NOSUB, name, word, INTENT_##intent, CMD_##cmd, SPACE_NONE, req, rsp, req_parser, \
	  rsp_parser, "NOTES 2: jobs", NULL },
#define GROUP(code, word, name, intent)						\
	{ S7_CODE_GROUP | (code), NOSUB, name, word, INTENT_##intent, CMD_NONE, SPACE_NONE, ANY, ANY, \
	  NULL, NULL, "NOTES 2: userdata", NULL },
#define SUB(group, code, word, name, intent, cmd, req_parser, rsp_parser)	\
	{ S7_CODE_GROUP | (group), code, name, word, INTENT_##intent, CMD_##cmd, SPACE_NONE, ANY, \
	  ANY, req_parser, rsp_parser, "NOTES 2: userdata", NULL },

const struct func_desc s7_funcs[S7_N_FUNCS] = {
/*  code  word                  name                   intent         command   job             answer         parsers */
JOB(0x00,                "CpuServices",        "CPU services",        DIAGNOSE,      NONE,     ANY,            ANY,           s7_opaque,         s7_opaque)
JOB(0x01,                "ModeTransitionJob",  "Mode transition",     REPORT,        NONE,     ANY,            ANY,           s7_opaque,         s7_opaque)
JOB(S7_READ_VAR,         "ReadVar",            "Read Var",            READ,          NONE,     LEN(1, 65535),  LEN(1, 1),     s7_read_req,       s7_read_rsp)
JOB(S7_WRITE_VAR,        "WriteVar",           "Write Var",           WRITE,         NONE,     LEN(1, 65535),  LEN(1, 1),     s7_write_req,      s7_write_rsp)
JOB(S7_REQUEST_DOWNLOAD, "RequestDownload",    "Request download",    PROGRAM_WRITE, DOWNLOAD, LEN(8, 65535),  LEN(0, 1),     s7_download_req,   s7_empty)
JOB(S7_DOWNLOAD_BLOCK,   "DownloadBlock",      "Download block",      PROGRAM_WRITE, TRANSFER, LEN(8, 65535),  LEN(1, 1),     s7_down_block_req, s7_down_block_rsp)
JOB(S7_DOWNLOAD_ENDED,   "DownloadEnded",      "Download ended",      PROGRAM_WRITE, TRANSFER, LEN(8, 65535),  LEN(0, 1),     s7_down_end_req,   s7_empty)
JOB(S7_START_UPLOAD,     "StartUpload",        "Start upload",        PROGRAM_READ,  UPLOAD,   LEN(8, 65535),  LEN(7, 65535), s7_upload_req,     s7_upload_rsp)
JOB(S7_UPLOAD,           "Upload",             "Upload",              PROGRAM_READ,  TRANSFER, LEN(7, 7),      LEN(1, 1),     s7_up_block_req,   s7_up_block_rsp)
JOB(S7_END_UPLOAD,       "EndUpload",          "End upload",          PROGRAM_READ,  TRANSFER, LEN(7, 7),      LEN(0, 1),     s7_up_block_req,   s7_empty)
JOB(S7_PI,               "PlcControl",         "PI-Service",          MODE,          NONE,     LEN(10, 65535), LEN(0, 1),     s7_pi_req,         s7_empty)
JOB(S7_STOP,             "PlcStop",            "PLC Stop",            MODE,          STOP,     LEN(6, 65535),  LEN(0, 1),     s7_stop_req,       s7_empty)
COTP(TPDU_ER, "TpduError",  "TPDU Error", NONE,    "ISO 8073 13.12")
COTP(TPDU_DR, "Disconnect", "Disconnect", NONE,    "ISO 8073 13.5")
COTP(TPDU_CR, "Connect",    "Connect",    CONNECT, "ISO 8073 13.3, RFC 1006 4")
JOB(S7_SETUP,            "SetupCommunication", "Setup communication", SESSION,       NONE,     LEN(7, 7),      LEN(7, 7),     s7_setup_req,      s7_setup_rsp)

GROUP( 0, "ModeTransition", "Mode-transition",     REPORT)
SUB( 0, 0,  "ModeStop",           "STOP",                   REPORT,        MODE_REPORT, s7_mode_push,       s7_mode_push)
SUB( 0, 1,  "ModeWarmRestart",    "Warm restart",           REPORT,        MODE_REPORT, s7_mode_push,       s7_mode_push)
SUB( 0, 2,  "ModeRun",            "RUN",                    REPORT,        MODE_REPORT, s7_mode_push,       s7_mode_push)
SUB( 0, 3,  "ModeHotRestart",     "Hot restart",            REPORT,        MODE_REPORT, s7_mode_push,       s7_mode_push)
SUB( 0, 4,  "ModeHold",           "HOLD",                   REPORT,        MODE_REPORT, s7_mode_push,       s7_mode_push)
SUB( 0, 6,  "ModeColdRestart",    "Cold restart",           REPORT,        MODE_REPORT, s7_mode_push,       s7_mode_push)
SUB( 0, 9,  "ModeRunRedundant",   "RUN (redundant)",        REPORT,        NONE,        s7_mode_push,       s7_mode_push)
SUB( 0, 11, "ModeLinkUp",         "LINK-UP",                REPORT,        NONE,        s7_mode_push,       s7_mode_push)
SUB( 0, 12, "ModeUpdate",         "UPDATE",                 REPORT,        NONE,        s7_mode_push,       s7_mode_push)

GROUP( 1, "Programmer",     "Programmer commands", DIAGNOSE)
SUB( 1, 1,  "BlockStatus",        "Block status",           READ,          NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 2,  "VariableStatus",     "Variable status",        READ,          NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 3,  "OutputIstack",       "Output ISTACK",          DIAGNOSE,      NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 4,  "OutputBstack",       "Output BSTACK",          DIAGNOSE,      NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 5,  "OutputLstack",       "Output LSTACK",          DIAGNOSE,      NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 6,  "TimeMeasurement",    "Time measurement",       DIAGNOSE,      NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 7,  "ForceSelection",     "Force selection",        OPERATE,       NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 8,  "ModifyVariable",     "Modify variable",        WRITE,         MODIFY,      s7_tis_req,         s7_tis_rsp)
SUB( 1, 9,  "Force",              "Force",                  OPERATE,       FORCE,       s7_tis_req,         s7_tis_rsp)
SUB( 1, 10, "Breakpoint",         "Breakpoint",             MODE,          NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 11, "ExitHold",           "Exit HOLD",              MODE,          NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 12, "MemoryReset",        "Memory reset",           MODE,          ERASE,       s7_tis_req,         s7_tis_rsp)
SUB( 1, 13, "DisableJob",         "Disable job",            CONFIG,        NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 14, "EnableJob",          "Enable job",             CONFIG,        NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 15, "DeleteJob",          "Delete job",             CONFIG,        NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 16, "ReadJobList",        "Read job list",          DIAGNOSE,      NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 17, "ReadJob",            "Read job",               DIAGNOSE,      NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 18, "ReplaceJob",         "Replace job",            CONFIG,        NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 19, "BlockStatus2",       "Block status v2",        READ,          NONE,        s7_tis_req,         s7_tis_rsp)
SUB( 1, 22, "FlashLed",           "Flash LED",              DIAGNOSE,      NONE,        s7_tis_req,         s7_tis_rsp)

GROUP( 2, "Cyclic",         "Cyclic services",     READ)
SUB( 2, 1,  "CyclicTransfer",     "Cyclic transfer",        READ,          NONE,        s7_cyclic_req,      s7_cyclic_rsp)
SUB( 2, 4,  "Unsubscribe",        "Unsubscribe",            SESSION,       NONE,        s7_unsubscribe_req, s7_opaque)
SUB( 2, 5,  "ChangeDriven",       "Change driven transfer", READ,          NONE,        s7_cyclic_req,      s7_cyclic_rsp)
SUB( 2, 7,  "ChangeDrivenModify", "Change driven transfer modify", READ,   NONE,        s7_cyclic_req,      s7_cyclic_rsp)
SUB( 2, 8,  "ReadRecord",         "Read data record",       READ,          NONE,        s7_record_req,      s7_record_rsp)

GROUP( 3, "Block",          "Block functions",     PROGRAM_READ)
SUB( 3, 1,  "ListBlocks",         "List blocks",            DIAGNOSE,      NONE,        s7_empty,           s7_list_rsp)
SUB( 3, 2,  "ListBlocksOfType",   "List blocks of type",    DIAGNOSE,      NONE,        s7_list_type_req,   s7_list_type_rsp)
SUB( 3, 3,  "BlockInfo",          "Get block info",         DIAGNOSE,      NONE,        s7_block_info_req,  s7_block_info_rsp)

GROUP( 4, "Cpu",            "CPU functions",       DIAGNOSE)
SUB( 4, 1,  "ReadSzl",            "Read SZL",               DIAGNOSE,      NONE,        s7_szl_req,         s7_szl_rsp)
SUB( 4, 2,  "MessageService",     "Message service",        SESSION,       NONE,        s7_msg_req,         s7_msg_rsp)
SUB( 4, 3,  "DiagnosticMessage",  "Diagnostic message",     REPORT,        NONE,        s7_diag_push,       s7_diag_push)
SUB( 4, 5,  "Alarm8Ind",          "ALARM_8 indication",     ALARM,         NONE,        s7_alarm_push,      s7_alarm_push)
SUB( 4, 6,  "NotifyInd",          "NOTIFY indication",      ALARM,         NONE,        s7_alarm_push,      s7_alarm_push)
SUB( 4, 7,  "Alarm8Lock",         "ALARM_8 lock",           ALARM,         ALARM_OFF,   s7_alarm_object,    s7_alarm_ack_rsp)
SUB( 4, 8,  "Alarm8Unlock",       "ALARM_8 unlock",         ALARM,         ALARM_ON,    s7_alarm_object,    s7_alarm_ack_rsp)
SUB( 4, 9,  "ScanInd",            "SCAN indication",        ALARM,         NONE,        s7_alarm_push,      s7_alarm_push)
SUB( 4, 11, "AlarmAck",           "ALARM acknowledge",      ALARM,         NONE,        s7_alarm_object,    s7_alarm_ack_rsp)
SUB( 4, 12, "AlarmAckInd",        "ALARM acknowledge indication", ALARM,   NONE,        s7_alarm_push,      s7_alarm_push)
SUB( 4, 13, "AlarmLockInd",       "ALARM lock indication",  ALARM,         NONE,        s7_alarm_object,    s7_alarm_object)
SUB( 4, 14, "AlarmUnlockInd",     "ALARM unlock indication", ALARM,        NONE,        s7_alarm_object,    s7_alarm_object)
SUB( 4, 16, "ArSendInd",          "AR_SEND indication",     ALARM,         NONE,        s7_opaque,          s7_opaque)
SUB( 4, 17, "AlarmSqInd",         "ALARM_SQ indication",    ALARM,         NONE,        s7_alarm_push,      s7_alarm_push)
SUB( 4, 18, "AlarmSInd",          "ALARM_S indication",     ALARM,         NONE,        s7_alarm_push,      s7_alarm_push)
SUB( 4, 19, "AlarmQuery",         "ALARM query",            ALARM,         NONE,        s7_alarm_object,    s7_alarm_query_rsp)
SUB( 4, 22, "Notify8Ind",         "NOTIFY_8 indication",    ALARM,         NONE,        s7_alarm_push,      s7_alarm_push)

GROUP( 5, "Security",       "Security",            AUTH)
SUB( 5, 1,  "Password",           "PLC password",           AUTH,          LOGIN,       s7_password_req,    s7_empty)
SUB( 5, 2,  "ClearPassword",      "Clear password",         AUTH,          LOGOUT,      s7_empty,           s7_empty)

GROUP( 6, "Pbc",            "PBC BSEND/BRECV",     WRITE)
SUB( 6, 1,  "Bsend",              "BSEND",                  WRITE,         NONE,        s7_bsend,           s7_bsend)
SUB( 6, 2,  "Brecv",              "BRECV",                  WRITE,         NONE,        s7_bsend,           s7_bsend)

GROUP( 7, "Time",           "Time functions",      TIME)
SUB( 7, 1,  "ReadClock",          "Read clock",             TIME,          NONE,        s7_empty,           s7_clock)
SUB( 7, 2,  "SetClock",           "Set clock",              TIME,          TIME,        s7_clock,           s7_empty)
SUB( 7, 3,  "ReadClockFollow",    "Read clock (following)", TIME,          NONE,        s7_empty,           s7_clock)
SUB( 7, 4,  "SetClockFollow",     "Set clock (following)",  TIME,          TIME,        s7_clock,           s7_empty)

GROUP(15, "NcProgramming",  "NC programming",      PROGRAM_WRITE)
SUB(15, 1,  "NcRequestDownload",  "Request download",       PROGRAM_WRITE, DOWNLOAD,    s7_opaque,          s7_opaque)
SUB(15, 2,  "NcDownloadBlock",    "Download block",         PROGRAM_WRITE, TRANSFER,    s7_opaque,          s7_opaque)
SUB(15, 3,  "NcContinueDownload", "Continue download",      PROGRAM_WRITE, TRANSFER,    s7_opaque,          s7_opaque)
SUB(15, 4,  "NcDownloadEnded",    "Download ended",         PROGRAM_WRITE, TRANSFER,    s7_opaque,          s7_opaque)
SUB(15, 6,  "NcStartUpload",      "Start upload",           PROGRAM_READ,  UPLOAD,      s7_opaque,          s7_opaque)
SUB(15, 7,  "NcUpload",           "Upload",                 PROGRAM_READ,  TRANSFER,    s7_opaque,          s7_opaque)
SUB(15, 8,  "NcContinueUpload",   "Continue upload",        PROGRAM_READ,  TRANSFER,    s7_opaque,          s7_opaque)
};
