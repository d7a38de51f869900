/* types.c - type identifications (101 7.2.1.1), causes of transmission (101 7.2.3) and
 * the functions of APDUs without an ASDU (104 5.1).
 *
 * Which causes a type may have stands in 101 7.4 and 104 clause 9.
 */
#include "iec104.h"

#include "base/str.h"

#define C(n)	(UINT64_C(1) << (n))
#define RANGE(a, b)	(((UINT64_C(1) << ((b) - (a) + 1)) - 1) << (a))

#define UNKNOWN		RANGE(44, 47)
#define RETURNED	(C(11) | C(12))			/* by a remote or local command */
#define GROUPS		RANGE(20, 36)
#define COUNTERS	RANGE(37, 41)
#define STATE		(C(2) | C(3) | C(5) | RETURNED | GROUPS)
#define MEASURED	(C(1) | STATE)
#define EVENT		(C(3) | C(5) | RETURNED)
#define COMMAND		(RANGE(6, 10) | UNKNOWN)
#define ACTIVATED	(C(6) | C(7) | UNKNOWN)
#define FILES		(C(13) | UNKNOWN)

#define ROW(c, w, text, i, cmd, s, cite, ...) { .code = c, .sub = FUNC_NO_SUB, .name = text, .word = w, \
	.intent = INTENT_##i, .command = CMD_##cmd, .space = SPACE_##s, \
	.req_len = { 0, I104_LENGTH_MAX - I104_CONTROL }, .rsp_len = { 0, I104_LENGTH_MAX - I104_CONTROL }, \
	.spec = cite, .extra = &(const struct iec104_layout){ __VA_ARGS__ } }

/* Process information in monitor direction: listed by address or in a row (SQ), and
 * with a time of its own, one by one. */
#define LISTED(c, w, text, cot, ...) ROW(c, w, text, REPORT, NONE, POINT, "101 7.3.1", \
	.element = { __VA_ARGS__ }, .kind = KIND_MONITOR, .points = true, .sequence = true, .causes = cot)
#define TIMED(c, w, text, cot, ...) ROW(c, w, text, REPORT, NONE, POINT, "101 7.3.1", \
	.element = { __VA_ARGS__ }, .kind = KIND_MONITOR, .points = true, .causes = cot)
#define ORDER(c, w, text, i, ...) ROW(c, w, text, i, OPERATE, POINT, "101 7.3.2", \
	.element = { __VA_ARGS__ }, .kind = KIND_COMMAND, .points = true, .single = true, .causes = COMMAND)
#define SYSTEM(c, w, text, i, cmd, k, cot, ...) ROW(c, w, text, i, cmd, NONE, "101 7.3.4", \
	.element = { __VA_ARGS__ }, .kind = k, .single = true, .no_address = true, .causes = cot)
#define PARAMETER(c, w, text, cmd, cot, ...) ROW(c, w, text, CONFIG, cmd, POINT, "101 7.3.5", \
	.element = { __VA_ARGS__ }, .kind = KIND_CONFIRMED, .points = true, .single = true, .causes = cot)
#define FILE_(c, w, text, cmd, cot, ...) ROW(c, w, text, FILE, cmd, FILE, "101 7.3.6", \
	.element = { __VA_ARGS__ }, .kind = KIND_FILE, .single = true, .causes = cot)
#define SECURITY(c, w, text) ROW(c, w, text, AUTH, NONE, NONE, "IEC 60870-5-7", \
	.element = { E_OPAQUE }, .kind = KIND_SECURITY, .single = true, .causes = RANGE(1, 47))
#define CONTROL(c, w, text, cite) { .code = IEC104_CONTROL + (c), .sub = FUNC_NO_SUB, .name = text, \
	.word = w, .intent = INTENT_SESSION, .space = SPACE_NONE, .spec = cite }

