/* location.h - where on earth an outside address is, and whose it is. */
#ifndef RECORD_LOCATION_H
#define RECORD_LOCATION_H

#include <stdint.h>

struct location {
	char		country[3];	/* "NL"; "" not known */
	char		name[48];	/* of the country, in English; "" not known */
	uint32_t	as_number;	/* 0 not known */
	char		operator_[80];	/* of the network; "" not known */
};

#endif
