/* names.c - areas, types, syntaxes, program invocation services and the other
 * small vocabularies of S7comm. */
#include "s7.h"

#include <string.h>

#include "base/str.h"

const char *
s7_name(const struct s7_word *w, size_t n, uint32_t code)
{
	for (size_t i = 0; i < n; i++)
		if (w[i].code == code)
			return w[i].name;
	return NULL;
}

#define AREA(code, space, name) { code, SPACE_S7_##space, name },
const struct s7_area s7_areas[S7_N_AREAS] = {
	AREA(0x84, DB,        "Data block (DB)")
	AREA(0x83, FLAG,      "Flags (M)")
	AREA(0x81, INPUT,     "Inputs (I)")
	AREA(0x82, OUTPUT,    "Outputs (Q)")
	AREA(0x80, PERIPHERY, "Peripheral I/O (P)")
	AREA(0x85, DI,        "Instance data block (DI)")
	AREA(0x86, LOCAL,     "Local data (L)")
	AREA(0x87, LOCAL,     "Previous local data (V)")
	AREA(0x1c, COUNTER,   "Counters (C)")
	AREA(0x1d, TIMER,     "Timers (T)")
	AREA(0x1e, COUNTER,   "IEC counters (S7-200)")
	AREA(0x1f, TIMER,     "IEC timers (S7-200)")
	AREA(0x01, RECORD,    "Data record")
	AREA(0x03, SYSTEM,    "System information (S7-200)")
	AREA(0x05, SYSTEM,    "System flags (S7-200)")
	AREA(0x06, INPUT,     "Analog inputs (S7-200)")
	AREA(0x07, OUTPUT,    "Analog outputs (S7-200)")
};

const struct s7_word s7_syntaxes[S7_N_SYNTAXES] = {
	{ 0x10, "S7ANY" },
	{ 0x13, "PBC-R_ID" },
	{ 0x15, "ALARM_LOCKFREE" },
	{ 0x16, "ALARM_IND" },
	{ 0x19, "ALARM_ACK" },
	{ 0x1a, "ALARM_QUERYREQ" },
	{ 0x1c, "NOTIFY_IND" },
	{ 0x82, "NCK" },
	{ 0x83, "NCK_METRIC" },
	{ 0x84, "NCK_INCH" },
	{ 0xa2, "DRIVEESANY" },
	{ 0xb0, "DBREAD" },
	{ 0xb2, "SYMBOLIC" },
	{ 0x17, "ALARM_QUERY" },
	{ 0x1b, "NOTIFY_QUERY" },
};

/* Program invocation: what the service does, in plant words.  The last ones are
 * those of numerical controls (SINUMERIK). */
