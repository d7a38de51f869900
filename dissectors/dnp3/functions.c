/* functions.c - function codes and status codes. */
#include "dnp3.h"

#include "base/str.h"

/* Objects have any length up to the fragment's end; those without objects too,
 * because devices add some (1815 4.4). */
#define ANY { 0, DN_FRAGMENT_MAX }
#define ROW(c, text, w, i, cmd, cite) { .code = c, .sub = FUNC_NO_SUB, .name = text, .word = w, \
	.intent = INTENT_##i, .command = CMD_##cmd, .space = SPACE_OBJECT, .req_len = ANY, .rsp_len = ANY, .spec = cite }
#define LINK(c, text, w) { .code = c, .sub = FUNC_NO_SUB, .name = text, .word = w, \
	.intent = INTENT_SESSION, .space = SPACE_NONE, .req_len = ANY, .rsp_len = ANY, \
	.spec = "1815 9.2.4.1.2" }

const struct func_desc dn_funcs[DN_N_FUNCS] = {
	ROW(DN_CONFIRM, "Confirm", "confirm", SESSION, NONE, "1815 4.4"),
	ROW(DN_READ, "Read", "read", READ, NONE, "1815 4.4"),
	ROW(DN_WRITE, "Write", "write", WRITE, NONE, "1815 4.4"),
	ROW(DN_SELECT, "Select", "select", OPERATE, SELECT, "1815 4.4"),
	ROW(DN_OPERATE, "Operate", "operate", OPERATE, OPERATE, "1815 4.4"),
	ROW(DN_DIRECT_OPERATE, "Direct Operate", "direct_operate", OPERATE, OPERATE, "1815 4.4"),
	ROW(DN_DIRECT_OPERATE_NR, "Direct Operate, No Acknowledgment", "direct_operate_nr", OPERATE, OPERATE, "1815 4.4"),
	ROW(DN_IMMED_FREEZE, "Immediate Freeze", "immed_freeze", WRITE, NONE, "1815 4.4"),
	ROW(DN_IMMED_FREEZE_NR, "Immediate Freeze, No Acknowledgment", "immed_freeze_nr", WRITE, NONE, "1815 4.4"),
	ROW(DN_FREEZE_CLEAR, "Freeze and Clear", "freeze_clear", WRITE, NONE, "1815 4.4"),
	ROW(DN_FREEZE_CLEAR_NR, "Freeze and Clear, No Acknowledgment", "freeze_clear_nr", WRITE, NONE, "1815 4.4"),
	ROW(DN_FREEZE_AT_TIME, "Freeze at Time", "freeze_at_time", WRITE, NONE, "1815 4.4"),
	ROW(DN_FREEZE_AT_TIME_NR, "Freeze at Time, No Acknowledgment", "freeze_at_time_nr", WRITE, NONE, "1815 4.4"),
	ROW(DN_COLD_RESTART, "Cold Restart", "cold_restart", MODE, RESTART, "1815 4.4"),
	ROW(DN_WARM_RESTART, "Warm Restart", "warm_restart", MODE, RESTART, "1815 4.4"),
	ROW(DN_INITIALIZE_DATA, "Initialize Data", "initialize_data", CONFIG, DATA_RESET, "1815 4.4"),
	ROW(DN_INITIALIZE_APPL, "Initialize Application", "initialize_appl", MODE, RESTART_PROGRAM, "1815 4.4"),
	ROW(DN_START_APPL, "Start Application", "start_appl", MODE, START, "1815 4.4"),
	ROW(DN_STOP_APPL, "Stop Application", "stop_appl", MODE, STOP, "1815 4.4"),
	ROW(DN_SAVE_CONFIG, "Save Configuration", "save_config", CONFIG, CONFIG_SAVE, "1815 4.4"),
	ROW(DN_ENABLE_UNSOLICITED, "Enable Unsolicited Responses", "enable_unsolicited", CONFIG, UNSOLICITED_ON, "1815 4.4"),
	ROW(DN_DISABLE_UNSOLICITED, "Disable Unsolicited Responses", "disable_unsolicited", CONFIG, UNSOLICITED_OFF, "1815 4.4"),
	ROW(DN_ASSIGN_CLASS, "Assign Class", "assign_class", CONFIG, NONE, "1815 4.4"),
	ROW(DN_DELAY_MEASURE, "Delay Measurement", "delay_measure", TIME, NONE, "1815 4.4"),
	ROW(DN_RECORD_TIME, "Record Current Time", "record_current_time", TIME, NONE, "1815 4.4"),
	ROW(DN_OPEN_FILE, "Open File", "open_file", FILE, FILE_READ, "1815 4.4"),
	ROW(DN_CLOSE_FILE, "Close File", "close_file", FILE, NONE, "1815 4.4"),
	ROW(DN_DELETE_FILE, "Delete File", "delete_file", FILE, FILE_DELETE, "1815 4.4"),
	ROW(DN_GET_FILE_INFO, "Get File Information", "get_file_info", FILE, NONE, "1815 4.4"),
	ROW(DN_AUTH_FILE, "Authenticate File", "authenticate_file", AUTH, NONE, "1815 4.4"),
	ROW(DN_ABORT_FILE, "Abort File", "abort_file", FILE, NONE, "1815 4.4"),
	ROW(DN_ACTIVATE_CONFIG, "Activate Configuration", "activate_config", CONFIG, CONFIG, "1815 4.4"),
	ROW(DN_AUTH_REQUEST, "Authentication Request", "authenticate_req", AUTH, NONE, "1815 7.5"),
	ROW(DN_AUTH_NO_ACK, "Authentication Request, No Acknowledgment", "authenticate_err", AUTH, NONE, "1815 7.5"),
	ROW(DN_RESPONSE, "Response", "response", READ, NONE, "1815 4.4"),
	ROW(DN_UNSOLICITED, "Unsolicited Response", "unsolicited_response", REPORT, NONE, "1815 4.4"),
	ROW(DN_AUTH_RESPONSE, "Authentication Response", "authenticate_resp", AUTH, NONE, "1815 7.5"),

	LINK(DN_LINK_PRIMARY + 0, "Link: Reset Link States", "link_reset"),
	LINK(DN_LINK_PRIMARY + 1, "Link: Reset User Process", "link_reset_user"),
	LINK(DN_LINK_PRIMARY + 2, "Link: Test Link States", "link_test"),
	LINK(DN_LINK_PRIMARY + 3, "Link: Confirmed User Data", "link_confirmed_data"),
	LINK(DN_LINK_PRIMARY + 4, "Link: Unconfirmed User Data", "link_unconfirmed_data"),
	LINK(DN_LINK_PRIMARY + 9, "Link: Request Link Status", "link_status_request"),
	LINK(DN_LINK_SECONDARY + 0, "Link: Acknowledgment", "link_ack"),
	LINK(DN_LINK_SECONDARY + 1, "Link: Negative Acknowledgment", "link_nack"),
	LINK(DN_LINK_SECONDARY + 11, "Link: Status Of Link", "link_status"),
	LINK(DN_LINK_SECONDARY + 14, "Link: Not Functioning", "link_not_functioning"),
	LINK(DN_LINK_SECONDARY + 15, "Link: Not Supported", "link_not_supported"),
};

