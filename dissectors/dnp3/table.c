/* table.c - every object of IEEE 1815 as one table (1815 annex A).
 *
 * A row says how an object lies on the wire; values, quality, times, JSON names
 * and lengths all follow from it.  Field names are Suricata's where it has the
 * object.  Where Suricata's list and the standard disagree the standard wins:
 * NOTES.md tells where.
 */
#include "dnp3.h"

#include "base/str.h"

#define BIT_(n, r)	{ .name = n, .type = DNP3_BITS, .role = r, .width = 1 }
#define F_(n, t)	{ .name = n, .type = t }
#define R_(n, t, r)	{ .name = n, .type = t, .role = r }
#define REST_(n, t)	{ .name = n, .type = t, .len_from = DNP3_REST }
#define LEN_(n, t, from) { .name = n, .type = t, .len_from = from }

/* Octets of quality, bit 0 first (1815 11.6). */
#define Q_COMMON \
	BIT_("online", DNP3_FLAGS), BIT_("restart", DNP3_FLAGS), BIT_("comm_lost", DNP3_FLAGS), \
	BIT_("remote_forced", DNP3_FLAGS), BIT_("local_forced", DNP3_FLAGS)
#define Q_BINARY \
	Q_COMMON, BIT_("chatter_filter", DNP3_FLAGS), BIT_("reserved", DNP3_FLAGS), \
	BIT_("state", DNP3_STATE)
#define Q_DOUBLE \
	Q_COMMON, BIT_("chatter_filter", DNP3_FLAGS), \
	{ .name = "state", .type = DNP3_BITS, .role = DNP3_STATE, .width = 2 }
#define Q_OUTPUT \
	Q_COMMON, BIT_("reserved0", DNP3_FLAGS), BIT_("reserved1", DNP3_FLAGS), \
	BIT_("state", DNP3_STATE)
#define Q_COUNTER \
	Q_COMMON, BIT_("rollover", DNP3_FLAGS), BIT_("discontinuity", DNP3_FLAGS), \
	BIT_("reserved0", DNP3_FLAGS)
#define Q_ANALOG \
	Q_COMMON, BIT_("over_range", DNP3_FLAGS), BIT_("reference_err", DNP3_FLAGS), \
	BIT_("reserved0", DNP3_FLAGS)
#define Q_STATISTIC \
	Q_COMMON, BIT_("reserved0", DNP3_FLAGS), BIT_("discontinuity", DNP3_FLAGS), \
	BIT_("reserved1", DNP3_FLAGS)
#define Q_STATUS \
	{ .name = "status_code", .type = DNP3_BITS, .role = DNP3_STATUS, .width = 7 }

#define AT	R_("timestamp", DNP3_TIME, DNP3_AT)
#define COUNT32	R_("count", DNP3_U32, DNP3_VALUE)
#define COUNT16	R_("count", DNP3_U16, DNP3_VALUE)
#define V_I32	R_("value", DNP3_I32, DNP3_VALUE)
#define V_I16	R_("value", DNP3_I16, DNP3_VALUE)
#define V_F32	R_("value", DNP3_F32, DNP3_VALUE)
#define V_F64	R_("value", DNP3_F64, DNP3_VALUE)
#define STATUS	R_("control_status", DNP3_U8, DNP3_STATUS)

#define SET_(id, ...) static const struct dnp3_field id[] = { __VA_ARGS__ }

SET_(f_attr, F_("data_type", DNP3_U8), F_("length", DNP3_U8),
    { .name = "value", .type = DNP3_ATTRIBUTE, .role = DNP3_VALUE, .len_from = 1 });

SET_(f_bit, BIT_("state", DNP3_VALUE));
SET_(f_bits2, { .name = "state", .type = DNP3_BITS, .role = DNP3_VALUE, .width = 2 });
SET_(f_binary, Q_BINARY);
SET_(f_binary_at, Q_BINARY, AT);
SET_(f_binary_rel, Q_BINARY, R_("timestamp", DNP3_U16, DNP3_AFTER));
SET_(f_double, Q_DOUBLE);
SET_(f_double_at, Q_DOUBLE, AT);
SET_(f_double_rel, Q_DOUBLE, R_("relative_time_ms", DNP3_U16, DNP3_AFTER));
SET_(f_output, Q_OUTPUT);
SET_(f_output_at, Q_OUTPUT, AT);
SET_(f_crob, { .name = "op_type", .type = DNP3_BITS, .width = 4 },
    { .name = "qu", .type = DNP3_BITS, .width = 1 },
    { .name = "cr", .type = DNP3_BITS, .width = 1 },
    { .name = "tcc", .type = DNP3_BITS, .width = 2 },
    F_("count", DNP3_U8), F_("ontime", DNP3_U32), F_("offtime", DNP3_U32),
    Q_STATUS, { .name = "reserved", .type = DNP3_BITS, .width = 1 });
SET_(f_mask, BIT_("point", DNP3_VALUE));
SET_(f_command, Q_STATUS, BIT_("commanded_state", DNP3_VALUE));
SET_(f_command_at, Q_STATUS, BIT_("commanded_state", DNP3_VALUE), AT);