const struct func_desc i104_funcs[I104_N_FUNCS] = {
	LISTED(1, "M_SP_NA_1", "Single-Point Information", STATE, E_SIQ),
	TIMED(2, "M_SP_TA_1", "Single-Point Information with Time", EVENT, E_SIQ, E_CP24),
	LISTED(3, "M_DP_NA_1", "Double-Point Information", STATE, E_DIQ),
	TIMED(4, "M_DP_TA_1", "Double-Point Information with Time", EVENT, E_DIQ, E_CP24),
	LISTED(5, "M_ST_NA_1", "Step Position Information", MEASURED, E_VTI, E_QDS),
	TIMED(6, "M_ST_TA_1", "Step Position Information with Time", EVENT, E_VTI, E_QDS, E_CP24),
	LISTED(7, "M_BO_NA_1", "Bitstring of 32 Bit", STATE, E_BSI, E_QDS),
	TIMED(8, "M_BO_TA_1", "Bitstring of 32 Bit with Time", EVENT, E_BSI, E_QDS, E_CP24),
	LISTED(9, "M_ME_NA_1", "Measured Value, Normalized", MEASURED, E_NVA, E_QDS),
	TIMED(10, "M_ME_TA_1", "Measured Value, Normalized, with Time", EVENT, E_NVA, E_QDS, E_CP24),
	LISTED(11, "M_ME_NB_1", "Measured Value, Scaled", MEASURED, E_SVA, E_QDS),
	TIMED(12, "M_ME_TB_1", "Measured Value, Scaled, with Time", EVENT, E_SVA, E_QDS, E_CP24),
	LISTED(13, "M_ME_NC_1", "Measured Value, Short Float", MEASURED, E_R32, E_QDS),
	TIMED(14, "M_ME_TC_1", "Measured Value, Short Float, with Time", EVENT, E_R32, E_QDS, E_CP24),
	LISTED(15, "M_IT_NA_1", "Integrated Totals", C(2) | C(3) | COUNTERS, E_BCR),
	TIMED(16, "M_IT_TA_1", "Integrated Totals with Time", C(3) | COUNTERS, E_BCR, E_CP24),
	TIMED(17, "M_EP_TA_1", "Event of Protection Equipment with Time", C(3), E_SEP, E_CP16, E_CP24),
	TIMED(18, "M_EP_TB_1", "Start Events of Protection Equipment with Time", C(3), E_SPE, E_QDP, E_CP16, E_CP24),
	TIMED(19, "M_EP_TC_1", "Output Circuit Information of Protection Equipment with Time", C(3), E_OCI, E_QDP, E_CP16, E_CP24),
	LISTED(20, "M_PS_NA_1", "Packed Single-Point Information with Change Detection", STATE, E_SCD, E_QDS),
	LISTED(21, "M_ME_ND_1", "Measured Value, Normalized, without Quality", MEASURED, E_NVA),
	TIMED(30, "M_SP_TB_1", "Single-Point Information with Time CP56", EVENT, E_SIQ, E_CP56),
	TIMED(31, "M_DP_TB_1", "Double-Point Information with Time CP56", EVENT, E_DIQ, E_CP56),
	TIMED(32, "M_ST_TB_1", "Step Position Information with Time CP56", EVENT, E_VTI, E_QDS, E_CP56),
	TIMED(33, "M_BO_TB_1", "Bitstring of 32 Bit with Time CP56", EVENT, E_BSI, E_QDS, E_CP56),
	TIMED(34, "M_ME_TD_1", "Measured Value, Normalized, with Time CP56", EVENT, E_NVA, E_QDS, E_CP56),
	TIMED(35, "M_ME_TE_1", "Measured Value, Scaled, with Time CP56", EVENT, E_SVA, E_QDS, E_CP56),
	TIMED(36, "M_ME_TF_1", "Measured Value, Short Float, with Time CP56", EVENT, E_R32, E_QDS, E_CP56),
	TIMED(37, "M_IT_TB_1", "Integrated Totals with Time CP56", C(3) | COUNTERS, E_BCR, E_CP56),
	TIMED(38, "M_EP_TD_1", "Event of Protection Equipment with Time CP56", C(3), E_SEP, E_CP16, E_CP56),
	TIMED(39, "M_EP_TE_1", "Start Events of Protection Equipment with Time CP56", C(3), E_SPE, E_QDP, E_CP16, E_CP56),
	TIMED(40, "M_EP_TF_1", "Output Circuit Information of Protection Equipment with Time CP56", C(3), E_OCI, E_QDP, E_CP16, E_CP56),
	TIMED(41, "S_IT_TC_1", "Security Statistics with Time CP56", C(3) | COUNTERS, E_AID, E_BCR, E_CP56),
	ORDER(45, "C_SC_NA_1", "Single Command", OPERATE, E_SCO),
	ORDER(46, "C_DC_NA_1", "Double Command", OPERATE, E_DCO),
	ORDER(47, "C_RC_NA_1", "Regulating Step Command", OPERATE, E_RCO),
	ORDER(48, "C_SE_NA_1", "Set-Point Command, Normalized", WRITE, E_NVA, E_QOS),
	ORDER(49, "C_SE_NB_1", "Set-Point Command, Scaled", WRITE, E_SVA, E_QOS),
	ORDER(50, "C_SE_NC_1", "Set-Point Command, Short Float", WRITE, E_R32, E_QOS),
	ORDER(51, "C_BO_NA_1", "Bitstring Command of 32 Bit", WRITE, E_BSI),
	ORDER(58, "C_SC_TA_1", "Single Command with Time", OPERATE, E_SCO, E_CP56),
	ORDER(59, "C_DC_TA_1", "Double Command with Time", OPERATE, E_DCO, E_CP56),
	ORDER(60, "C_RC_TA_1", "Regulating Step Command with Time", OPERATE, E_RCO, E_CP56),
	ORDER(61, "C_SE_TA_1", "Set-Point Command, Normalized, with Time", WRITE, E_NVA, E_QOS, E_CP56),
	ORDER(62, "C_SE_TB_1", "Set-Point Command, Scaled, with Time", WRITE, E_SVA, E_QOS, E_CP56),
	ORDER(63, "C_SE_TC_1", "Set-Point Command, Short Float, with Time", WRITE, E_R32, E_QOS, E_CP56),
	ORDER(64, "C_BO_TA_1", "Bitstring Command of 32 Bit with Time", WRITE, E_BSI, E_CP56),
	/* Sent by either station when it is ready. */
	ROW(70, "M_EI_NA_1", "End of Initialization", REPORT, NONE, NONE, "101 7.3.3.1", .element = { E_COI },
	    .kind = KIND_MONITOR, .single = true, .no_address = true, .causes = C(4)),
	SECURITY(81, "S_CH_NA_1", "Authentication Challenge"),
	SECURITY(82, "S_RP_NA_1", "Authentication Reply"),
	SECURITY(83, "S_AR_NA_1", "Aggressive Mode Authentication Request"),
	SECURITY(84, "S_KR_NA_1", "Session Key Status Request"),
	SECURITY(85, "S_KS_NA_1", "Session Key Status"),
	SECURITY(86, "S_KC_NA_1", "Session Key Change"),
	SECURITY(87, "S_ER_NA_1", "Authentication Error"),
	SECURITY(90, "S_US_NA_1", "User Status Change"),
	SECURITY(91, "S_UQ_NA_1", "Update Key Change Request"),
	SECURITY(92, "S_UR_NA_1", "Update Key Change Reply"),
	SECURITY(93, "S_UK_NA_1", "Update Key Change, Symmetric"),
	SECURITY(94, "S_UA_NA_1", "Update Key Change, Asymmetric"),
	SECURITY(95, "S_UC_NA_1", "Update Key Change Confirmation"),
	SYSTEM(100, "C_IC_NA_1", "Interrogation Command", READ, NONE, KIND_TERMINATED, COMMAND, E_QOI),
	SYSTEM(101, "C_CI_NA_1", "Counter Interrogation Command", READ, NONE, KIND_TERMINATED, COMMAND, E_QCC),
	ROW(102, "C_RD_NA_1", "Read Command", READ, NONE, POINT, "101 7.3.4.3", .element = { E_NONE },
	    .kind = KIND_READ, .single = true, .points = true, .causes = C(5) | UNKNOWN),
	SYSTEM(103, "C_CS_NA_1", "Clock Synchronization Command", TIME, TIME, KIND_CONFIRMED, C(3) | ACTIVATED, E_CP56),
	SYSTEM(104, "C_TS_NA_1", "Test Command", DIAGNOSE, NONE, KIND_CONFIRMED, ACTIVATED, E_FBP),
	SYSTEM(105, "C_RP_NA_1", "Reset Process Command", MODE, RESTART, KIND_CONFIRMED, ACTIVATED, E_QRP),
	SYSTEM(106, "C_CD_NA_1", "Delay Acquisition Command", TIME, NONE, KIND_CONFIRMED, C(3) | ACTIVATED, E_CP16),
	SYSTEM(107, "C_TS_TA_1", "Test Command with Time", DIAGNOSE, NONE, KIND_CONFIRMED, ACTIVATED, E_TSC, E_CP56),
	PARAMETER(110, "P_ME_NA_1", "Parameter of Measured Value, Normalized", CONFIG, ACTIVATED | GROUPS, E_NVA, E_QPM),
	PARAMETER(111, "P_ME_NB_1", "Parameter of Measured Value, Scaled", CONFIG, ACTIVATED | GROUPS, E_SVA, E_QPM),
	PARAMETER(112, "P_ME_NC_1", "Parameter of Measured Value, Short Float", CONFIG, ACTIVATED | GROUPS, E_R32, E_QPM),
	PARAMETER(113, "P_AC_NA_1", "Parameter Activation", CONFIG, RANGE(6, 9) | UNKNOWN, E_QPA),
	FILE_(120, "F_FR_NA_1", "File Ready", NONE, FILES, E_NOF, E_LOF, E_FRQ),
	FILE_(121, "F_SR_NA_1", "Section Ready", NONE, FILES, E_NOF, E_NOS, E_LOF, E_SRQ),
	FILE_(122, "F_SC_NA_1", "Call Directory, Select File, Call File, Call Section", NONE, C(5) | FILES, E_NOF, E_NOS, E_SCQ),
	FILE_(123, "F_LS_NA_1", "Last Section, Last Segment", NONE, FILES, E_NOF, E_NOS, E_LSQ, E_CHS),
	FILE_(124, "F_AF_NA_1", "Acknowledge File, Acknowledge Section", NONE, FILES, E_NOF, E_NOS, E_AFQ),
	FILE_(125, "F_SG_NA_1", "Segment", NONE, FILES, E_NOF, E_NOS, E_SEGMENT),
	ROW(126, "F_DR_TA_1", "Directory", FILE, NONE, FILE, "101 7.3.6.7",
	    .element = { E_NOF, E_LOF, E_SOF, E_CP56 }, .kind = KIND_FILE, .sequence = true, .causes = C(3) | C(5)),
	FILE_(127, "F_SC_NB_1", "Query Log", NONE, FILES, E_NOF, E_CP56, E_CP56),

	CONTROL(0x01, "S", "Supervisory Acknowledgment", "104 5.1"),
	CONTROL(U_START_ACT, "STARTDT", "Start Data Transfer", "104 5.3"),
	CONTROL(U_START_CON, "STARTDT_CON", "Start Data Transfer, Confirmation", "104 5.3"),
	{ .code = IEC104_CONTROL + U_STOP_ACT, .sub = FUNC_NO_SUB, .name = "Stop Data Transfer", .word = "STOPDT",
	    .intent = INTENT_SESSION, .command = CMD_DATA_OFF, .space = SPACE_NONE, .spec = "104 5.3" },
	CONTROL(U_STOP_CON, "STOPDT_CON", "Stop Data Transfer, Confirmation", "104 5.3"),
	CONTROL(U_TEST_ACT, "TESTFR", "Test Frame", "104 5.2"),
	CONTROL(U_TEST_CON, "TESTFR_CON", "Test Frame, Confirmation", "104 5.2"),
};

