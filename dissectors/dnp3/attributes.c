/* attributes.c - what a device says of itself: group 0 (1815 A.2). */
#include "dnp3.h"

#include "base/str.h"

/* From variation 196 on; as names of fields. */
static const char *const names[] = {
	"configuration_id",
	"configuration_version",
	"configuration_build_date",
	"configuration_last_change_date",
	"configuration_signature",
	"configuration_signature_algorithm",
	"master_resource_id",
	"device_location_altitude",
	"device_location_longitude",
	"device_location_latitude",
	"user_assigned_secondary_operator_name",
	"user_assigned_primary_operator_name",
	"user_assigned_system_name",
	"secure_authentication_version",
	"number_of_security_statistics_per_association",
	"identification_of_support_for_user_specific_attributes",
	"number_of_master_defined_data_set_prototypes",
	"number_of_outstation_defined_data_set_prototypes",
	"number_of_master_defined_data_sets",
	"number_of_outstation_defined_data_sets",
	"maximum_number_of_binary_outputs_per_request",
	"local_timing_accuracy",
	"duration_of_timing_accuracy",
	"support_for_analog_output_events",
	"maximum_analog_output_index",
	"number_of_analog_outputs",
	"support_for_binary_output_events",
	"maximum_binary_output_index",
	"number_of_binary_outputs",
	"support_for_frozen_counter_events",
	"support_for_frozen_counters",
	"support_for_counter_events",
	"maximum_counter_index",
	"number_of_counter_points",
	"support_for_frozen_analog_inputs",
	"support_for_analog_input_events",
	"maximum_analog_input_index",
	"number_of_analog_input_points",
	"support_for_double_bit_binary_input_events",
	"maximum_double_bit_binary_input_index",
	"number_of_double_bit_binary_input_points",
	"support_for_binary_input_events",
	"maximum_binary_input_index",
	"number_of_binary_input_points",
	"maximum_transmit_fragment_size",
	"maximum_receive_fragment_size",
	"device_manufacturer_software_version",
	"device_manufacturer_hardware_version",
	"user_assigned_owner_name",
	"user_assigned_location_name",
	"user_assigned_id_code_or_number",
	"user_assigned_device_name",
	"device_serial_number",
	"dnp3_subset_and_conformance",
	"device_manufacturer_product_name_and_model",
	NULL,
	"device_manufacturer_name",
	NULL,
	"all_attributes",
	"list_of_attribute_variations",
};

const char *
dn_attribute_name(uint8_t variation)
{
	return variation >= 196 ? names[variation - 196] : NULL;
}

enum op_fact_key
dn_attribute_fact(uint8_t variation)
{
	switch (variation) {
	case 242:	return FACT_FIRMWARE;
	case 243:	return FACT_HARDWARE;
	case 247:	return FACT_APPLICATION;
	case 248:	return FACT_SERIAL;
	case 250:	return FACT_MODEL;
	case 252:	return FACT_VENDOR;
	case 197:	return FACT_REVISION;
	case 246:	return FACT_SERVER_ID;
	default:	return FACT_OTHER;
	}
}