SET_(f_count32, Q_COUNTER, COUNT32);
SET_(f_count16, Q_COUNTER, COUNT16);
SET_(f_count32_at, Q_COUNTER, COUNT32, AT);
SET_(f_count16_at, Q_COUNTER, COUNT16, AT);
SET_(f_count32_bare, COUNT32);
SET_(f_count16_bare, COUNT16);

SET_(f_a32, Q_ANALOG, V_I32);
SET_(f_a16, Q_ANALOG, V_I16);
SET_(f_a32_bare, V_I32);
SET_(f_a16_bare, V_I16);
SET_(f_af32, Q_ANALOG, V_F32);
SET_(f_af64, Q_ANALOG, V_F64);
SET_(f_a32_at, Q_ANALOG, V_I32, AT);
SET_(f_a16_at, Q_ANALOG, V_I16, AT);
SET_(f_af32_at, Q_ANALOG, V_F32, AT);
SET_(f_af64_at, Q_ANALOG, V_F64, AT);
SET_(f_dead16, R_("deadband_value", DNP3_U16, DNP3_VALUE));
SET_(f_dead32, R_("deadband_value", DNP3_U32, DNP3_VALUE));
SET_(f_deadf, R_("deadband_value", DNP3_F32, DNP3_VALUE));
SET_(f_out32, V_I32, STATUS);
SET_(f_out16, V_I16, STATUS);
SET_(f_outf32, V_F32, STATUS);
SET_(f_outf64, V_F64, STATUS);
#define Q_COMMANDED Q_STATUS, { .name = "reserved0", .type = DNP3_BITS, .width = 1 }
SET_(f_cmd32, Q_COMMANDED, R_("commanded_value", DNP3_I32, DNP3_VALUE));
SET_(f_cmd16, Q_COMMANDED, R_("commanded_value", DNP3_I16, DNP3_VALUE));
SET_(f_cmdf32, Q_COMMANDED, R_("commanded_value", DNP3_F32, DNP3_VALUE));
SET_(f_cmdf64, Q_COMMANDED, R_("commanded_value", DNP3_F64, DNP3_VALUE));
SET_(f_cmd32_at, Q_COMMANDED, R_("commanded_value", DNP3_I32, DNP3_VALUE), AT);
SET_(f_cmd16_at, Q_COMMANDED, R_("commanded_value", DNP3_I16, DNP3_VALUE), AT);
SET_(f_cmdf32_at, Q_COMMANDED, R_("commanded_value", DNP3_F32, DNP3_VALUE), AT);
SET_(f_cmdf64_at, Q_COMMANDED, R_("commanded_value", DNP3_F64, DNP3_VALUE), AT);

SET_(f_time, R_("timestamp", DNP3_TIME, DNP3_VALUE));
SET_(f_time_interval, R_("timestamp", DNP3_TIME, DNP3_VALUE), F_("interval", DNP3_U32));
SET_(f_time_indexed, R_("timestamp", DNP3_TIME, DNP3_VALUE), F_("interval_count", DNP3_U32),
    F_("interval_units", DNP3_U8));
SET_(f_delay_s, R_("delay_secs", DNP3_U16, DNP3_VALUE));
SET_(f_delay_ms, R_("delay_ms", DNP3_U16, DNP3_VALUE));

SET_(f_file_id, F_("filename_size", DNP3_U16), F_("filetype_code", DNP3_U8),
    F_("attribute_code", DNP3_U8), F_("start_record", DNP3_U16), F_("end_record", DNP3_U16),
    F_("file_size", DNP3_U32), F_("created_timestamp", DNP3_TIME), F_("permission", DNP3_U16),
    F_("file_id", DNP3_U32), F_("owner_id", DNP3_U32), F_("group_id", DNP3_U32),
    F_("file_function_code", DNP3_U8), R_("status_code", DNP3_U8, DNP3_STATUS),
    LEN_("filename", DNP3_TEXT, 0), F_("data_size", DNP3_U16), LEN_("data", DNP3_TEXT, 14));
SET_(f_file_auth, F_("username_offset", DNP3_U16), F_("username_size", DNP3_U16),
    F_("password_offset", DNP3_U16), F_("password_size", DNP3_U16),
    F_("authentication_key", DNP3_U32), LEN_("username", DNP3_TEXT, 1),
    LEN_("password", DNP3_SECRET, 3));
SET_(f_file_command, F_("filename_offset", DNP3_U16), F_("filename_size", DNP3_U16),
    F_("created", DNP3_TIME), F_("permissions", DNP3_U16), F_("authentication_key", DNP3_U32),
    F_("file_size", DNP3_U32), F_("operational_mode", DNP3_U16),
    F_("maximum_block_size", DNP3_U16), F_("request_id", DNP3_U16),
    LEN_("filename", DNP3_TEXT, 1));
SET_(f_file_status, F_("file_handle", DNP3_U32), F_("file_size", DNP3_U32),
    F_("maximum_block_size", DNP3_U16), F_("request_id", DNP3_U16),
    R_("status_code", DNP3_U8, DNP3_STATUS), REST_("optional_text", DNP3_TEXT));
