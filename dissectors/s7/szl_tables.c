/* szl_tables.c - system status lists: their names and the layouts of records.
 *
 * "System Software for S7-300/400, System and Standard Functions", volume 2,
 * chapter 1 (SZL); field names are those of the manual, in words.
 */
#include "s7.h"

#include "base/str.h"

#define END { NULL, 0, 0 }
#define U8(n) { n, SZL_U8, 1 }
#define U16(n) { n, SZL_U16, 2 }
#define U32(n) { n, SZL_U32, 4 }
#define TEXT(n, len) { n, SZL_TEXT, len }
#define TIME(n) { n, SZL_TIME, 8 }
#define SKIP(len) { "", SZL_SKIP, len }

static const struct szl_field list_00[] = { U16("list"), END };
static const struct szl_field list_11[] = { U16("index"), TEXT("order_number", 20),
	U16("module_type"), U16("version_1"), U16("version_2"), END };
static const struct szl_field list_12[] = { U16("characteristic"), END };
static const struct szl_field list_13[] = { U16("index"), U16("code"), U32("size"),
	U16("mode"), U16("granularity"), U32("area_1"), U32("used_1"), U32("block_1"),
	U32("area_2"), U32("used_2"), U32("block_2"), END };
static const struct szl_field list_14[] = { U16("index"), U16("code"), U16("quantity"),
	U16("retentive"), END };
static const struct szl_field list_15[] = { U16("index"), U16("max_blocks"),
	U16("max_length_kb"), U32("max_load_memory"), END };
static const struct szl_field list_led[] = { U16("led_id"), U8("led_on"),
	U8("led_blinking"), END };
static const struct szl_field list_1c_text[] = { U16("index"), TEXT("text", 24), END };
static const struct szl_field list_1c_long[] = { U16("index"), TEXT("text", 32), END };
static const struct szl_field list_1c_maker[] = { U16("index"), U16("manufacturer_id"),
	U16("profile_id"), U16("profile_type"), END };
static const struct szl_field list_1c_oem[] = { U16("index"), TEXT("text", 26),
	U16("oem_id"), U32("oem_additional_id"), END };
static const struct szl_field list_22[] = { SKIP(20), U16("interrupt_status"),
	U16("interrupt_class"), U32("interrupt_reserved"), END };
static const struct szl_field list_24[] = { U16("event_id"), U8("event_ae"), U8("mode_id"),
	SKIP(4), U8("start_type"), U8("start_allowed"), U8("last_start"), U8("start_info"),
	TIME("transition_time"), END };
static const struct szl_field list_31_1[] = { U16("index"), U16("max_pdu_size"),
	U16("max_connections"), U32("mpi_bits_per_s"), U32("bus_bits_per_s"), END };
static const struct szl_field list_31_2[] = { U16("index"), U8("test_functions_1"),
	U8("test_functions_2"), U8("test_functions_3"), U8("test_functions_4"),
	U8("test_functions_5"), U8("test_functions_6"), U8("actions_1"), U8("actions_2"),
	U8("actions_3"), U8("trigger_events_1"), U8("trigger_events_2"),
	U8("trigger_events_3"), U8("conditions"), U8("areas_1"), U8("areas_2"), SKIP(1),
	U16("max_watch"), U16("max_watch_variables"), U16("max_modify_variables"), END };
static const struct szl_field list_31_3[] = { U16("index"), U8("functions_1"),
	U8("functions_2"), U8("functions_3"), U8("functions_4"), U16("max_data_length"),
	U16("max_read_jobs"), U16("max_messages"), END };
static const struct szl_field list_31_4[] = { U16("index"), U8("functions_1"),
	U8("functions_2"), U8("functions_3"), U8("functions_4"), U8("functions_5"),
	U8("functions_6"), U8("max_lists"), U8("logons"), U16("max_diagnostic_entries"), END };
static const struct szl_field list_31_6[] = { U16("index"), U8("functions_1"),
	U8("functions_2"), U8("functions_3"), U8("functions_4"), U8("functions_5"),
	U8("functions_6"), U8("functions_7"), U8("functions_8"), U8("fast"), END };
static const struct szl_field list_31_9[] = { U16("index"), U8("sync_k_bus"), U8("sync_mpi"),
	U8("sync_mfi"), SKIP(1), U16("deviation_battery"), U16("deviation_5v"),
	U16("runtime_meters"), END };
