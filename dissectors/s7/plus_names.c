/* plus_names.c - what numbers of S7comm-plus are called: objects that every
 * controller has, their classes and attributes, types, return values. */
#include "plus.h"

#include "base/str.h"

static const struct s7_word objects[] = {
	{ 1, "root" }, { 2, "hardware configuration" }, { 3, "PLC program" },
	{ 4, "folders" }, { 5, "logs" }, { 8, "alarm subsystem" },
	{ 10, "software events" }, { 11, "test and commissioning" },
	{ 30, "station configuration" }, { 31, "license root" }, { 48, "CPU modules" },
	{ 49, "software container" }, { 50, "CPU" }, { 51, "card reader" },
	{ 52, "CPU execution unit" }, { 53, "web server" }, { 54, "display" },
	{ 60, "server sessions" }, { 80, "inputs (I)" }, { 81, "outputs (Q)" },
	{ 82, "flags (M)" }, { 83, "counters (C)" }, { 84, "timers (T)" },
	{ 201, "communication" }, { 211, "new object" }, { 285, "server session container" },
	{ 288, "no session" }, { 537, "type information container" },
	{ 1387, "address resolver" },
};

static const struct s7_word classes[] = {
	{ 255, "subscriptions" }, { 284, "server session container" },
	{ S7P_CLASS_SESSION, "server session" }, { 511, "type information" },
	{ 534, "type information container" }, { S7P_CLASS_SUBSCRIPTION, "subscription" },
	{ 2378, "release management" }, { 2478, "root" }, { 2483, "software events" },
	{ 2179, "CPU execution unit" }, { 2190, "alarm subsystem" },
	{ 2520, "PLC program" }, { 2538, "block" }, { 2574, "data block" },
	{ 2602, "flag area" }, { 4672, "text container" }, { 8040, "program change" },
	{ 2662, "alarm subscription" }, { S7P_CLASS_ALARM, "alarm" },
};

/* Sorted: one is looked for with every attribute.  A test checks it. */
const struct s7_word s7p_ids[S7P_N_IDS] = {
	{ 233, "name" }, { 289, "client id" }, { 296, "user" }, { 297, "application" },
	{ 298, "host" }, { 299, "role" }, { 300, "client" }, { 301, "comment" },
	{ 302, "timeout" }, { 303, "challenge" }, { 304, "response" }, { 305, "roles" },
	{ S7P_SESSION_VERSION, "session version" }, { S7P_PASSWORD, "password" },
	{ 310, "legitimated" }, { 529, "layout changed" },
	{ 1002, "missed sendings" }, { 1003, "subsystem error" }, { 1005, "trigger mode" },
	{ 1040, "route mode" }, { 1041, "active" }, { 1048, "references" },
	{ 1049, "cycle time" }, { 1050, "delay time" }, { 1051, "disabled" },
	{ 1052, "count" }, { 1053, "credit limit" }, { 1054, "ticks" },
	{ 1082, "function class" }, { 1830, "session key" },
	{ 1842, "effective protection level" }, { 1843, "active protection level" },
	{ S7P_LEGITIMATE, "legitimate" }, { S7P_STATE_REQUEST, "operating state request" },
	{ S7P_STATE_STRUCT, "operating state" }, { 2521, "block number" },
	{ 2522, "block language" }, { 2524, "know-how protection" }, { 2527, "unlinked" },
	{ 2532, "checksum" }, { 2533, "body" }, { 2544, "interface" },
	{ 2546, "line comments" }, { 2550, "actual values" }, { 2551, "initial values" },
	{ 2659, "alarm domain" }, { 2660, "alarm subsystem" }, { 2667, "alarms" },
	{ 2670, "alarm id" }, { 2671, "alarm states" }, { 2672, "alarm domain" },
	{ 2673, "coming" }, { 2677, "going" }, { 2715, "alarm texts" },
	{ 3736, "actual values of an area" }, { S7P_IDENTIFICATION, "identification" }, { 4079, "alarm kind" }, { 4288, "comment" },
	{ 4578, "type information" }, { 7813, "alarm for HMI" }, { 7917, "alarm counter" },
	{ 8064, "cycle time" }, { 8065, "cycle load" },
};