SET_(f_file_data, F_("file_handle", DNP3_U32), F_("block_number", DNP3_U32),
    REST_("file_data", DNP3_TEXT));
SET_(f_file_data_status, F_("file_handle", DNP3_U32), F_("block_number", DNP3_U32),
    R_("status_code", DNP3_U8, DNP3_STATUS), REST_("optional_text", DNP3_TEXT));
SET_(f_file_descriptor, F_("filename_offset", DNP3_U16), F_("filename_size", DNP3_U16),
    F_("file_type", DNP3_U16), F_("file_size", DNP3_U32), F_("created_timestamp", DNP3_TIME),
    F_("permissions", DNP3_U16), F_("request_id", DNP3_U16), LEN_("filename", DNP3_TEXT, 1));
SET_(f_file_name, REST_("file_specification", DNP3_TEXT));

SET_(f_storage, { .name = "fill_percentage", .type = DNP3_BITS, .role = DNP3_VALUE, .width = 7 },
    { .name = "overflow_state", .type = DNP3_BITS, .width = 1 },
    F_("group", DNP3_U8), F_("variation", DNP3_U8));
SET_(f_rest, REST_("data", DNP3_BYTES));
SET_(f_private, { .name = "vendor_code", .type = DNP3_TEXT, .width = 4 },
    F_("object_id", DNP3_U16), F_("length", DNP3_U16), LEN_("data_objects", DNP3_BYTES, 2));
SET_(f_private_desc, { .name = "vendor_code", .type = DNP3_TEXT, .width = 4 },
    F_("object_id", DNP3_U16), F_("count", DNP3_U16), REST_("descriptors", DNP3_BYTES));
SET_(f_set, REST_("elements", DNP3_SET));
SET_(f_set_flags, BIT_("rd", DNP3_PLAIN), BIT_("wr", DNP3_PLAIN), BIT_("st", DNP3_PLAIN),
    BIT_("ev", DNP3_PLAIN), BIT_("df", DNP3_PLAIN), BIT_("padding0", DNP3_PLAIN),
    BIT_("padding1", DNP3_PLAIN), BIT_("padding2", DNP3_PLAIN));
SET_(f_application, REST_("application_id", DNP3_TEXT));
SET_(f_operation, F_("time_delay", DNP3_U32), R_("status_code", DNP3_U8, DNP3_STATUS),
    REST_("application_id", DNP3_TEXT));
SET_(f_f32, Q_ANALOG, V_F32);
SET_(f_f64, Q_ANALOG, V_F64);
SET_(f_bcd2, { .name = "value", .type = DNP3_BCD, .role = DNP3_VALUE, .width = 2 });
SET_(f_bcd4, { .name = "value", .type = DNP3_BCD, .role = DNP3_VALUE, .width = 4 });
SET_(f_bcd8, { .name = "value", .type = DNP3_BCD, .role = DNP3_VALUE, .width = 8 });
SET_(f_u8, R_("value", DNP3_U8, DNP3_VALUE));
SET_(f_string, { .name = "value", .type = DNP3_TEXT, .role = DNP3_VALUE, .len_from = DNP3_REST });
SET_(f_long_string, F_("length", DNP3_U16),
    { .name = "value", .type = DNP3_TEXT, .role = DNP3_VALUE, .len_from = 0 });

SET_(f_challenge, F_("csq", DNP3_U32), F_("usr", DNP3_U16), F_("mal", DNP3_U8),
    F_("reason", DNP3_U8), REST_("challenge_data", DNP3_BYTES));
SET_(f_reply, F_("csq", DNP3_U32), F_("usr", DNP3_U16), REST_("mac_value", DNP3_BYTES));
SET_(f_aggressive, F_("csq", DNP3_U32), F_("user_number", DNP3_U16));
SET_(f_key_request, F_("user_number", DNP3_U16));
SET_(f_key_status, F_("ksq", DNP3_U32), F_("user_number", DNP3_U16), F_("key_wrap_alg", DNP3_U8),
    F_("key_status", DNP3_U8), F_("mal", DNP3_U8), F_("challenge_data_len", DNP3_U16),
    LEN_("challenge_data", DNP3_BYTES, 5), REST_("mac_value", DNP3_BYTES));
SET_(f_key_change, F_("ksq", DNP3_U32), F_("usr", DNP3_U16),
    REST_("wrapped_key_data", DNP3_BYTES));
SET_(f_auth_error, F_("sequence_number", DNP3_U32), F_("usr", DNP3_U16),
    F_("association_id", DNP3_U16), F_("error_code", DNP3_U8), F_("time_of_error", DNP3_TIME),
    REST_("error_text", DNP3_TEXT));
SET_(f_certificate, F_("key_change_method", DNP3_U8), F_("certificate_type", DNP3_U8),
    REST_("certificate", DNP3_BYTES));
