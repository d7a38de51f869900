/* attributes.c - what a device says of itself: group 0 (1815 A.2). */
#include "dnp3.h"

#include "base/str.h"

/* From variation 196 on. */
static const char *const names[] = {
	"Configuration ID",
	"Configuration version",
	"Configuration build date",
	"Configuration last change date",
	"Configuration signature",
	"Configuration signature algorithm",
	"Master resource ID",
	"Device location altitude",
	"Device location longitude",
	"Device location latitude",
	"User-assigned secondary operator name",
	"User-assigned primary operator name",
	"User-assigned system name",
	"Secure authentication version",
	"Number of security statistics per association",
	"Identification of support for user-specific attributes",
	"Number of master-defined data set prototypes",
	"Number of outstation-defined data set prototypes",
	"Number of master-defined data sets",
	"Number of outstation-defined data sets",
	"Maximum number of binary outputs per request",
	"Local timing accuracy",
	"Duration of timing accuracy",
	"Support for analog output events",
	"Maximum analog output index",
	"Number of analog outputs",
	"Support for binary output events",
	"Maximum binary output index",
	"Number of binary outputs",
	"Support for frozen counter events",
	"Support for frozen counters",
	"Support for counter events",
	"Maximum counter index",
	"Number of counter points",
	"Support for frozen analog inputs",
	"Support for analog input events",
	"Maximum analog input index",
	"Number of analog input points",
	"Support for double-bit binary input events",
	"Maximum double-bit binary input index",
	"Number of double-bit binary input points",
	"Support for binary input events",
	"Maximum binary input index",
	"Number of binary input points",
	"Maximum transmit fragment size",
	"Maximum receive fragment size",
	"Device manufacturer's software version",
	"Device manufacturer's hardware version",
	"User-assigned owner name",
	"User-assigned location name",
	"User-assigned ID code/number",
	"User-assigned device name",
	"Device serial number",
	"DNP3 subset and conformance",
	"Device manufacturer's product name and model",
	NULL,
	"Device manufacturer's name",
	NULL,
	"All attributes",
	"List of attribute variations",
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