const struct s7_pi s7_pis[S7_N_PIS] = {
	{ "P_PROGRAM", "start the program (restart the CPU)", INTENT_MODE, CMD_START },
	{ "_INSE", "activate downloaded blocks", INTENT_PROGRAM_WRITE, CMD_ACTIVATE },
	{ "_INS2", "activate downloaded blocks", INTENT_PROGRAM_WRITE, CMD_ACTIVATE },
	{ "_DELE", "delete blocks", INTENT_PROGRAM_WRITE, CMD_DELETE },
	{ "_GARB", "compress the memory", INTENT_CONFIG, CMD_COMPRESS },
	{ "_MODU", "copy RAM to ROM", INTENT_PROGRAM_WRITE, CMD_PROGRAM_SAVE },
	{ "_N_LOGIN_", "log in to the control", INTENT_AUTH, CMD_LOGIN },
	{ "_N_LOGOUT", "log out of the control", INTENT_AUTH, CMD_LOGOUT },
	{ "_N_NEWPWD", "set a new password", INTENT_AUTH, CMD_NONE },
	{ "_N_SELECT", "select a part program", INTENT_MODE, CMD_NONE },
	{ "_N_SEL_BL", "select a block", INTENT_MODE, CMD_NONE },
	{ "_N_ASUP__", "assign an interrupt program", INTENT_PROGRAM_WRITE, CMD_NONE },
	{ "_N_CANCEL", "cancel alarms", INTENT_ALARM, CMD_NONE },
	{ "_N_CONFIG", "activate machine data", INTENT_CONFIG, CMD_NONE },
	{ "_N_CONF_S", "activate machine data (station)", INTENT_CONFIG, CMD_NONE },
	{ "_N_SETTDF", "set standard data of tools", INTENT_CONFIG, CMD_NONE },
	{ "_N_SETTST", "set tools active", INTENT_CONFIG, CMD_NONE },
	{ "_N_SETUDT", "activate user data", INTENT_CONFIG, CMD_NONE },
	{ "_N_SETUFR", "activate user frames", INTENT_CONFIG, CMD_NONE },
	{ "_N_DIGIOF", "switch digitising off", INTENT_MODE, CMD_NONE },
	{ "_N_DIGION", "switch digitising on", INTENT_MODE, CMD_NONE },
	{ "_N_DZERO_", "set all D numbers invalid", INTENT_CONFIG, CMD_NONE },
	{ "_N_EXTERN", "run a program from outside", INTENT_MODE, CMD_NONE },
	{ "_N_EXTMOD", "run a program from outside", INTENT_MODE, CMD_NONE },
	{ "_N_FINDBL", "search a block", INTENT_MODE, CMD_NONE },
	{ "_N_FINDST", "search a string", INTENT_READ, CMD_NONE },
	{ "_N_FINDAB", "stop a search", INTENT_READ, CMD_NONE },
	{ "_N_IBN_SS", "set the commissioning switch", INTENT_CONFIG, CMD_NONE },
	{ "_N_MMCSEM", "take or give a semaphore", INTENT_SESSION, CMD_NONE },
	{ "_N_NCKMOD", "set the mode of the control", INTENT_MODE, CMD_NONE },
	{ "_N_CHKDNO", "check D numbers", INTENT_DIAGNOSE, CMD_NONE },
	{ "_N_CRCEDN", "create a tool edge with D number", INTENT_CONFIG, CMD_NONE },
	{ "_N_CREACE", "create a tool edge", INTENT_CONFIG, CMD_NONE },
	{ "_N_CREATO", "create a tool", INTENT_CONFIG, CMD_NONE },
	{ "_N_DELECE", "delete a tool edge", INTENT_CONFIG, CMD_NONE },
	{ "_N_DELETO", "delete a tool", INTENT_CONFIG, CMD_NONE },
	{ "_N_DELVAR", "delete variables", INTENT_CONFIG, CMD_NONE },
	{ "_N_TMAWCO", "set the active wear group", INTENT_CONFIG, CMD_NONE },
	{ "_N_TMCRCL", "create a tool edge (manager)", INTENT_CONFIG, CMD_NONE },
	{ "_N_TMCRMT", "create a multi-tool", INTENT_CONFIG, CMD_NONE },
	{ "_N_TMCRTC", "create a tool with an edge", INTENT_CONFIG, CMD_NONE },
	{ "_N_TMCRTO", "create a tool (manager)", INTENT_CONFIG, CMD_NONE },
	{ "_N_TMDCCL", "delete a tool edge (manager)", INTENT_CONFIG, CMD_NONE },
	{ "_N_TMDLMT", "delete a multi-tool", INTENT_CONFIG, CMD_NONE },
	{ "_N_TMDLTO", "delete a tool (manager)", INTENT_CONFIG, CMD_NONE },
	{ "_N_TMFDPL", "search an empty place for loading", INTENT_READ, CMD_NONE },
	{ "_N_TMFPBP", "search an empty place", INTENT_READ, CMD_NONE },
	{ "_N_TMGETT", "find the number of a tool", INTENT_READ, CMD_NONE },
	{ "_N_TMMVTL", "move a tool", INTENT_OPERATE, CMD_NONE },
	{ "_N_TMPCIT", "set the piece counter", INTENT_CONFIG, CMD_NONE },
	{ "_N_TMPOSM", "position a magazine or tool", INTENT_OPERATE, CMD_NONE },
	{ "_N_TMRASS", "reset active states", INTENT_CONFIG, CMD_NONE },
	{ "_N_TRESMO", "reset monitored values", INTENT_CONFIG, CMD_NONE },
	{ "_N_TSEARC", "search a tool", INTENT_READ, CMD_NONE },
	{ "_N_F_OPEN", "open a file to read", INTENT_FILE, CMD_NONE },
	{ "_N_F_OPER", "open a file to read", INTENT_FILE, CMD_NONE },
	{ "_N_F_CLOS", "close a file", INTENT_FILE, CMD_NONE },
	{ "_N_F_COPY", "copy a file", INTENT_FILE, CMD_NONE },
	{ "_N_F_DELE", "delete a file", INTENT_FILE, CMD_FILE_DELETE },
	{ "_N_F_DELR", "delete a file", INTENT_FILE, CMD_NONE },
	{ "_N_F_DMDA", "delete a file or folder in the NC memory", INTENT_FILE, CMD_NONE },
	{ "_N_F_MODE", "change the rights of a file", INTENT_FILE, CMD_NONE },
	{ "_N_F_MOVE", "move a file", INTENT_FILE, CMD_NONE },
	{ "_N_F_PROT", "protect a file", INTENT_FILE, CMD_NONE },
	{ "_N_F_RENA", "rename a file", INTENT_FILE, CMD_NONE },
	{ "_N_F_SEEK", "set the place in a file", INTENT_FILE, CMD_NONE },
	{ "_N_F_STAT", "read the state of a file", INTENT_FILE, CMD_NONE },
	{ "_N_F_XFER", "load a file", INTENT_FILE, CMD_NONE },
	{ "_N_CRTOCE", "create a tool with edges", INTENT_CONFIG, CMD_NONE },
	{ "_N_NCRES", "restart the control", INTENT_MODE, CMD_NONE },
	{ "_N_OST_OF", "switch override store off", INTENT_MODE, CMD_NONE },
};