SET_(f_mac, REST_("mac_value", DNP3_BYTES));
SET_(f_user_status, F_("key_change_method", DNP3_U8), F_("operation", DNP3_U8),
    F_("scs", DNP3_U32), F_("user_role", DNP3_U16), F_("user_role_expiry_interval", DNP3_U16),
    F_("username_len", DNP3_U16), F_("user_public_key_len", DNP3_U16),
    F_("certification_data_len", DNP3_U16), LEN_("username", DNP3_TEXT, 5),
    LEN_("user_public_key", DNP3_BYTES, 6), LEN_("certification_data", DNP3_BYTES, 7));
SET_(f_update_request, F_("key_change_method", DNP3_U8), F_("username_len", DNP3_U16),
    F_("master_challenge_data_len", DNP3_U16), LEN_("username", DNP3_TEXT, 1),
    LEN_("master_challenge_data", DNP3_BYTES, 2));
SET_(f_update_reply, F_("ksq", DNP3_U32), F_("user_number", DNP3_U16),
    F_("challenge_data_len", DNP3_U16), LEN_("challenge_data", DNP3_BYTES, 2));
SET_(f_update_key, F_("ksq", DNP3_U32), F_("user_number", DNP3_U16),
    F_("encrypted_update_key_len", DNP3_U16), LEN_("encrypted_update_key_data", DNP3_BYTES, 2));
SET_(f_signature, REST_("digital_signature", DNP3_BYTES));
SET_(f_confirmation, REST_("mac", DNP3_BYTES));
SET_(f_statistic, Q_STATISTIC, F_("association_id", DNP3_U16),
    R_("count_value", DNP3_U32, DNP3_VALUE));
SET_(f_statistic_at, Q_STATISTIC, F_("association_id", DNP3_U16),
    R_("count_value", DNP3_U32, DNP3_VALUE), AT);

#define ROW_(g, v, pack, bytes, set, text, p) { .group = g, .variation = v, .packing = pack, \
	.n_fields = COUNTOF(set), .size = bytes, .params = p, .name = text, .fields = set }
#define FIX(g, v, bytes, set, text)	ROW_(g, v, DNP3_FIXED, bytes, set, text, false)
#define VAL(g, v, bytes, set, text) { .group = g, .variation = v, .packing = DNP3_FIXED, \
	.n_fields = COUNTOF(set), .size = bytes, .plain = true, .name = text, .fields = set }
#define PAR(g, v, bytes, set, text)	ROW_(g, v, DNP3_FIXED, bytes, set, text, true)
#define PRE(g, v, set, text)		ROW_(g, v, DNP3_BY_PREFIX, 0, set, text, true)
#define NIL(g, v, text)	{ .group = g, .variation = v, .packing = DNP3_NONE, .name = text }
#define ALL(g, pack, set, text) { .group = g, .packing = pack, .n_fields = COUNTOF(set), \
	.any = true, .name = text, .fields = set }