const char *
i104_cause_name(unsigned cause)
{
	static const char *const names[] = {
		[1] = "periodic", [2] = "background scan", [3] = "spontaneous", [4] = "initialized",
		[5] = "request", [6] = "activation", [7] = "activation confirmation",
		[8] = "deactivation", [9] = "deactivation confirmation", [10] = "activation termination",
		[11] = "return information by a remote command",
		[12] = "return information by a local command", [13] = "file transfer",
		[14] = "authentication", [15] = "session key of authentication",
		[16] = "user role and update key",
		[20] = "interrogated by station interrogation",
		[21] = "interrogated by group 1", [22] = "interrogated by group 2",
		[23] = "interrogated by group 3", [24] = "interrogated by group 4",
		[25] = "interrogated by group 5", [26] = "interrogated by group 6",
		[27] = "interrogated by group 7", [28] = "interrogated by group 8",
		[29] = "interrogated by group 9", [30] = "interrogated by group 10",
		[31] = "interrogated by group 11", [32] = "interrogated by group 12",
		[33] = "interrogated by group 13", [34] = "interrogated by group 14",
		[35] = "interrogated by group 15", [36] = "interrogated by group 16",
		[37] = "requested by general counter request", [38] = "requested by counter group 1",
		[39] = "requested by counter group 2", [40] = "requested by counter group 3",
		[41] = "requested by counter group 4",
		[44] = "unknown type identification", [45] = "unknown cause of transmission",
		[46] = "unknown common address", [47] = "unknown information object address",
	};

	return cause < COUNTOF(names) ? names[cause] : NULL;
}
