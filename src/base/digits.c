#include "base/digits.h"

const char digits_of_two[201] =
	"00010203040506070809" "10111213141516171819" "20212223242526272829"
	"30313233343536373839" "40414243444546474849" "50515253545556575859"
	"60616263646566676869" "70717273747576777879" "80818283848586878889"
	"90919293949596979899";

/* Four digits, with zeros in front. */
static inline void
four(char *p, uint32_t v)
{
	digits_two(p, v / 100);
	digits_two(p + 2, v);
}

/* At most four digits. */
static inline char *
up_to_four(char *p, uint32_t v)
{
	if (v >= 100) {
		if (v >= 1000)
			digits_two(p, v / 100);
		else
			*p = (char)('0' + v / 100);
		p += 1 + (v >= 1000);
	} else if (v < 10) {
		*p = (char)('0' + v);
		return p + 1;
	}
	digits_two(p, v);
	return p + 2;
}

char *
digits_u64(char *p, uint64_t v)
{
	uint32_t low;

	if (v < 10000)
		return up_to_four(p, (uint32_t)v);
	if (v >= 100000000) {
		/* The upper digits first, then eight with their zeros. */
		p = digits_u64(p, v / 100000000);
		low = (uint32_t)(v % 100000000);
		four(p, low / 10000);
		p += 4;
	} else {
		low = (uint32_t)v;
		p = up_to_four(p, low / 10000);
	}
	four(p, low % 10000);
	return p + 4;
}