const struct s7_area *
s7_area_of(uint8_t code)
{
	for (size_t i = 0; i < COUNTOF(s7_areas); i++)
		if (s7_areas[i].code == code)
			return &s7_areas[i];
	return NULL;
}

uint32_t
s7_pi_of(const uint8_t *word, size_t n)
{
	for (uint32_t i = 0; i < COUNTOF(s7_pis); i++)
		if (strlen(s7_pis[i].word) == n && memcmp(s7_pis[i].word, word, n) == 0)
			return i + 1;
	return 0;
}

const char *
s7_rosctr_name(uint8_t v)
{
	switch (v) {
	case S7_JOB:		return "Job";
	case S7_ACK:		return "Ack";
	case S7_ACK_DATA:	return "Ack_Data";
	case S7_USERDATA:	return "Userdata";
	default:		return NULL;
	}
}

const char *
s7_return_name(uint8_t v)
{
	static const struct s7_word codes[] = {
		{ 0xff, "Success" }, { 0x00, "Reserved" }, { 0x01, "Hardware error" },
		{ 0x03, "Access to the object not allowed" }, { 0x05, "Invalid address" },
		{ 0x06, "Data type not supported" }, { 0x07, "Data type inconsistent" },
		{ 0x0a, "Object does not exist" },
	};

	return s7_name(codes, COUNTOF(codes), v);
}

const char *
s7_data_type_name(uint8_t v)
{
	static const struct s7_word types[] = {
		{ 0x00, "NULL" }, { 0x03, "BIT" }, { 0x04, "BYTE/WORD/DWORD" },
		{ 0x05, "INTEGER" }, { 0x06, "DINTEGER" }, { 0x07, "REAL" },
		{ 0x09, "OCTET STRING" }, { 0x11, "NCK ADDRESS1" }, { 0x12, "NCK ADDRESS2" },
	};

	return s7_name(types, COUNTOF(types), v);
}

const char *
s7_language(uint8_t v)
{
	static const struct s7_word languages[] = {
		{ 0, "not defined" }, { 1, "STL" }, { 2, "LAD" }, { 3, "FBD" }, { 4, "SCL" },
		{ 5, "DB" }, { 6, "GRAPH" }, { 7, "SDB" }, { 8, "CPU-DB" },
		{ 0x11, "SDB (after overall reset)" }, { 0x12, "SDB (routing)" },
		{ 0x29, "encrypted" },
	};

	return s7_name(languages, COUNTOF(languages), v);
}

const char *
s7_mode_name(uint8_t v)
{
	static const struct s7_word modes[] = {
		{ 0, "STOP" }, { 1, "warm restart" }, { 2, "RUN" }, { 3, "hot restart" },
		{ 4, "HOLD" }, { 6, "cold restart" }, { 9, "RUN (redundant)" },
		{ 11, "LINK-UP" }, { 12, "UPDATE" },
	};

	return s7_name(modes, COUNTOF(modes), v);
}

const char *
s7_nck_area(uint8_t v)
{
	static const char *const names[] = {
		"NCK", "mode group", "channel", "axis", "tool", "feed drive", "main drive", "MMC",
	};

	return v < COUNTOF(names) ? names[v] : NULL;
}
