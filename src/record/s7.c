#include "record/s7.h"

#include <stddef.h>

#include "base/str.h"

const char *
s7_block_type(uint32_t v)
{
	static const char *const types[] = { [0x08] = "OB", [0x0a] = "DB", [0x0b] = "SDB", [0x0c] = "FC",
	    [0x0d] = "SFC", [0x0e] = "FB", [0x0f] = "SFB" };

	if (v == '9')
		return "CMOD";
	if (v == '8')
		v = 0x08;
	else if (v >= 'A' && v <= 'F')
		v = v - 'A' + 0x0a;
	return v < COUNTOF(types) ? types[v] : NULL;
}
