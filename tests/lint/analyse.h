/* analyse.h - what cppcheck must know of headers that it does not read; for analyse.sh. */
#include <stddef.h>

/* jansson's loop over an array. */
#define json_array_foreach(array, i, value) \
	for ((i) = 0; (i) < json_array_size(array) && ((value) = json_array_get(array, i)) != NULL; (i)++)