static const struct s7_word types[] = {
	{ 0x00, "Null" }, { 0x01, "Bool" }, { 0x02, "USInt" }, { 0x03, "UInt" },
	{ 0x04, "UDInt" }, { 0x05, "ULInt" }, { 0x06, "SInt" }, { 0x07, "Int" },
	{ 0x08, "DInt" }, { 0x09, "LInt" }, { 0x0a, "Byte" }, { 0x0b, "Word" },
	{ 0x0c, "DWord" }, { 0x0d, "LWord" }, { 0x0e, "Real" }, { 0x0f, "LReal" },
	{ 0x10, "Timestamp" }, { 0x11, "Timespan" }, { 0x12, "RID" }, { 0x13, "AID" },
	{ 0x14, "Blob" }, { 0x15, "WString" }, { 0x16, "Variant" }, { 0x17, "Struct" },
	{ 0x19, "S7String" },
};

/* In the order of 16 bits without a sign. */
static const struct s7_word errors[] = {
	{ 17, "session is legitimated already" }, { 18, "ignored" },
	{ 19, "done in part" }, { 21, "too many notifications" }, { 22, "wrong password" },
	{ 23, "end of file" }, { 24, "subscription disabled" },
	{ 25, "legitimated for level 2" }, { 26, "legitimated for level 3" },
	{ 33, "legitimated for level 1" }, { 34, "transaction aborted" },
	{ 35, "blob moved" }, { 37, "out of resources for now" },
	{ 38, "this level is disabled" }, { 40, "end of blob" },
	{ 0xff8a, "wrong password" }, { 0xfffc, "not enough memory" },
	{ 0xfffd, "invalid argument" }, { 0xfffe, "invalid type of value" },
	{ 0xffff, "unknown error" },
};

static const struct s7_word methods[] = {
	{ 1387, "resolve address" }, { 18667, "check add-on" },
	{ 18827, "begin runtime update" }, { 18829, "finish runtime update" },
	{ 18878, "remove add-on" }, { 15000009, "before full download" },
	{ 15000011, "after full download" }, { 15000013, "check full download" },
	{ 15000016, "activate download" }, { 15000019, "abort full download" },
	{ 15000035, "get download service" }, { 15000039, "get project" },
};

/* Blocks of the program have the number of their kind in the upper half. */
const char *
s7p_object_name(uint32_t id)
{
	if (id >> 16 == 0x8a0e)
		return "data block";
	if (id >> 28 == 7 || id >> 28 == 1)
		return "made by the session";
	return s7_name(objects, COUNTOF(objects), id);
}

const char *
s7p_class_name(uint32_t id)
{
	return s7_name(classes, COUNTOF(classes), id);
}

const char *
s7p_id_name(uint32_t id)
{
	uint32_t low = 0, high = S7P_N_IDS;

	while (low < high) {
		uint32_t mid = (low + high) / 2;

		if (s7p_ids[mid].code == id)
			return s7p_ids[mid].name;
		if (s7p_ids[mid].code < id)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const char *
s7p_type_name(uint8_t type)
{
	if (type < COUNTOF(types) && types[type].code == type)	/* nearly all stand there */
		return types[type].name;
	return s7_name(types, COUNTOF(types), type);
}

const char *
s7p_error_name(int32_t code)
{
	return s7_name(errors, COUNTOF(errors), (uint32_t)code & 0xffffu);
}

const char *
s7p_method_name(uint32_t method)
{
	return s7_name(methods, COUNTOF(methods), method);
}

const char *
s7p_mode_name(uint64_t state)
{
	switch (state) {
	case S7P_STATE_STOP:	return "STOP";
	case S7P_STATE_RESET:	return "memory reset";
	case 3:		return "RUN";
	case 4:		return "RUN (redundant)";
	default:	return NULL;
	}
}

const char *
s7p_state_name(uint64_t state)
{
	return state == 4 ? "STOP" : state == 8 ? "RUN" : NULL;
}