/* By group, then variation; a row for all variations after those of its group. */
const struct dnp3_row dnp3_rows[DNP3_N_ROWS] = {
 ALL(0,        DNP3_BY_FIELDS, f_attr,      "Device Attribute"),
 NIL(1,   0,                                "Binary Input - Any Variation"),
 ROW_(1,  1, DNP3_BIT, 0, f_bit,            "Binary Input - Packed Format", false),
 VAL(1,   2,  1, f_binary,                  "Binary Input - With Flags"),
 NIL(2,   0,                                "Binary Input Event - Any Variation"),
 VAL(2,   1,  1, f_binary,                  "Binary Input Event - Without Time"),
 VAL(2,   2,  7, f_binary_at,               "Binary Input Event - With Absolute Time"),
 FIX(2,   3,  3, f_binary_rel,              "Binary Input Event - With Relative Time"),
 NIL(3,   0,                                "Double-Bit Binary Input - Any Variation"),
 ROW_(3,  1, DNP3_BIT_PAIR, 0, f_bits2,     "Double-Bit Binary Input - Packed Format", false),
 VAL(3,   2,  1, f_double,                  "Double-Bit Binary Input - With Flags"),
 NIL(4,   0,                                "Double-Bit Binary Input Event - Any Variation"),
 VAL(4,   1,  1, f_double,                  "Double-Bit Binary Input Event - Without Time"),
 VAL(4,   2,  7, f_double_at,               "Double-Bit Binary Input Event - With Absolute Time"),
 FIX(4,   3,  3, f_double_rel,              "Double-Bit Binary Input Event - With Relative Time"),
 NIL(10,  0,                                "Binary Output - Any Variation"),
 ROW_(10, 1, DNP3_BIT, 0, f_bit,            "Binary Output - Packed Format", false),
 VAL(10,  2,  1, f_output,                  "Binary Output - Output Status With Flags"),
 NIL(11,  0,                                "Binary Output Event - Any Variation"),
 VAL(11,  1,  1, f_output,                  "Binary Output Event - Status Without Time"),
 VAL(11,  2,  7, f_output_at,               "Binary Output Event - Status With Time"),
 NIL(12,  0,                                "Binary Output Command - Any Variation"),
 PAR(12,  1, 11, f_crob,                    "Binary Output Command - Control Relay Output Block"),
 PAR(12,  2, 11, f_crob,                    "Binary Output Command - Pattern Control Block"),
 ROW_(12, 3, DNP3_BIT, 0, f_mask,           "Binary Output Command - Pattern Mask", false),
 NIL(13,  0,                                "Binary Output Command Event - Any Variation"),
 FIX(13,  1,  1, f_command,                 "Binary Output Command Event - Without Time"),
 FIX(13,  2,  7, f_command_at,              "Binary Output Command Event - With Time"),
 NIL(20,  0,                                "Counter - Any Variation"),
 VAL(20,  1,  5, f_count32,                 "Counter - 32-bit With Flag"),
 VAL(20,  2,  3, f_count16,                 "Counter - 16-bit With Flag"),
 VAL(20,  3,  5, f_count32,                 "Counter - 32-bit With Flag, Delta"),
 VAL(20,  4,  3, f_count16,                 "Counter - 16-bit With Flag, Delta"),
 VAL(20,  5,  4, f_count32_bare,            "Counter - 32-bit Without Flag"),
 VAL(20,  6,  2, f_count16_bare,            "Counter - 16-bit Without Flag"),
 VAL(20,  7,  4, f_count32_bare,            "Counter - 32-bit Without Flag, Delta"),
 VAL(20,  8,  2, f_count16_bare,            "Counter - 16-bit Without Flag, Delta"),
 NIL(21,  0,                                "Frozen Counter - Any Variation"),
 VAL(21,  1,  5, f_count32,                 "Frozen Counter - 32-bit With Flag"),
 VAL(21,  2,  3, f_count16,                 "Frozen Counter - 16-bit With Flag"),
 VAL(21,  3,  5, f_count32,                 "Frozen Counter - 32-bit With Flag, Delta"),
 VAL(21,  4,  3, f_count16,                 "Frozen Counter - 16-bit With Flag, Delta"),
 VAL(21,  5, 11, f_count32_at,              "Frozen Counter - 32-bit With Flag And Time"),
 VAL(21,  6,  9, f_count16_at,              "Frozen Counter - 16-bit With Flag And Time"),
 VAL(21,  7, 11, f_count32_at,              "Frozen Counter - 32-bit With Flag And Time, Delta"),
 VAL(21,  8,  9, f_count16_at,              "Frozen Counter - 16-bit With Flag And Time, Delta"),
 VAL(21,  9,  4, f_count32_bare,            "Frozen Counter - 32-bit Without Flag"),
 VAL(21, 10,  2, f_count16_bare,            "Frozen Counter - 16-bit Without Flag"),
 VAL(21, 11,  4, f_count32_bare,            "Frozen Counter - 32-bit Without Flag, Delta"),
 VAL(21, 12,  2, f_count16_bare,            "Frozen Counter - 16-bit Without Flag, Delta"),
 NIL(22,  0,                                "Counter Event - Any Variation"),
 VAL(22,  1,  5, f_count32,                 "Counter Event - 32-bit With Flag"),
 VAL(22,  2,  3, f_count16,                 "Counter Event - 16-bit With Flag"),
 VAL(22,  3,  5, f_count32,                 "Counter Event - 32-bit With Flag, Delta"),
 VAL(22,  4,  3, f_count16,                 "Counter Event - 16-bit With Flag, Delta"),
 VAL(22,  5, 11, f_count32_at,              "Counter Event - 32-bit With Flag And Time"),
 VAL(22,  6,  9, f_count16_at,              "Counter Event - 16-bit With Flag And Time"),
 VAL(22,  7, 11, f_count32_at,              "Counter Event - 32-bit With Flag And Time, Delta"),
 VAL(22,  8,  9, f_count16_at,              "Counter Event - 16-bit With Flag And Time, Delta"),
 NIL(23,  0,                                "Frozen Counter Event - Any Variation"),
 VAL(23,  1,  5, f_count32,                 "Frozen Counter Event - 32-bit With Flag"),
 VAL(23,  2,  3, f_count16,                 "Frozen Counter Event - 16-bit With Flag"),
 VAL(23,  3,  5, f_count32,                 "Frozen Counter Event - 32-bit With Flag, Delta"),
 VAL(23,  4,  3, f_count16,                 "Frozen Counter Event - 16-bit With Flag, Delta"),
 VAL(23,  5, 11, f_count32_at,              "Frozen Counter Event - 32-bit With Flag And Time"),
 VAL(23,  6,  9, f_count16_at,              "Frozen Counter Event - 16-bit With Flag And Time"),
 VAL(23,  7, 11, f_count32_at,              "Frozen Counter Event - 32-bit With Flag And Time, Delta"),
 VAL(23,  8,  9, f_count16_at,              "Frozen Counter Event - 16-bit With Flag And Time, Delta"),
 NIL(30,  0,                                "Analog Input - Any Variation"),
 VAL(30,  1,  5, f_a32,                     "Analog Input - 32-bit With Flag"),
 VAL(30,  2,  3, f_a16,                     "Analog Input - 16-bit With Flag"),
 VAL(30,  3,  4, f_a32_bare,                "Analog Input - 32-bit Without Flag"),
 VAL(30,  4,  2, f_a16_bare,                "Analog Input - 16-bit Without Flag"),
 VAL(30,  5,  5, f_af32,                    "Analog Input - Single-precision, Floating-point With Flag"),
 VAL(30,  6,  9, f_af64,                    "Analog Input - Double-precision, Floating-point With Flag"),
 NIL(31,  0,                                "Frozen Analog Input - Any Variation"),
 VAL(31,  1,  5, f_a32,                     "Frozen Analog Input - 32-bit With Flag"),
 VAL(31,  2,  3, f_a16,                     "Frozen Analog Input - 16-bit With Flag"),
 VAL(31,  3, 11, f_a32_at,                  "Frozen Analog Input - 32-bit With Time-of-Freeze"),
 VAL(31,  4,  9, f_a16_at,                  "Frozen Analog Input - 16-bit With Time-of-Freeze"),
 VAL(31,  5,  4, f_a32_bare,                "Frozen Analog Input - 32-bit Without Flag"),
 VAL(31,  6,  2, f_a16_bare,                "Frozen Analog Input - 16-bit Without Flag"),
 VAL(31,  7,  5, f_af32,                    "Frozen Analog Input - Single-precision, Floating-point With Flag"),
 VAL(31,  8,  9, f_af64,                    "Frozen Analog Input - Double-precision, Floating-point With Flag"),
 NIL(32,  0,                                "Analog Input Event - Any Variation"),
 VAL(32,  1,  5, f_a32,                     "Analog Input Event - 32-bit Without Time"),
 VAL(32,  2,  3, f_a16,                     "Analog Input Event - 16-bit Without Time"),
 VAL(32,  3, 11, f_a32_at,                  "Analog Input Event - 32-bit With Time"),
 VAL(32,  4,  9, f_a16_at,                  "Analog Input Event - 16-bit With Time"),
 VAL(32,  5,  5, f_af32,                    "Analog Input Event - Single-precision, Floating-point Without Time"),
 VAL(32,  6,  9, f_af64,                    "Analog Input Event - Double-precision, Floating-point Without Time"),
 VAL(32,  7, 11, f_af32_at,                 "Analog Input Event - Single-precision, Floating-point With Time"),
 VAL(32,  8, 15, f_af64_at,                 "Analog Input Event - Double-precision, Floating-point With Time"),
 NIL(33,  0,                                "Frozen Analog Input Event - Any Variation"),
 VAL(33,  1,  5, f_a32,                     "Frozen Analog Input Event - 32-bit Without Time"),
 VAL(33,  2,  3, f_a16,                     "Frozen Analog Input Event - 16-bit Without Time"),
 VAL(33,  3, 11, f_a32_at,                  "Frozen Analog Input Event - 32-bit With Time"),
 VAL(33,  4,  9, f_a16_at,                  "Frozen Analog Input Event - 16-bit With Time"),
 VAL(33,  5,  5, f_af32,                    "Frozen Analog Input Event - Single-precision, Floating-point Without Time"),
 VAL(33,  6,  9, f_af64,                    "Frozen Analog Input Event - Double-precision, Floating-point Without Time"),
 VAL(33,  7, 11, f_af32_at,                 "Frozen Analog Input Event - Single-precision, Floating-point With Time"),
 VAL(33,  8, 15, f_af64_at,                 "Frozen Analog Input Event - Double-precision, Floating-point With Time"),
 NIL(34,  0,                                "Analog Input Deadband - Any Variation"),
 VAL(34,  1,  2, f_dead16,                  "Analog Input Deadband - 16-bit"),
 VAL(34,  2,  4, f_dead32,                  "Analog Input Deadband - 32-bit"),
 VAL(34,  3,  4, f_deadf,                   "Analog Input Deadband - Single-precision, Floating-point"),
 NIL(40,  0,                                "Analog Output Status - Any Variation"),
 VAL(40,  1,  5, f_a32,                     "Analog Output Status - 32-bit With Flag"),
 VAL(40,  2,  3, f_a16,                     "Analog Output Status - 16-bit With Flag"),
 VAL(40,  3,  5, f_af32,                    "Analog Output Status - Single-precision, Floating-point With Flag"),
 VAL(40,  4,  9, f_af64,                    "Analog Output Status - Double-precision, Floating-point With Flag"),
 NIL(41,  0,                                "Analog Output - Any Variation"),
 FIX(41,  1,  5, f_out32,                   "Analog Output - 32-bit"),
 FIX(41,  2,  3, f_out16,                   "Analog Output - 16-bit"),
 FIX(41,  3,  5, f_outf32,                  "Analog Output - Single-precision, Floating-point"),
 FIX(41,  4,  9, f_outf64,                  "Analog Output - Double-precision, Floating-point"),
 NIL(42,  0,                                "Analog Output Event - Any Variation"),
 VAL(42,  1,  5, f_a32,                     "Analog Output Event - 32-bit Without Time"),
 VAL(42,  2,  3, f_a16,                     "Analog Output Event - 16-bit Without Time"),
 VAL(42,  3, 11, f_a32_at,                  "Analog Output Event - 32-bit With Time"),
 VAL(42,  4,  9, f_a16_at,                  "Analog Output Event - 16-bit With Time"),
 VAL(42,  5,  5, f_af32,                    "Analog Output Event - Single-precision, Floating-point Without Time"),
 VAL(42,  6,  9, f_af64,                    "Analog Output Event - Double-precision, Floating-point Without Time"),
 VAL(42,  7, 11, f_af32_at,                 "Analog Output Event - Single-precision, Floating-point With Time"),
 VAL(42,  8, 15, f_af64_at,                 "Analog Output Event - Double-precision, Floating-point With Time"),
 NIL(43,  0,                                "Analog Output Command Event - Any Variation"),
 FIX(43,  1,  5, f_cmd32,                   "Analog Output Command Event - 32-bit Without Time"),
 FIX(43,  2,  3, f_cmd16,                   "Analog Output Command Event - 16-bit Without Time"),
 FIX(43,  3, 11, f_cmd32_at,                "Analog Output Command Event - 32-bit With Time"),
 FIX(43,  4,  9, f_cmd16_at,                "Analog Output Command Event - 16-bit With Time"),
 FIX(43,  5,  5, f_cmdf32,                  "Analog Output Command Event - Single-precision, Floating-point Without Time"),
 FIX(43,  6,  9, f_cmdf64,                  "Analog Output Command Event - Double-precision, Floating-point Without Time"),
 FIX(43,  7, 11, f_cmdf32_at,               "Analog Output Command Event - Single-precision, Floating-point With Time"),
 FIX(43,  8, 15, f_cmdf64_at,               "Analog Output Command Event - Double-precision, Floating-point With Time"),
 NIL(50,  0,                                "Time And Date - Any Variation"),
 VAL(50,  1,  6, f_time,                    "Time And Date - Absolute Time"),
 PAR(50,  2, 10, f_time_interval,           "Time And Date - Absolute Time And Interval"),
 VAL(50,  3,  6, f_time,                    "Time And Date - Absolute Time At Last Recorded Time"),
 PAR(50,  4, 11, f_time_indexed,            "Time And Date - Indexed Absolute Time And Long Interval"),
 FIX(51,  1,  6, f_time,                    "Time And Date Common Time-of-Occurrence - Absolute Time, Synchronized"),
 FIX(51,  2,  6, f_time,                    "Time And Date Common Time-of-Occurrence - Absolute Time, Unsynchronized"),
 PAR(52,  1,  2, f_delay_s,                 "Time Delay - Coarse"),
 PAR(52,  2,  2, f_delay_ms,                "Time Delay - Fine"),
 NIL(60,  0,                                "Class Objects - Any Class"),
 NIL(60,  1,                                "Class Objects - Class 0 Data"),
 NIL(60,  2,                                "Class Objects - Class 1 Data"),
 NIL(60,  3,                                "Class Objects - Class 2 Data"),
 NIL(60,  4,                                "Class Objects - Class 3 Data"),
 ROW_(70, 1, DNP3_BY_FIELDS, 0, f_file_id,  "File-control - File Identifier", true),
 PRE(70,  2, f_file_auth,                   "File-control - Authentication"),
 PRE(70,  3, f_file_command,                "File-control - File Command"),
 PRE(70,  4, f_file_status,                 "File-control - File Command Status"),
 PRE(70,  5, f_file_data,                   "File-control - File Transport"),
 PRE(70,  6, f_file_data_status,            "File-control - File Transport Status"),
 PRE(70,  7, f_file_descriptor,             "File-control - File Descriptor"),
 PRE(70,  8, f_file_name,                   "File-control - File Specification String"),
 ROW_(80, 1, DNP3_BIT, 0, f_bit,            "Internal Indications - Packed Format", false),
 PAR(81,  1,  3, f_storage,                 "Device Storage - Buffer Fill Status"),
 PRE(82,  1, f_rest,                        "Device Profile - Functions And Indexes"),
 ROW_(83, 1, DNP3_BY_FIELDS, 0, f_private,  "Data Set - Private Registration Object", true),
 PRE(83,  2, f_private_desc,                "Data Set - Private Registration Object Descriptor"),
 NIL(85,  0,                                "Data Set Prototype - Any Variation"),
 PRE(85,  1, f_set,                         "Data Set Prototype - With UUID"),
 NIL(86,  0,                                "Data Set Descriptor - Any Variation"),
 PRE(86,  1, f_set,                         "Data Set Descriptor - Data Set Contents"),
 PAR(86,  2,  1, f_set_flags,               "Data Set Descriptor - Characteristics"),
 PRE(86,  3, f_set,                         "Data Set Descriptor - Point Index Attributes"),
 NIL(87,  0,                                "Data Set - Any Variation"),
 PRE(87,  1, f_set,                         "Data Set - Present Value"),
 NIL(88,  0,                                "Data Set Event - Any Variation"),
 PRE(88,  1, f_set,                         "Data Set Event - Snapshot"),
 PRE(90,  1, f_application,                 "Application - Identifier"),
 PRE(91,  1, f_operation,                   "Status Of Requested Operation - Active Configuration"),
 VAL(100, 1,  5, f_f32,                     "Floating-point - Single-precision"),
 VAL(100, 2,  9, f_f64,                     "Floating-point - Double-precision"),
 VAL(101, 1,  2, f_bcd2,                    "Binary-coded Decimal Integer - Small"),
 VAL(101, 2,  4, f_bcd4,                    "Binary-coded Decimal Integer - Medium"),
 VAL(101, 3,  8, f_bcd8,                    "Binary-coded Decimal Integer - Large"),
 VAL(102, 1,  1, f_u8,                      "Unsigned Integer - 8-bit"),
 ALL(110, DNP3_BY_VARIATION, f_string,      "Octet String"),
 ALL(111, DNP3_BY_VARIATION, f_string,      "Octet String Event"),
 ALL(112, DNP3_BY_VARIATION, f_string,      "Virtual Terminal - Output Block"),
 ALL(113, DNP3_BY_VARIATION, f_string,      "Virtual Terminal - Event Data"),
 NIL(114, 0,                                "Octet String Extended - Any Variation"),
 ROW_(114, 1, DNP3_BY_FIELDS, 0, f_long_string, "Octet String Extended", false),
 NIL(115, 0,                                "Octet String Extended Event - Any Variation"),
 ROW_(115, 1, DNP3_BY_FIELDS, 0, f_long_string, "Octet String Extended Event", false),
 NIL(120, 0,                                "Authentication - Any Variation"),
 PRE(120, 1, f_challenge,                   "Authentication - Challenge"),
 PRE(120, 2, f_reply,                       "Authentication - Reply"),
 PAR(120, 3,  6, f_aggressive,              "Authentication - Aggressive Mode Request"),
 PAR(120, 4,  2, f_key_request,             "Authentication - Session Key Status Request"),
 PRE(120, 5, f_key_status,                  "Authentication - Session Key Status"),
 PRE(120, 6, f_key_change,                  "Authentication - Session Key Change"),
 PRE(120, 7, f_auth_error,                  "Authentication - Error"),
 PRE(120, 8, f_certificate,                 "Authentication - User Certificate"),
 PRE(120, 9, f_mac,                         "Authentication - Message Authentication Code"),
 PRE(120, 10, f_user_status,                "Authentication - User Status Change"),
 PRE(120, 11, f_update_request,             "Authentication - Update Key Change Request"),
 PRE(120, 12, f_update_reply,               "Authentication - Update Key Change Reply"),
 PRE(120, 13, f_update_key,                 "Authentication - Update Key Change"),
 PRE(120, 14, f_signature,                  "Authentication - Update Key Change Signature"),
 PRE(120, 15, f_confirmation,               "Authentication - Update Key Change Confirmation"),
 NIL(121, 0,                                "Security Statistic - Any Variation"),
 VAL(121, 1,  7, f_statistic,               "Security Statistic - 32-bit With Flag"),
 NIL(122, 0,                                "Security Statistic Event - Any Variation"),
 VAL(122, 1,  7, f_statistic,               "Security Statistic Event - 32-bit With Flag"),
 VAL(122, 2, 13, f_statistic_at,            "Security Statistic Event - 32-bit With Flag And Time"),
};