static const struct szl_field list_32_1[] = { U16("index"), U16("reserved_pg"),
	U16("reserved_os"), U16("used_pg"), U16("used_os"), U16("projected_connections"),
	U16("open_connections"), U16("free_connections"), U16("used_connections"),
	U16("last_cycle_load"), END };
static const struct szl_field list_32_2[] = { U16("index"), U16("test_jobs"), END };
static const struct szl_field list_32_4[] = { U16("index"), U16("protection_key"),
	U16("protection_configured"), U16("protection_real"), U16("mode_switch"),
	U16("start_switch"), U16("fail_safe_id"), U16("relevant_id"),
	U16("checksum_hardware_1"), U16("checksum_hardware_2"), U16("checksum_program_1"),
	U16("checksum_program_2"), END };
static const struct szl_field list_32_5[] = { U16("index"), U16("extended_diagnostics"),
	U16("sent"), U16("possible"), U16("logged_on"), END };
static const struct szl_field list_32_8[] = { U16("index"), U16("time_cycle"),
	U16("time_correction"), U16("meter_0"), U16("meter_1"), U16("meter_2"), U16("meter_3"),
	U16("meter_4"), U16("meter_5"), U16("meter_6"), U16("meter_7"), TIME("clock"), END };
static const struct szl_field list_32_b[] = { U16("index"), U8("meters_running_1"),
	U8("meters_running_2"), U8("meters_overflow_1"), U8("meters_overflow_2"),
	U32("meter_0"), U32("meter_1"), U32("meter_2"), U32("meter_3"), U32("meter_4"),
	U32("meter_5"), U32("meter_6"), U32("meter_7"), END };
static const struct szl_field list_37[] = { U16("logical_address"), U8("ip_0"), U8("ip_1"),
	U8("ip_2"), U8("ip_3"), U8("mask_0"), U8("mask_1"), U8("mask_2"), U8("mask_3"),
	U8("router_0"), U8("router_1"), U8("router_2"), U8("router_3"), END };
static const struct szl_field list_91[] = { U16("address_1"), U16("address_2"),
	U16("logical_address"), U16("expected_type"), U16("actual_type"), U16("alarm"),
	U16("io_status"), U16("area"), END };

static const struct szl_layout layouts[] = {
	{ 0x00, SZL_ANY, list_00 },
	{ 0x11, SZL_ANY, list_11 },
	{ 0x12, SZL_ANY, list_12 },
	{ 0x13, SZL_ANY, list_13 },
	{ 0x14, SZL_ANY, list_14 },
	{ 0x15, SZL_ANY, list_15 },
	{ 0x19, SZL_ANY, list_led },
	{ 0x1c, 4, list_1c_long },
	{ 0x1c, 8, list_1c_long },
	{ 0x1c, 9, list_1c_maker },
	{ 0x1c, 10, list_1c_oem },
	{ 0x1c, 11, list_1c_long },
	{ 0x1c, SZL_ANY, list_1c_text },
	{ 0x22, SZL_ANY, list_22 },
	{ 0x24, SZL_ANY, list_24 },
	{ 0x31, 1, list_31_1 },
	{ 0x31, 2, list_31_2 },
	{ 0x31, 3, list_31_3 },
	{ 0x31, 4, list_31_4 },
	{ 0x31, 6, list_31_6 },
	{ 0x31, 9, list_31_9 },
	{ 0x32, 1, list_32_1 },
	{ 0x32, 2, list_32_2 },
	{ 0x32, 4, list_32_4 },
	{ 0x32, 5, list_32_5 },
	{ 0x32, 8, list_32_8 },
	{ 0x32, 0xb, list_32_b },
	{ 0x37, SZL_ANY, list_37 },
	{ 0x74, SZL_ANY, list_led },
	{ 0x91, SZL_ANY, list_91 },
};
const uint32_t s7_n_szl_layouts = COUNTOF(layouts) + 1;	/* and 0xa0, s7_diag_entry() */

