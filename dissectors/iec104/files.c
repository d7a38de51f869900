/* files.c - file transfer: which message asks for which (101 7.4.11).
 *
 *	read	select file -> file ready; call file -> section ready; call section ->
 *		segments, last segment; the controlling station acknowledges
 *	write	file ready -> call file; section ready -> call section; segments, last
 *		segment -> acknowledge
 *	list	call directory -> directory
 */
#include "iec104.h"

enum { FILE_READY = 120, SECTION_READY, CALL, LAST, ACKNOWLEDGE, SEGMENT, DIRECTORY };
enum { CALL_DIRECTORY, SELECT_FILE, CALL_FILE, CALL_SECTION = 6 };

static uint32_t
key(const struct i104_apdu *a, unsigned answer, bool any_file)
{
	struct cursor c = cur_of(a->bytes, a->len);

	cur_skip(&c, I104_HEAD + I104_CONTROL + I104_ASDU_HEAD + I104_IOA);
	return i104_key(answer, a->ca, any_file ? 0 : cur_le16(&c));
}

/* The octet behind the names of file and section; 0xff when it is not there. */
static uint8_t
qualifier(const struct i104_apdu *a)
{
	struct cursor c = cur_of(a->bytes, a->len);
	uint8_t q;

	cur_skip(&c, I104_HEAD + I104_CONTROL + I104_ASDU_HEAD + I104_IOA + 3);
	q = cur_u8(&c);
	return cur_ok(&c) ? q & 15 : 0xff;
}

uint32_t
i104_file_asks(const struct i104_apdu *a)
{
	switch (a->type) {
	case FILE_READY:
	case SECTION_READY:
		return key(a, CALL, false);
	case LAST:
		return key(a, ACKNOWLEDGE, false);
	case CALL:
		if (a->cause == IEC104_REQUEST || qualifier(a) == CALL_DIRECTORY)
			return key(a, DIRECTORY, true);
		return qualifier(a) == SELECT_FILE ? key(a, FILE_READY, false) :
		    qualifier(a) == CALL_FILE ? key(a, SECTION_READY, false) :
		    qualifier(a) == CALL_SECTION ? key(a, LAST, false) : 0;
	case 127:
		return key(a, FILE_READY, false);
	default:
		return 0;
	}
}

uint32_t
i104_file_answers(const struct i104_apdu *a)
{
	switch (a->type) {
	case FILE_READY:
	case SECTION_READY:
	case CALL:
	case LAST:
	case ACKNOWLEDGE:
		return key(a, a->type, false);
	case DIRECTORY:
		return key(a, DIRECTORY, true);
	default:
		return 0;
	}
}
