/* serial.c - serial framings carried over TCP or UDP by gateways (MBSL 2.5).
 *
 *	RTU	unit 1, PDU, CRC-16 low byte first
 *	ASCII	':', then unit, PDU and LRC as hexadecimal, CR LF
 *
 * RTU has neither length nor mark: the end is where the table says it is and
 * the checksum agrees.
 */
#include "modbus.h"

#define RTU_MIN		4u	/* unit, function code, CRC */
#define RTU_MAX		256u	/* MBSL 2.5.1 */
#define ASCII_MIN	9u	/* ':', unit, function code, LRC, CR LF */
#define ASCII_MAX	513u	/* MBSL 2.5.2 */
#define UNIT_MAX	247u	/* MBSL 2.2 */

/* MBSL 6.2.2: polynomial A001, start FFFF.  Half a byte a step: guess() asks for
 * many checksums of bytes that are no frame. */
uint16_t
mb_crc16(const uint8_t *p, size_t n)
{
	static const uint16_t half[16] = {
		0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401,
		0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4400
	};
	unsigned crc = 0xffff;

	for (size_t i = 0; i < n; i++) {
		crc ^= p[i];
		crc = crc >> 4 ^ half[crc & 15];
		crc = crc >> 4 ^ half[crc & 15];
	}
	return (uint16_t)crc;
}

/* MBSL 6.2.1: two's complement of the sum. */
uint8_t
mb_lrc(const uint8_t *p, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += p[i];
	return (uint8_t)-sum;
}

static bool
crc_good(const uint8_t *p, size_t n)
{
	struct cursor c = cur_of(p, n);

	cur_skip(&c, n - 2);
	return cur_le16(&c) == mb_crc16(p, n - 2);
}

/* Bytes of the frame that begins here, checksum included.  0: more are needed
 * (at least *need); UINT32_MAX: no length that the table knows has a good CRC. */
static uint32_t
rtu_len(const struct cursor *in, uint32_t *need)
{
	const uint8_t *p = in->p;
	uint32_t have = (uint32_t)cur_left(in), wait = 0, len;

	*need = 1;
	if (have < 2)
		return 0;
	for (int response = 0; response < 2; response++) {
		len = mb_pdu_len(p + 1, have - 1, response);
		if (len == UINT32_MAX)
			continue;
		if (len == 0)
			wait = wait == 0 ? 1 : wait;
		else if (len + 3 > RTU_MAX)
			continue;
		else if (have >= len + 3 && crc_good(p, len + 3))
			return len + 3;
		else if (have < len + 3 && (wait == 0 || len + 3 - have < wait))
			wait = len + 3 - have;
	}
	/* Functions of no known length end with the segment. */
	if (have >= RTU_MIN && have <= RTU_MAX && crc_good(p, have))
		return have;
	if (wait == 0)
		return UINT32_MAX;
	*need = wait;
	return 0;
}

struct dis_guess
mb_rtu_guess(struct cursor in)
{
	struct dis_guess g = { .verdict = GUESS_NO, .framing = MB_RTU };
	uint32_t need, len;
	const uint8_t *p = in.p;

	if (cur_left(&in) > 0 && p[0] > UNIT_MAX)
		return g;
	if (cur_left(&in) > 1 &&
	    func_find(mb_funcs, MB_N_FUNCS, p[1] & 0x7f, FUNC_NO_SUB) == NULL)
		return g;
	len = rtu_len(&in, &need);
	if (len == 0)
		g.verdict = GUESS_SHORT;
	if (len == 0 || len == UINT32_MAX)
		return g;
	if (mb_fits(p + 1, len - 3, false) != FIT_LEGAL &&
	    mb_fits(p + 1, len - 3, true) != FIT_LEGAL)
		return g;
	g.verdict = GUESS_MAYBE;
	g.role = mb_role(p + 1, len - 3);
	g.used = len;
	g.tag = 1u << 24 | (uint32_t)p[0] << 8 | (p[1] & 0x7fu);
	return g;
}

