/* plus_functions.c - the functions of S7comm-plus. */
#include "s7.h"

#define ANY { 0, 0xffff }
#define NOTES2 "NOTES 2: S7comm-plus"
#define PLUS(code, word, name, intent, cmd)					\
	{ code, FUNC_NO_SUB, name, word, INTENT_##intent, CMD_##cmd, SPACE_NONE, ANY, ANY, NULL, \
	  NULL, NOTES2, NULL },
#define COTP(code, word, name, cmd, spec)					\
	{ code, FUNC_NO_SUB, name, word, INTENT_SESSION, CMD_##cmd, SPACE_NONE, ANY, ANY, NULL, \
	  NULL, spec, NULL },

const struct func_desc s7p_funcs[S7P_N_FUNCS] = {
PLUS(0x0002,      "Response2",           "Response 2",                        REPORT,        NONE)
PLUS(0x0003,      "Continuation",        "Continuation",                      UNKNOWN,       NONE)
PLUS(0x0033,      "Notification",        "Notification",                      REPORT,        NONE)
COTP(0x0070, "PlusTpduError",  "TPDU Error", NONE,    "ISO 8073 13.12")
COTP(0x0080, "PlusDisconnect", "Disconnect", NONE,    "ISO 8073 13.5")
COTP(0x00e0, "PlusConnect",    "Connect",    CONNECT, "ISO 8073 13.3, RFC 1006 4")
PLUS(0x00fe,      "SystemEvent",         "System Event",                      REPORT,        NONE)
PLUS(0x04b1,      "PlusError",           "Error",                             DIAGNOSE,      NONE)
PLUS(0x04bb,      "Explore",             "Explore",                           READ,          NONE)
PLUS(0x04ca,      "CreateObject",        "Create Object",                     SESSION,       SESSION)
PLUS(0x04d4,      "DeleteObject",        "Delete Object",                     SESSION,       NONE)
PLUS(0x04f2,      "SetVariable",         "Set Variable",                      WRITE,         NONE)
PLUS(0x04fc,      "GetVariable",         "Get Variable",                      READ,          NONE)
PLUS(0x0506,      "AddLink",             "Add Link",                          CONFIG,        NONE)
PLUS(0x051a,      "RemoveLink",          "Remove Link",                       CONFIG,        NONE)
PLUS(0x0524,      "GetLink",             "Get Link",                          READ,          NONE)
PLUS(0x052e,      "PlusNotify",          "Notify",                            REPORT,        NONE)
PLUS(0x0542,      "SetMultiVariables",   "Set Multiple Variables",            WRITE,         NONE)
PLUS(0x054c,      "GetMultiVariables",   "Get Multiple Variables",            READ,          NONE)
PLUS(0x0556,      "BeginSequence",       "Begin Sequence",                    PROGRAM_WRITE, DOWNLOAD)
PLUS(0x0560,      "EndSequence",         "End Sequence",                      PROGRAM_WRITE, TRANSFER)
PLUS(0x056b,      "Invoke",              "Invoke",                            UNKNOWN,       NONE)
PLUS(0x057c,      "SetVarSubStreamed",   "Set Variable Substreamed",          PROGRAM_WRITE, DOWNLOAD)
PLUS(0x0586,      "GetVarSubStreamed",   "Get Variable Substreamed",          PROGRAM_READ,  NONE)
PLUS(0x0590,      "GetVariablesAddress", "Get Variables Address",             READ,          NONE)
PLUS(0x059a,      "Abort",               "Abort",                             SESSION,       NONE)
PLUS(0x05a9,      "PlusError2",          "Error 2",                           DIAGNOSE,      NONE)
PLUS(0x05b3,      "InitSsl",             "Init SSL",                          SESSION,       NONE)
PLUS(S7_CODE_TLS, "TlsInCotp",           "TLS session: content is encrypted", SESSION,       NONE)
};