/* The first row of each group, counted from 1; a test holds it against the table. */
static const uint8_t first_of[] = {
	[0] = 1, [1] = 2, [2] = 5, [3] = 9, [4] = 12, [10] = 16, [11] = 19, [12] = 22,
	[13] = 26, [20] = 29, [21] = 38, [22] = 51, [23] = 60, [30] = 69, [31] = 76,
	[32] = 85, [33] = 94, [34] = 103, [40] = 107, [41] = 112, [42] = 117, [43] = 126,
	[50] = 135, [51] = 140, [52] = 142, [60] = 144, [70] = 149, [80] = 157, [81] = 158,
	[82] = 159, [83] = 160, [85] = 162, [86] = 164, [87] = 168, [88] = 170, [90] = 172,
	[91] = 173, [100] = 174, [101] = 176, [102] = 179, [110] = 180, [111] = 181,
	[112] = 182, [113] = 183, [114] = 184, [115] = 186, [120] = 188, [121] = 204,
	[122] = 206,
};

const struct dnp3_row *
dnp3_row_of(uint8_t group, uint8_t variation)
{
	uint32_t first = group < COUNTOF(first_of) ? first_of[group] : 0;
	const struct dnp3_row *r, *end = &dnp3_rows[DNP3_N_ROWS];
	uint32_t at;

	if (first == 0)
		return NULL;
	r = &dnp3_rows[first - 1];
	/* Variations stand in order, most groups have all of them from 0 or 1 on. */
	at = first - 1u;
	if (variation > r->variation)
		at += (uint32_t)variation - r->variation;
	if (at < DNP3_N_ROWS && dnp3_rows[at].group == group &&
	    dnp3_rows[at].variation == variation)
		return &dnp3_rows[at];
	for (; r < end && r->group == group; r++)
		if (r->any || r->variation == variation)
			return r;
	return NULL;
}