struct dis_step
mb_rtu_cut(struct dis_ctx *x, struct cursor in, struct mb_adu *adu)
{
	uint32_t need, len = rtu_len(&in, &need);

	if (len == 0 && !x->datagram)
		return (struct dis_step){ .status = DIS_NEED_MORE, .need = need };
	if (len == 0 || len == UINT32_MAX) {
		if (!x->cut)
			dis_anomaly(x, NULL, ANOM_MB_CHECKSUM, 0, "no frame with a good CRC");
		return (struct dis_step){ .status = DIS_RESYNC,
		    .used = x->datagram ? (uint32_t)cur_left(&in) : 1 };
	}
	*adu = (struct mb_adu){ .framing = MODBUS_RTU_TCP, .unit = in.p[0],
	    .pdu = in.p + 1, .len = len - 3, .serial = true };
	return (struct dis_step){ .status = DIS_DONE, .used = len };
}

static int
hex_digit(uint8_t ch)
{
	if (ch >= '0' && ch <= '9')
		return ch - '0';
	if (ch >= 'A' && ch <= 'F')
		return ch - 'A' + 10;
	if (ch >= 'a' && ch <= 'f')
		return ch - 'a' + 10;
	return -1;
}

/* Characters from ':' to LF, 0 when the LF is not there yet, UINT32_MAX when
 * these cannot be a frame. */
static uint32_t
ascii_len(const struct cursor *in)
{
	const uint8_t *p = in->p;
	size_t n = cur_left(in);

	if (n > 0 && p[0] != ':')
		return UINT32_MAX;
	for (size_t i = 1; i < n && i < ASCII_MAX; i++) {
		if (hex_digit(p[i]) >= 0)
			continue;
		if (p[i] != '\r' || i + 2 < ASCII_MIN || i % 2 == 0)
			return UINT32_MAX;
		if (i + 1 == n)
			return 0;
		return p[i + 1] == '\n' ? (uint32_t)i + 2 : UINT32_MAX;
	}
	return n < ASCII_MAX ? 0 : UINT32_MAX;
}

/* The bytes behind `len` characters: unit, PDU, LRC.  Their number, or 0 when
 * the checksum is wrong. */
static uint32_t
ascii_decode(const uint8_t *p, uint32_t len, uint8_t *to)
{
	uint32_t n = (len - 3) / 2;

	for (uint32_t i = 0; i < n; i++)
		to[i] = (uint8_t)(hex_digit(p[1 + 2 * i]) << 4 | hex_digit(p[2 + 2 * i]));
	return mb_lrc(to, n) == 0 ? n : 0;
}

struct dis_guess
mb_ascii_guess(struct cursor in)
{
	struct dis_guess g = { .verdict = GUESS_NO, .framing = MB_ASCII };
	uint8_t b[ASCII_MAX / 2 + 1];
	uint32_t len = ascii_len(&in), n;

	if (len == 0)
		g.verdict = GUESS_SHORT;
	if (len == 0 || len == UINT32_MAX)
		return g;
	n = ascii_decode(in.p, len, b);
	if (n < 3 || b[0] > UNIT_MAX || (mb_fits(b + 1, n - 2, false) != FIT_LEGAL &&
	    mb_fits(b + 1, n - 2, true) != FIT_LEGAL))
		return g;
	g.verdict = GUESS_MAYBE;
	g.role = mb_role(b + 1, n - 2);
	g.used = len;
	g.tag = 2u << 24 | (uint32_t)b[0] << 8 | (b[1] & 0x7fu);
	return g;
}

struct dis_step
mb_ascii_cut(struct dis_ctx *x, struct cursor in, struct mb_adu *adu)
{
	uint32_t len = ascii_len(&in), n = 0;
	uint8_t *b;

	if (len == 0 && !x->datagram)
		return (struct dis_step){ .status = DIS_NEED_MORE, .need = 1 };
	if (len == 0 || len == UINT32_MAX)
		return (struct dis_step){ .status = DIS_RESYNC,
		    .used = x->datagram ? (uint32_t)cur_left(&in) : 1 };
	b = arena_alloc(x->arena, len / 2);
	if (b != NULL)
		n = ascii_decode(in.p, len, b);
	if (n < 3) {
		if (b != NULL)
			dis_anomaly(x, NULL, ANOM_MB_CHECKSUM, 0, "wrong LRC");
		return (struct dis_step){ .status = DIS_RESYNC, .used = len };
	}
	*adu = (struct mb_adu){ .framing = MODBUS_ASCII_TCP, .unit = b[0], .pdu = b + 1,
	    .len = n - 2, .serial = true };
	return (struct dis_step){ .status = DIS_DONE, .used = len };
}
