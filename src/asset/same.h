/* same.h - do two values of an attribute mean the same, written differently? */
#ifndef ASSET_SAME_H
#define ASSET_SAME_H

#include <stdbool.h>

#include "record/attribute.h"

/* Vendors: "SIEMENS AG" is "Siemens", and "Siemens Industrial Automation Products Ltd" is, too.  Versions: "V3.2.6" is
 * "3.2.6".  Numbers and names: in upper or lower case, with blanks and hyphens or without.  Systems: of the same family. */
bool	value_same(enum attribute_key key, const char *a, const char *b);

/* The vendor in what stands where a vendor should: the text itself or a static one, not longer; NULL: it is none. */
const char *value_vendor(const char *text);

#endif
