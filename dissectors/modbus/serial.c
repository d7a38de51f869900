/* serial.c - serial framings carried over TCP or UDP by gateways (MBSL 2.5).
 *
 *	RTU	unit 1, PDU, CRC-16 low byte first
 *	ASCII	':', then unit, PDU and LRC as hexadecimal, CR LF
 *
 * RTU has neither length nor mark: the end is where the table says it is and
 * the checksum agrees.
 */
#include "modbus.h"

#include <string.h>

#define RTU_MIN		4u	/* unit, function code, CRC */
#define RTU_MAX		256u	/* MBSL 2.5.1 */
#define RTU_PROOF	7u	/* below, a CRC that holds may be chance */
#define ASCII_MIN	9u	/* ':', unit, function code, LRC, CR LF */
#define ASCII_MAX	513u	/* MBSL 2.5.2 */
#define UNIT_MAX	247u	/* MBSL 2.2 */

/* MBSL 6.2.2: polynomial A001, start FFFF.  guess() asks for many checksums of bytes
 * that are no frame. */
static const uint16_t crc_of[256] = {
	0x0000, 0xc0c1, 0xc181, 0x0140, 0xc301, 0x03c0, 0x0280, 0xc241,
	0xc601, 0x06c0, 0x0780, 0xc741, 0x0500, 0xc5c1, 0xc481, 0x0440,
	0xcc01, 0x0cc0, 0x0d80, 0xcd41, 0x0f00, 0xcfc1, 0xce81, 0x0e40,
	0x0a00, 0xcac1, 0xcb81, 0x0b40, 0xc901, 0x09c0, 0x0880, 0xc841,
	0xd801, 0x18c0, 0x1980, 0xd941, 0x1b00, 0xdbc1, 0xda81, 0x1a40,
	0x1e00, 0xdec1, 0xdf81, 0x1f40, 0xdd01, 0x1dc0, 0x1c80, 0xdc41,
	0x1400, 0xd4c1, 0xd581, 0x1540, 0xd701, 0x17c0, 0x1680, 0xd641,
	0xd201, 0x12c0, 0x1380, 0xd341, 0x1100, 0xd1c1, 0xd081, 0x1040,
	0xf001, 0x30c0, 0x3180, 0xf141, 0x3300, 0xf3c1, 0xf281, 0x3240,
	0x3600, 0xf6c1, 0xf781, 0x3740, 0xf501, 0x35c0, 0x3480, 0xf441,
	0x3c00, 0xfcc1, 0xfd81, 0x3d40, 0xff01, 0x3fc0, 0x3e80, 0xfe41,
	0xfa01, 0x3ac0, 0x3b80, 0xfb41, 0x3900, 0xf9c1, 0xf881, 0x3840,
	0x2800, 0xe8c1, 0xe981, 0x2940, 0xeb01, 0x2bc0, 0x2a80, 0xea41,
	0xee01, 0x2ec0, 0x2f80, 0xef41, 0x2d00, 0xedc1, 0xec81, 0x2c40,
	0xe401, 0x24c0, 0x2580, 0xe541, 0x2700, 0xe7c1, 0xe681, 0x2640,
	0x2200, 0xe2c1, 0xe381, 0x2340, 0xe101, 0x21c0, 0x2080, 0xe041,
	0xa001, 0x60c0, 0x6180, 0xa141, 0x6300, 0xa3c1, 0xa281, 0x6240,
	0x6600, 0xa6c1, 0xa781, 0x6740, 0xa501, 0x65c0, 0x6480, 0xa441,
	0x6c00, 0xacc1, 0xad81, 0x6d40, 0xaf01, 0x6fc0, 0x6e80, 0xae41,
	0xaa01, 0x6ac0, 0x6b80, 0xab41, 0x6900, 0xa9c1, 0xa881, 0x6840,
	0x7800, 0xb8c1, 0xb981, 0x7940, 0xbb01, 0x7bc0, 0x7a80, 0xba41,
	0xbe01, 0x7ec0, 0x7f80, 0xbf41, 0x7d00, 0xbdc1, 0xbc81, 0x7c40,
	0xb401, 0x74c0, 0x7580, 0xb541, 0x7700, 0xb7c1, 0xb681, 0x7640,
	0x7200, 0xb2c1, 0xb381, 0x7340, 0xb101, 0x71c0, 0x7080, 0xb041,
	0x5000, 0x90c1, 0x9181, 0x5140, 0x9301, 0x53c0, 0x5280, 0x9241,
	0x9601, 0x56c0, 0x5780, 0x9741, 0x5500, 0x95c1, 0x9481, 0x5440,
	0x9c01, 0x5cc0, 0x5d80, 0x9d41, 0x5f00, 0x9fc1, 0x9e81, 0x5e40,
	0x5a00, 0x9ac1, 0x9b81, 0x5b40, 0x9901, 0x59c0, 0x5880, 0x9841,
	0x8801, 0x48c0, 0x4980, 0x8941, 0x4b00, 0x8bc1, 0x8a81, 0x4a40,
	0x4e00, 0x8ec1, 0x8f81, 0x4f40, 0x8d01, 0x4dc0, 0x4c80, 0x8c41,
	0x4400, 0x84c1, 0x8581, 0x4540, 0x8701, 0x47c0, 0x4680, 0x8641,
	0x8201, 0x42c0, 0x4380, 0x8341, 0x4100, 0x81c1, 0x8081, 0x4040,
};

