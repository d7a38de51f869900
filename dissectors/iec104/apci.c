/* apci.c - the control field and its sequence numbers (104 5.1, 5.5).
 *
 *	I	send << 1,       receive << 1
 *	S	0x01, 0,         receive << 1
 *	U	function, 0, 0, 0
 */
#include "iec104.h"

struct i104_apci
i104_apci_of(const uint8_t *b, uint32_t len)
{
	struct i104_apci a = { .control = b[0] };
	unsigned misfit = len != I104_CONTROL;

	if ((b[0] & 1u) == 0) {
		a.format = IEC104_I;
		a.send = le16_of(b) >> 1;
		a.receive = le16_of(b + 2) >> 1;
		a.flaws = (b[2] & 1u) != 0;
		return a;
	}
	if ((b[0] & 2u) == 0) {
		a.format = IEC104_S;
		a.receive = le16_of(b + 2) >> 1;
		a.flaws = (uint8_t)(misfit + (b[0] != 1) + (b[1] != 0) + (b[2] & 1u));
		return a;
	}
	a.format = IEC104_U;
	a.flaws = (uint8_t)(misfit + (!i104_is_act(b[0]) && !i104_is_con(b[0])) + (b[1] != 0) +
	    (b[2] != 0) + (b[3] != 0));
	return a;
}