/* Lists by their low byte; the high one selects an extract. */
static const struct s7_word lists[] = {
	{ 0x00, "List of all lists" },
	{ 0x11, "Module identification" },
	{ 0x12, "CPU characteristics" },
	{ 0x13, "User memory areas" },
	{ 0x14, "System areas" },
	{ 0x15, "Block types" },
	{ 0x16, "Priority classes" },
	{ 0x17, "System data blocks permitted" },
	{ 0x18, "Largest I/O configuration" },
	{ 0x19, "Module LEDs" },
	{ 0x1a, "Not documented (1A)" },
	{ 0x1b, "Not documented (1B)" },
	{ 0x1c, "Component identification" },
	{ 0x1f, "Not documented (1F)" },
	{ 0x21, "Interrupt and error assignment" },
	{ 0x22, "Interrupt status" },
	{ 0x23, "Priority class status" },
	{ 0x24, "Operating mode and transitions" },
	{ 0x25, "Process image partitions" },
	{ 0x31, "Communication capability" },
	{ 0x32, "Communication status" },
	{ 0x33, "Stations logged on for messages" },
	{ 0x37, "Ethernet interface" },
	{ 0x3a, "Not documented (3A)" },
	{ 0x71, "H CPU group" },
	{ 0x74, "CPU LEDs" },
	{ 0x75, "Switched DP slaves of the H system" },
	{ 0x81, "Start information" },
	{ 0x82, "Start events" },
	{ 0x90, "DP master systems" },
	{ 0x91, "Module status" },
	{ 0x92, "Rack and station status" },
	{ 0x94, "Rack and station status, PROFINET" },
	{ 0x95, "DP master and PROFINET system details" },
	{ 0x96, "Module status, PROFINET and PROFIBUS" },
	{ 0xa0, "Diagnostic buffer" },
	{ 0xb1, "Module diagnostics, first four bytes" },
	{ 0xb2, "Module diagnostics, by slot" },
	{ 0xb3, "Module diagnostics, by address" },
	{ 0xb4, "DP slave diagnostics" },
};
const uint32_t s7_n_szl_names = COUNTOF(lists);

const char *
s7_szl_name(uint16_t id)
{
	return s7_name(lists, COUNTOF(lists), id & 0xff);
}

const struct szl_layout *
s7_szl_layout(uint16_t id, uint16_t index)
{
	/* Extracts of these two have other records than the list. */
	if ((id & 0xff) == 0x24 && id != 0x0124 && id != 0x0424 && id != 0x0524 && id != 0x0024)
		return NULL;
	if ((id & 0xff) == 0x00 && id != 0x0000)
		return NULL;
	for (size_t i = 0; i < COUNTOF(layouts); i++)
		if (layouts[i].list == (id & 0xff) && (layouts[i].index == SZL_ANY ||
		    layouts[i].index == (index & 0xff)))
			return &layouts[i];
	return NULL;
}

static const struct s7_word leds[] = {
	{ 1, "SF" }, { 2, "INTF" }, { 3, "EXTF" }, { 4, "RUN" }, { 5, "STOP" }, { 6, "FRCE" },
	{ 7, "CRST" }, { 8, "BAF" }, { 9, "USR" }, { 10, "USR1" }, { 11, "BUS1F" },
	{ 12, "BUS2F" }, { 13, "REDF" }, { 14, "MSTR" }, { 15, "RACK0" }, { 16, "RACK1" },
	{ 17, "RACK2" }, { 18, "IFM1F" }, { 19, "IFM2F" }, { 20, "BUS3F" }, { 21, "MAINT" },
	{ 22, "DC24V" }, { 128, "IF" }, { 129, "UF" }, { 130, "MF" }, { 131, "CF" },
	{ 132, "TF" },
};

const char *
s7_led_name(uint16_t id)
{
	return s7_name(leds, COUNTOF(leds), id);
}

static const struct s7_word classes[] = {
	{ 1, "standard OB event" }, { 2, "synchronous error" }, { 3, "asynchronous error" },
	{ 4, "mode transition" }, { 5, "run-time event" }, { 6, "communication event" },
	{ 7, "fail-safe or fault-tolerant event" }, { 8, "module diagnostics" },
	{ 9, "predefined user event" }, { 10, "user event" }, { 11, "user event" },
	{ 12, "reserved" }, { 13, "reserved" }, { 14, "reserved" },
	{ 15, "event of another module" },
};

const char *
s7_event_class(uint16_t event)
{
	return s7_name(classes, COUNTOF(classes), event >> 12);
}

static const struct s7_word modes[] = {
	{ 1, "STOP (update)" }, { 2, "STOP (memory reset)" }, { 3, "STOP (self initialisation)" },
	{ 4, "STOP" }, { 5, "STARTUP (complete restart)" }, { 7, "STARTUP (restart)" },
	{ 8, "RUN" }, { 9, "RUN (redundant)" }, { 10, "HOLD" }, { 11, "LINK-UP" },
	{ 12, "UPDATE" }, { 13, "DEFECT" },
};

const char *
s7_szl_mode(uint8_t v)
{
	return s7_name(modes, COUNTOF(modes), v);
}