uint16_t
mb_crc16(const uint8_t *p, size_t n)
{
	unsigned crc = 0xffff;

	for (size_t i = 0; i < n; i++)
		crc = crc >> 8 ^ crc_of[(crc ^ p[i]) & 0xff];
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

/* Does the same frame follow this one? */
static bool
repeats(const struct cursor *in, uint32_t len)
{
	return cur_left(in) >= 2u * len && memcmp(in->p, in->p + len, len) == 0;
}

static bool
crc_good(const uint8_t *p, size_t n)
{
	struct cursor c = cur_of(p, n);

	cur_skip(&c, n - 2);
	return cur_le16(&c) == mb_crc16(p, n - 2);
}

/* Of two lengths with a good CRC. A frame whose last byte but two equals the low byte of the CRC of what is before it holds
 * a shorter one that is as good; with a value that does not change it comes again and again. Right is what ends with the segment, else the longer. */
static uint32_t
better_end(uint32_t a, uint32_t b, uint32_t have)
{
	if (a == 0 || b == have)
		return b;
	return a == have || a > b ? a : b;
}

/* Bytes of the frame that begins here, checksum included.  0: more are needed
 * (at least *need); UINT32_MAX: no length that the table knows has a good CRC. */
static uint32_t
rtu_len(const struct cursor *in, uint32_t *need)
{
	const uint8_t *p = in->p;
	uint32_t have = (uint32_t)cur_left(in), wait = 0, good = 0, len;

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
			good = better_end(good, len + 3, have);
		else if (have < len + 3 && (wait == 0 || len + 3 - have < wait))
			wait = len + 3 - have;
	}
	if (good > 0)
		return good;
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
	g.checked = len >= RTU_PROOF;
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
		if (!x->truncated)
			dis_anomaly(x, NULL, ANOM_MB_CHECKSUM, 0, "no frame with a good CRC");
		return (struct dis_step){ .status = DIS_RESYNC,
		    .used = x->datagram ? (uint32_t)cur_left(&in) : 1 };
	}
	*adu = (struct mb_adu){ .framing = MODBUS_RTU_TCP, .unit = in.p[0],
	    .pdu = in.p + 1, .len = len - 3, .serial = true,
	    .twice = repeats(&in, len) };
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
	g.checked = true;
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
	    .len = n - 2, .serial = true, .twice = repeats(&in, len) };
	return (struct dis_step){ .status = DIS_DONE, .used = len };
}
