/* plus_functions.c - the functions of S7comm-plus. */
#include "plus.h"

#define ANY { 0, 0xffff }
#define NOTES2 "NOTES 2: S7comm-plus"
#define PLUS(code, word, name, intent, cmd)					\
	{ code, FUNC_NO_SUB, name, word, INTENT_##intent, CMD_##cmd, SPACE_NONE, ANY, ANY, NULL, \
	  NULL, NOTES2, NULL },
#define COTP(code, word, name, cmd, spec)					\
	{ code, FUNC_NO_SUB, name, word, INTENT_SESSION, CMD_##cmd, SPACE_NONE, ANY, ANY, NULL, \
	  NULL, spec, NULL },

const struct func_desc s7p_funcs[S7P_N_FUNCS] = {
PLUS(0x0002,          "Response2",           "Response 2",                        REPORT,        NONE)
PLUS(0x0003,          "Continuation",        "Continuation",                      UNKNOWN,       NONE)
PLUS(0x0033,          "Notification",        "Notification",                      REPORT,        NONE)
COTP(TPDU_ER, "PlusTpduError",  "TPDU Error", NONE,    "ISO 8073 13.12")
COTP(TPDU_DR, "PlusDisconnect", "Disconnect", NONE,    "ISO 8073 13.5")
COTP(TPDU_CR, "PlusConnect",    "Connect",    CONNECT, "ISO 8073 13.3, RFC 1006 4")
PLUS(0x00fe,          "SystemEvent",         "System Event",                      REPORT,        NONE)
PLUS(S7P_ERROR,       "PlusError",           "Error",                             DIAGNOSE,      NONE)
PLUS(S7P_EXPLORE,     "Explore",             "Explore",                           READ,          NONE)
PLUS(S7P_CREATE,      "CreateObject",        "Create Object",                     SESSION,       SESSION)
PLUS(S7P_DELETE,      "DeleteObject",        "Delete Object",                     SESSION,       NONE)
PLUS(S7P_SET,         "SetVariable",         "Set Variable",                      WRITE,         NONE)
PLUS(S7P_GET,         "GetVariable",         "Get Variable",                      READ,          NONE)
PLUS(S7P_ADD_LINK,    "AddLink",             "Add Link",                          CONFIG,        NONE)
PLUS(S7P_REMOVE_LINK, "RemoveLink",          "Remove Link",                       CONFIG,        NONE)
PLUS(S7P_GET_LINK,    "GetLink",             "Get Link",                          READ,          NONE)
PLUS(0x052e,          "PlusNotify",          "Notify",                            REPORT,        NONE)
PLUS(S7P_SET_MULTI,   "SetMultiVariables",   "Set Multiple Variables",            WRITE,         NONE)
PLUS(S7P_GET_MULTI,   "GetMultiVariables",   "Get Multiple Variables",            READ,          NONE)
PLUS(S7P_BEGIN,       "BeginSequence",       "Begin Sequence",                    PROGRAM_WRITE, DOWNLOAD)
PLUS(S7P_END,         "EndSequence",         "End Sequence",                      PROGRAM_WRITE, TRANSFER)
PLUS(S7P_INVOKE,      "Invoke",              "Invoke",                            UNKNOWN,       NONE)
PLUS(S7P_SET_STREAM,  "SetVarSubStreamed",   "Set Variable Substreamed",          PROGRAM_WRITE, DOWNLOAD)
PLUS(S7P_GET_STREAM,  "GetVarSubStreamed",   "Get Variable Substreamed",          PROGRAM_READ,  NONE)
PLUS(S7P_GET_ADDRESS, "GetVariablesAddress", "Get Variables Address",             READ,          NONE)
PLUS(S7P_ABORT,       "Abort",               "Abort",                             SESSION,       NONE)
PLUS(S7P_ERROR2,      "PlusError2",          "Error 2",                           DIAGNOSE,      NONE)
PLUS(S7P_INIT_SSL,    "InitSsl",             "Init SSL",                          SESSION,       NONE)
PLUS(S7_CODE_TLS,     "TlsInCotp",           "TLS session: content is encrypted", SESSION,       NONE)
};