const struct dn_indication dn_indications[16] = {
#define DNP3_IIN(bit, id, word, refusal, refused, condition) [bit] = { refusal, refused, condition },
#include "record/dnp3_iin.def"
#undef DNP3_IIN
};

bool
dn_no_answer(uint8_t f)
{
	return f == DN_CONFIRM || f == DN_DIRECT_OPERATE_NR || f == DN_IMMED_FREEZE_NR ||
	    f == DN_FREEZE_CLEAR_NR || f == DN_FREEZE_AT_TIME_NR || f == DN_AUTH_NO_ACK;
}

bool
dn_carries_data(uint8_t f, uint8_t group)
{
	switch (f) {
	case DN_CONFIRM:
		return group == 120;
	case DN_READ:
	case DN_IMMED_FREEZE:
	case DN_IMMED_FREEZE_NR:
	case DN_FREEZE_CLEAR:
	case DN_FREEZE_CLEAR_NR:
	case DN_ENABLE_UNSOLICITED:
	case DN_DISABLE_UNSOLICITED:
	case DN_ASSIGN_CLASS:
		/* An aggressive authentication wraps any request (1815 7.5.2.4). */
		return group == 120 && f != DN_READ;
	case DN_FREEZE_AT_TIME:
	case DN_FREEZE_AT_TIME_NR:
		return group == 50 || group == 120;	/* when to; the rest says what */
	default:
		return true;
	}
}

const char *
dn_control_status(unsigned code)
{
	static const char *const names[] = {
		"SUCCESS", "TIMEOUT", "NO_SELECT", "FORMAT_ERROR", "NOT_SUPPORTED",
		"ALREADY_ACTIVE", "HARDWARE_ERROR", "LOCAL", "TOO_MANY_OPS",
		"NOT_AUTHORIZED", "AUTOMATION_INHIBIT", "PROCESSING_LIMITED", "OUT_OF_RANGE",
		"DOWNSTREAM_LOCAL", "ALREADY_COMPLETE", "BLOCKED", "CANCELLED",
		"BLOCKED_OTHER_MASTER", "DOWNSTREAM_FAIL",
	};

	return code == 126 ? "NON_PARTICIPATING" : code == 127 ? "UNDEFINED" :
	    code < COUNTOF(names) ? names[code] : NULL;
}

const char *
dn_file_status(unsigned code)
{
	static const char *const names[] = {
		"SUCCESS", "PERMISSION_DENIED", "INVALID_MODE", "FILE_NOT_FOUND",
		"FILE_LOCKED", "TOO_MANY_OPEN", "INVALID_HANDLE", "WRITE_BLOCK_SIZE",
		"COMM_LOST", "CANNOT_ABORT",
		[16] = "NOT_OPEN", "HANDLE_EXPIRED", "OVERRUN", "FATAL_ERROR", "BLOCK_SEQUENCE",
	};

	return code == 255 ? "UNDEFINED" : code < COUNTOF(names) ? names[code] : NULL;
}

const char *
dn_auth_error(unsigned code)
{
	static const char *const names[] = {
		[1] = "AUTHENTICATION_FAILED", "UNEXPECTED_RESPONSE", "NO_RESPONSE",
		"AGGRESSIVE_MODE_NOT_PERMITTED", "MAC_ALGORITHM_NOT_SUPPORTED",
		"KEY_WRAP_ALGORITHM_NOT_SUPPORTED", "AUTHORIZATION_FAILED",
		"UPDATE_KEY_CHANGE_METHOD_NOT_PERMITTED", "INVALID_SIGNATURE",
		"INVALID_CERTIFICATION_DATA", "UNKNOWN_USER",
		"MAX_SESSION_KEY_STATUS_REQUESTS_EXCEEDED",
	};

	return code < COUNTOF(names) ? names[code] : NULL;
}
