/* plus_functions.c - the functions of S7comm-plus. */
#include "s7.h"

#define ANY { 0, 0xffff }
#define NOTES2 "NOTES 2: S7comm-plus"
#define PLUS(code, word, name, intent)						\
	{ code, FUNC_NO_SUB, name, word, INTENT_##intent, SPACE_NONE, ANY, ANY, NULL, NULL, \
	  NOTES2, NULL },
#define COTP(code, word, name, spec)						\
	{ code, FUNC_NO_SUB, name, word, INTENT_SESSION, SPACE_NONE, ANY, ANY, NULL, NULL, \
	  spec, NULL },

const struct func_desc s7p_funcs[S7P_N_FUNCS] = {
PLUS(0x0002, "Response2",          "Response 2",              REPORT)
PLUS(0x0003, "Continuation",       "Continuation",            UNKNOWN)
PLUS(0x0033, "Notification",       "Notification",            REPORT)
COTP(0x0070, "PlusTpduError",      "TPDU Error",              "ISO 8073 13.12")
COTP(0x0080, "PlusDisconnect",     "Disconnect",              "ISO 8073 13.5")
COTP(0x00e0, "PlusConnect",        "Connect",                 "ISO 8073 13.3, RFC 1006 4")
PLUS(0x00fe, "SystemEvent",        "System Event",            REPORT)
PLUS(0x04b1, "PlusError",          "Error",                   DIAGNOSE)
PLUS(0x04bb, "Explore",            "Explore",                 READ)
PLUS(0x04ca, "CreateObject",       "Create Object",           SESSION)
PLUS(0x04d4, "DeleteObject",       "Delete Object",           SESSION)
PLUS(0x04f2, "SetVariable",        "Set Variable",            WRITE)
PLUS(0x04fc, "GetVariable",        "Get Variable",            READ)
PLUS(0x0506, "AddLink",            "Add Link",                CONFIG)
PLUS(0x051a, "RemoveLink",         "Remove Link",             CONFIG)
PLUS(0x0524, "GetLink",            "Get Link",                READ)
PLUS(0x052e, "PlusNotify",         "Notify",                  REPORT)
PLUS(0x0542, "SetMultiVariables",  "Set Multiple Variables",  WRITE)
PLUS(0x054c, "GetMultiVariables",  "Get Multiple Variables",  READ)
PLUS(0x0556, "BeginSequence",      "Begin Sequence",          PROGRAM_WRITE)
PLUS(0x0560, "EndSequence",        "End Sequence",            PROGRAM_WRITE)
PLUS(0x056b, "Invoke",             "Invoke",                  UNKNOWN)
PLUS(0x057c, "SetVarSubStreamed",  "Set Variable Substreamed", PROGRAM_WRITE)
PLUS(0x0586, "GetVarSubStreamed",  "Get Variable Substreamed", PROGRAM_READ)
PLUS(0x0590, "GetVariablesAddress", "Get Variables Address",  READ)
PLUS(0x059a, "Abort",              "Abort",                   SESSION)
PLUS(0x05a9, "PlusError2",         "Error 2",                 DIAGNOSE)
PLUS(0x05b3, "InitSsl",            "Init SSL",                SESSION)
PLUS(S7_CODE_TLS, "TlsInCotp",     "TLS session: content is encrypted", SESSION)
};
