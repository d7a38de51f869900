/* rule.h - rules as a checked tree: the result of this folder's parser, for the matcher.
 *
 * A tree that exists is valid: names are resolved, variables are replaced,
 * operands are in range, contradictions were reported.  How a rule is matched is not
 * defined here.  Everything hangs on the rule set, lives as long as it, and is never
 * changed.
 */
#ifndef DETECT_RULES_RULE_H
#define DETECT_RULES_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "detect/rules/zone.h"
#include "process/tag.h"
#include "record/finding.h"
#include "record/operation.h"
#include "record/settings.h"

/* What an option is about. */
enum rule_applies {
	APPLIES_META,		/* metadata of the rule; matches everything */
	APPLIES_PACKET,		/* header fields of the packet */
	APPLIES_PAYLOAD,	/* bytes of rule_opt.buffer */
	APPLIES_STICKY,		/* selects the buffer of the payload options behind it */
	APPLIES_TX,		/* the operation, or one of its sides */
	APPLIES_FLOW,		/* the flow, or what is remembered of it */
	APPLIES_STATE,		/* counters and marks; looked at when all else has matched */
	APPLIES_ASSET		/* what is known of the endpoints */
};

/* Which member of rule_opt's union is filled. */
enum rule_operand {
	OPERAND_NONE, OPERAND_TEXT, OPERAND_NUMBER, OPERAND_NUMBERS, OPERAND_FLAGS, OPERAND_WORDS,
	OPERAND_FLOW, OPERAND_BITS, OPERAND_THRESHOLD, OPERAND_CONTENT, OPERAND_PCRE,
	OPERAND_BYTES, OPERAND_ISDATAAT, OPERAND_APP, OPERAND_EVENT, OPERAND_GEOIP,
	OPERAND_STREAM_SIZE, OPERAND_INT, OPERAND_TIME,
	OPERAND_DATASET, OPERAND_IPREP, OPERAND_FUNCTIONS, OPERAND_OCTETS, OPERAND_MODBUS, OPERAND_IND, OPERAND_OBJ,
	OPERAND_NAMED, OPERAND_AREA, OPERAND_BLOCK, OPERAND_VALUE, OPERAND_CHANGE,
	OPERAND_MODIFIER,	/* folded into the content before it: never an option of its own */
	OPERAND_COUNT
};

/* Whose operations have it: a bit for each enum op_proto. */
enum {
#define OP_PROTO(id, symbol) OF_##id = 1u << OP_##id,
#include "record/op_names.def"
	OF_OPERATIONS	= (1u << OP_PROTO_COUNT) - 1,
	OF_OTHERS	= 1u << OP_PROTO_COUNT,	/* conversations without operations */
	OF_ANY		= OF_OPERATIONS | OF_OTHERS
};

/* What decides whether an option holds. */
enum rule_when {
	WHEN_REQUEST,	/* the request alone */
	WHEN_ANSWER,	/* nothing is known before the operation is over */
	WHEN_EITHER,	/* either side may */
	WHEN_MESSAGE	/* either side, and each counts for itself */
};

/* What a word reads of an operation, a bit each. */
enum rule_reads {
	READS_NOTHING		= 0,
	/* the same from one poll to the next: READS_CLASS */
	READS_FUNCTION		= 1u << 0,
	READS_INTENT		= 1u << 1,
	READS_OUTCOME		= 1u << 2,
	READS_MESSAGE		= 1u << 3,	/* the kind of message in the protocol's own terms */
	/* of the operation */
	READS_SUBFUNCTION	= 1u << 4,
	READS_UNIT		= 1u << 5,
	READS_EXCEPTION		= 1u << 6,
	READS_LATENCY		= 1u << 7,
	READS_ANOMALIES		= 1u << 8,
	READS_DETAIL		= 1u << 9,	/* anything else, the items included */
	READS_BYTES		= 1u << 10,
	/* of one of its items: READS_ITEM */
	READS_SPACE		= 1u << 11,
	READS_NUMBER		= 1u << 12,
	READS_ADDRESS		= 1u << 13,
	READS_VALUES		= 1u << 14,
	READS_STATUS		= 1u << 15,

	READS_CLASS		= READS_FUNCTION | READS_INTENT | READS_OUTCOME | READS_MESSAGE,
	READS_ITEM		= READS_SPACE | READS_NUMBER | READS_ADDRESS | READS_VALUES | READS_STATUS
};

/* A word about one item: all such words of a rule must hold for the same. */
static inline bool
rule_reads_item(unsigned reads)
{
	return (reads & READS_ITEM) != 0 && (reads & ~(unsigned)(READS_ITEM | READS_DETAIL)) == 0;
}

enum rule_word {
#define WORD(id, text, also, applies, operand, syntax, what, example) RW_##id,
#include "detect/rules/words.def"
	RULE_WORD_COUNT
};

struct rule_word_row {
	const char		*text;		/* "dnp3.func": how the printer writes it */
	const char		*also;		/* other spellings, blank between; "" none */
	enum rule_applies	 applies;
	enum rule_operand	 operand;
	uint32_t		 of;		/* OF_*; that of the lowest bit leads the others */
	uint8_t			 when;		/* enum rule_when */
	uint16_t		 reads;		/* enum rule_reads; 0: no word about operations */
	uint16_t		 lists;		/* the one of these whose values the operand lists; 0: none */
	const char		*syntax;	/* of the operand */
	const char		*what;		/* one sentence */
	const char		*example;	/* a whole option: "dsize:>300" */
};

const struct rule_word_row *rule_word_row(enum rule_word w);

/* The first protocol of a set, which its functions are named by; OP_UNKNOWN: none. */
enum op_proto	rule_first_of(uint32_t of);
/* By any of its spellings; RULE_WORD_COUNT when there is none. */
enum rule_word	rule_word_find(const char *text, size_t n);

/* ---- numbers ---- */

enum rule_test {
	TEST_RANGE,	/* lo <= v <= hi.  =, <, >, <=, >=, lo-hi and lo<>hi (exclusive) all become this */
	TEST_MASK,	/* (v & lo) == hi */
	TEST_ANY_BIT	/* (v & lo) != 0 */
};

struct rule_range {
	uint8_t	 test;		/* enum rule_test */
	bool	 negated;
	bool	 real;		/* a bound has a fraction */
	bool	 lo_open, hi_open;	/* for reals: rlo or rhi itself is outside */
	int64_t	 lo, hi;	/* for whole numbers; open ends are INT64_MIN and INT64_MAX */
	double	 rlo, rhi;	/* as written; open ends are infinite */
};

/* True when any plain range holds and no negated one does; only negated ones:
 * when none does. */
struct rule_numbers {
	const struct rule_range	*of;
	uint32_t		 n;
	const char		*text;	/* canonical: "1<>10", "[1,3,16-20]", "!5", "@set.txt" */
};

bool	rule_number_is(const struct rule_numbers *t, int64_t v);
bool	rule_real_is(const struct rule_numbers *t, double v);
/* Does any v of first .. first + count - 1 pass?  For addresses of an item. */
bool	rule_number_in(const struct rule_numbers *t, uint64_t first, uint64_t count);

/* ---- header ---- */

enum rule_action { RULE_ALERT, RULE_PASS, RULE_DROP, RULE_REJECT, RULE_LOG };

enum rule_proto {
	RULE_IP, RULE_TCP, RULE_TCP_PKT, RULE_TCP_STREAM, RULE_UDP, RULE_ICMP,
	RULE_PLANT,	/* what our dissectors read: rule.of */
	RULE_APP	/* what else conversations are called: rule.app */
};

/* Groups are flat: sorted, disjoint, negation and nesting worked out.  `any`
 * matches also what has no address or port. */
struct rule_addr_range { struct addr lo, hi; };	/* inclusive; IPv4 as ::ffff:a.b.c.d */
struct rule_port_range { uint16_t lo, hi; };

struct rule_addrs {
	const struct rule_addr_range	*of;
	uint32_t			 n;
	bool				 any;
	const char			*text;	/* as written, without blanks: "[$HOME_NET,!10.0.0.1]" */
};

struct rule_ports {
	const struct rule_port_range	*of;
	uint32_t			 n;
	bool				 any;
	const char			*text;
};

bool	rule_addr_is(const struct rule_addrs *g, const struct addr *a);
bool	rule_port_is(const struct rule_ports *g, uint16_t port);

/* ---- operands ---- */

enum rule_buffer {
	BUFFER_PAYLOAD,		/* stream, datagram or PDU */
	BUFFER_PACKET,		/* pkt_data: the packet's own payload */
	BUFFER_OF,		/* and enum op_proto: what that protocol's data word looks into, as its
				 * row of words.def says */
	RULE_BUFFER_COUNT = BUFFER_OF + OP_PROTO_COUNT
};

/* A bit each. */
enum rule_flow_bits {
	RFLOW_TO_SERVER		= 1u << 0,
	RFLOW_TO_CLIENT		= 1u << 1,
	RFLOW_ESTABLISHED	= 1u << 2,
	RFLOW_NOT_ESTABLISHED	= 1u << 3,
	RFLOW_STATELESS		= 1u << 4,
	RFLOW_ONLY_STREAM	= 1u << 5,
	RFLOW_NO_STREAM		= 1u << 6,
	RFLOW_ONLY_FRAG		= 1u << 7,
	RFLOW_NO_FRAG		= 1u << 8
};

/* flags, fragbits: (v & ~ignore) against bits. */
enum rule_flags_how { FLAGS_EXACT, FLAGS_ALL /* + */, FLAGS_ANY /* * */, FLAGS_NOT /* ! */ };
struct rule_flags {
	uint8_t	how, bits, ignore;	/* TCP: FIN 1 SYN 2 RST 4 PSH 8 ACK 16 URG 32 ECE 64 CWR 128;
					 * fragbits: MF 1 DF 2 reserved 4 */
};

bool	rule_flags_are(const struct rule_flags *t, uint8_t v);

/* flowbits, xbits. */
enum rule_bit_do { BIT_SET, BIT_UNSET, BIT_TOGGLE, BIT_ISSET, BIT_ISNOTSET, BIT_NOALERT };
struct rule_bits {
	uint8_t		 what;		/* enum rule_bit_do */
	bool		 all;		/* isset, isnotset of several: all of them, else any (a|b) */
	uint8_t		 track;		/* xbits: enum rule_track */
	uint32_t	 expire_s;	/* xbits; 0 never */
	const uint32_t	*of;		/* numbers of names: rule_set.flowbits or .xbits */
	uint32_t	 n;
};

enum rule_track { TRACK_SRC, TRACK_DST, TRACK_BOTH, TRACK_RULE, TRACK_FLOW };
enum rule_threshold_type { THRESHOLD_LIMIT, THRESHOLD_THRESHOLD, THRESHOLD_BOTH, THRESHOLD_BACKOFF,
	THRESHOLD_FILTER /* detection_filter */ };
enum rule_unique { UNIQUE_NONE, UNIQUE_SRC_PORT, UNIQUE_DST_PORT };
struct rule_threshold {
	uint8_t		 type, track;
	uint8_t		 unique_on;	/* enum rule_unique: count different ports instead of matches */
	uint32_t	 count, seconds, multiplier;	/* multiplier: backoff */
};

/* A number that stands in the rule, or a variable of byte_extract or byte_math. */
struct rule_amount {
	bool	 is_var;
	int64_t	 v;		/* or the number of the variable, 0-based within the rule */
};

struct rule_content {
	const uint8_t	*p;
	uint32_t	 n;
	bool		 negated, nocase, rawbytes;
	bool		 startswith, endswith;
	bool		 has_offset, has_depth, has_distance, has_within;
	struct rule_amount offset, depth, distance, within;
	bool		 fast_pattern, fast_only;
	uint16_t	 fast_offset, fast_len;	/* fast_pattern:offset,len; len 0: all of it */
};

enum rule_pcre_flags {
	RPCRE_CASELESS		= 1u << 0,	/* i */
	RPCRE_MULTILINE		= 1u << 1,	/* m */
	RPCRE_DOTALL		= 1u << 2,	/* s */
	RPCRE_EXTENDED		= 1u << 3,	/* x */
	RPCRE_ANCHORED		= 1u << 4,	/* A */
	RPCRE_DOLLAR_END	= 1u << 5,	/* E */
	RPCRE_UNGREEDY		= 1u << 6,	/* G */
	RPCRE_RAWBYTES		= 1u << 7,	/* B */
	RPCRE_IGNORE_LIMITS	= 1u << 8	/* O */
};

struct rule_pcre {
	const char	*pattern;	/* NUL-terminated, between the slashes; compiles in PCRE2 */
	uint32_t	 flags;
	bool		 negated, relative;	/* R */
};

enum rule_bytes_op {	/* byte_test */
	BYTES_LT, BYTES_GT, BYTES_EQ, BYTES_LE, BYTES_GE, BYTES_AND, BYTES_OR,
	/* byte_math */
	BYTES_ADD, BYTES_SUB, BYTES_MUL, BYTES_DIV, BYTES_SHL, BYTES_SHR
};
enum rule_bytes_base { BASE_BINARY, BASE_HEX, BASE_DEC, BASE_OCT };

/* byte_test, byte_jump, byte_extract, byte_math. */
struct rule_bytes {
	bool		 negated;	/* byte_test: !op */
	uint8_t		 op;
	bool		 relative, little;
	uint8_t		 base;		/* BASE_BINARY, else digits in text */
	struct rule_amount count;	/* bytes; byte_jump: may be 0 */
	struct rule_amount value;	/* byte_test value, byte_math rvalue */
	struct rule_amount offset;
	uint32_t	 mask;		/* 0: none.  The result is shifted down by its trailing zeros */
	uint32_t	 var;		/* byte_extract, byte_math: the variable it sets */
	int64_t		 multiplier;	/* byte_jump, byte_extract; 1 by default */
	int64_t		 post_offset;	/* byte_jump */
	struct rule_amount post;	/* byte_jump: the same, or a variable */
	bool		 from_beginning, from_end, align;	/* byte_jump; align: byte_extract too */
	uint8_t		 align_to;	/* 2 or 4 */
	bool		 dce;		/* byte order by DCE: never true for plants; matches nothing */
};

struct rule_isdataat {
	bool		 negated, relative, rawbytes;
	struct rule_amount at;
};

struct rule_app {
	const char	*name;		/* lower case, as written; "modbus", "smb", "unknown", "failed" */
	const char	*names;		/* what such conversations are called here, blank between: "smbv1 smbv23" */
	uint32_t	 of;		/* OF_*: and which dissectors read them; 0 none */
	bool		 negated;
};

/* stream_size: bytes that an endpoint has sent; SIDE_ANY: either. */
struct rule_stream_size {
	uint8_t			 side;
	bool			 not_equal;
	struct rule_numbers	 value;
};

/* flowint */
enum rule_int_do { INT_SET, INT_ADD, INT_SUB, INT_LT, INT_LE, INT_EQ, INT_NE, INT_GE, INT_GT, INT_ISSET, INT_NOTSET };
struct rule_int {
	uint8_t		 what;		/* enum rule_int_do */
	bool		 is_name;	/* `value` is the number of another name */
	uint32_t	 of;		/* number of the name: rule_set.flowints */
	uint32_t	 value;
};

/* ot.time: any of these windows of the week, or none. */
struct rule_window {
	uint8_t		 days;		/* a bit each, Monday 1; of the day on which it begins */
	uint16_t	 from, to;	/* minutes; to <= from: it ends the day after */
};
struct rule_time {
	bool				 negated;
	const struct rule_window	*of;
	uint32_t			 n;
	const char			*text;
};
/* `local_s`: seconds since 1970 in local time. */
bool	rule_time_is(const struct rule_time *t, int64_t local_s);

/* app-layer-event, ot.anomaly: any of these. */
struct rule_event {
	const uint16_t	*of;		/* enum anomaly_id */
	uint32_t	 n;
	bool		 negated;	/* none of these */
	const char	*text;
};

enum rule_side { SIDE_ANY, SIDE_SRC, SIDE_DST, SIDE_BOTH, SIDE_CLIENT, SIDE_SERVER };

struct rule_geoip {
	uint8_t			 side;
	bool			 negated;
	const char		(*of)[3];	/* "NL" */
	uint32_t		 n;
};

/* A list of names out of a table with few rows: intents, outcomes, spaces.
 * Of free names (asset.*): `names`. */
struct rule_words {
	uint64_t		 mask;		/* bit of the enum; negation worked out */
	bool			 negated;	/* free names: none of these */
	uint8_t			 side;		/* asset.*: whose */
	const char *const	*names;
	uint32_t		 n;
	const char		*text;
};

enum rule_dataset_do { DATASET_ISSET, DATASET_ISNOTSET, DATASET_SET, DATASET_UNSET };
enum rule_dataset_type { DATASET_STRING, DATASET_IP, DATASET_MD5, DATASET_SHA256 };
/* One member of a list; sorted by memcmp of key, then length. */
struct rule_member { const uint8_t *p; uint32_t n; uint16_t rep; };
struct rule_list {
	const char		*name, *file;	/* file NULL: filled by `set` alone */
	uint8_t			 type;
	bool			 typed;		/* a rule gave its type */
	bool			 changes;	/* some rule sets or unsets in it */
	const struct rule_member *of;
	uint32_t		 n;
	uint64_t		 nets[2];	/* lengths of networks among the members: those have 17 bytes,
						 * the address without its host's bits and the length */
};
struct rule_dataset {	/* dataset, datarep */
	uint8_t			 what, side;	/* side: of DATASET_IP (the words ip.src, ip.dst) */
	bool			 rep;		/* datarep: the member's number against `value` */
	struct rule_numbers	 value;
	const struct rule_list	*list;
};

enum rule_iprep_what { IPREP_SCORE, IPREP_ISSET, IPREP_ISNOTSET };
struct rule_iprep {
	uint8_t			 side;
	uint8_t			 what;		/* enum rule_iprep_what; `value` is for IPREP_SCORE */
	const char		*category;
	struct rule_numbers	 value;
	const struct rule_list	*list;		/* members are 16 bytes of address and a score */
};

/* modbus: what is not given has n == 0 and access 0. */
struct rule_modbus {
	struct rule_numbers	 unit, function, subfunction;
	uint16_t		 category;	/* enum modbus_category, a set: any of them */
	bool			 not_category;	/* none of them */
	uint16_t		 access;	/* MODBUS_READ or MODBUS_WRITE, and at most one table */
	struct rule_numbers	 address;	/* counted from 1, as Suricata documents */
	struct rule_numbers	 value;
};

/* dnp3_ind, over the 16 bits of operation.iin: what is zero, or has n == 0, asks nothing. */
struct rule_ind {
	uint16_t		 any;		/* at least one of these is set */
	uint16_t		 all;		/* each of these is set */
	uint16_t		 none;		/* none of these is set */
	struct rule_numbers	 value;		/* the bits as one number: !0, >0xff */
};
struct rule_obj { struct rule_numbers group, variation; };

/* ot.tag, ot.float32 and its like: where a value lies, what its bytes mean, and what it is held against (n 0: nothing). */
struct rule_value {
	struct tag		 tag;		/* texts of the rule set */
	bool			 named;		/* address and unit of the device count, too */
	struct rule_numbers	 numbers;
	const char		*text;
};
/* ot.change, of the tag with this index of the set that the rules were read with. */
struct rule_change {
	uint32_t		 tag;
	bool			 percent;
	struct rule_numbers	 numbers;
	uint64_t		 within_ns;
	const char		*text;
};

/* s7comm.block: SPACE_S7_BLOCK items whose number is type << 24 | number. */
struct rule_block {
	const char		*type;		/* "DB"; NULL any */
	uint8_t			 code;		/* of the type on the wire, 0x0a */
	struct rule_numbers	 number;	/* n 0: any */
};

/* s7comm.area: one of these spaces, or the number on the wire. */
struct rule_area { uint64_t spaces; struct rule_numbers wire; bool negated; const char *text; };

struct rule_opt {
	uint16_t	 word;		/* enum rule_word */
	uint8_t		 buffer;	/* enum rule_buffer, of APPLIES_PAYLOAD */
	uint32_t	 line, column;	/* in the file */
	union {
		const char		*text;		/* OPERAND_TEXT */
		uint64_t		 number;	/* OPERAND_NUMBER */
		struct rule_numbers	 numbers;	/* NUMBERS, OCTETS, FUNCTIONS and kinds of messages */
		struct rule_flags	 flags;
		struct rule_words	 words;
		uint32_t		 flow;		/* enum rule_flow_bits */
		struct rule_bits	 bits;
		struct rule_threshold	 threshold;
		struct rule_content	 content;
		struct rule_pcre	 pcre;
		struct rule_bytes	 bytes;
		struct rule_isdataat	 isdataat;
		struct rule_app		 app;
		struct rule_stream_size	 stream_size;
		struct rule_int		 flowint;
		struct rule_time	 time;
		struct rule_event	 event;
		struct rule_geoip	 geoip;
		struct rule_dataset	 dataset;
		struct rule_iprep	 iprep;
		struct rule_modbus	 modbus;
		struct rule_ind		 ind;
		struct rule_obj		 obj;
		struct rule_area	 area;
		struct rule_block	 block;
		struct rule_value	 value;
		struct rule_change	 change;
	};
};

/* What an option reads of an operation (READS_*): no more than its word, and of Suricata's word
 * for Modbus what it asks for. */
unsigned rule_opt_reads(const struct rule_opt *o);

/* An alert of the rule that is not raised: never, or not about these addresses. */
struct rule_suppress {
	bool			 always;
	uint8_t			 side;		/* SIDE_SRC, SIDE_DST; SIDE_ANY: either */
	struct rule_addrs	 ip;
};

struct rule {
	struct rule_metadata	 meta;
	uint8_t			 action;	/* enum rule_action */
	uint8_t			 proto;		/* enum rule_proto */
	uint8_t			 ip_v;		/* 4, 6, or 0 for both */
	bool			 both_ways;	/* <> */
	bool			 noalert;	/* noalert, or flowbits:noalert */
	struct rule_app		 app;		/* RULE_APP */
	uint32_t		 of;		/* OF_*: RULE_PLANT */
	struct rule_addrs	 src, dst;
	struct rule_ports	 sport, dport;
	const struct rule_opt	*opts;		/* in the order of the file, META too */
	uint32_t		 n_opts;
	uint32_t		 n_vars;	/* byte_extract, byte_math */
	const struct rule_suppress *suppress;
	uint32_t		 n_suppress;
	uint32_t		 index;		/* in rule_set.rules */
};

struct rule_memory;	/* opaque; owns all of the above */

struct rule_set {
	struct rule		*rules;
	uint32_t		 n_rules;
	uint32_t		 n_skipped;	/* need a protocol outside our field */
	uint32_t		 n_duplicates;	/* the same gid and sid as another one; the higher rev is kept */
	uint32_t		 n_clashes;	/* of those: with the same rev too */
	uint32_t		 n_disabled;	/* switched off (rules.disable) */
	uint32_t		 n_bad;		/* with problems, not loaded */
	uint32_t		 n_flowbits, n_xbits, n_flowints;
	const char *const	*flowbits;	/* names */
	const char *const	*xbits;
	const char *const	*flowints;
	struct time_zone		 zone;		/* of ot.time */
	size_t			 memory;	/* bytes */
	struct rule_memory	*mem;		/* owned */
};

/* ---- loading ---- */

/* Names that other modules know, passed in by the engine.  Lists: the functions of a
 * protocol (its enum op_proto), and
 * NAMES_S7_BLOCK: "DB", code as on the wire.  NAMES_NDPI_RISK: name as the rule writes it, code the bit in flow.app_risks.
 * NAMES_APP: what nDPI calls conversations, whether or not it names them here. */
enum rule_names { NAMES_FUNCTIONS_OF, NAMES_S7_BLOCK = NAMES_FUNCTIONS_OF + OP_PROTO_COUNT, NAMES_NDPI_RISK, NAMES_APP,
	 RULE_NAMES_COUNT };
struct rule_name { const char *name, *word; uint32_t code, sub; };	/* sub UINT32_MAX: none */
struct rule_lookup {
	/* The i-th row of a list; false behind the last. */
	bool	(*nth)(enum rule_names list, uint32_t i, struct rule_name *out);
	/* What nDPI itself has beyond NAMES_APP: lower case, one a line, a line's end before the
	 * first; to be freed; NULL: nothing.  Slow: asked for once a load.  NULL: not available. */
	char	*(*apps)(void);
};

struct rules_from {
	const char *const	*files;
	uint32_t		 n_files;
	const struct rules_settings *settings;	/* variables, classification; NULL: defaults alone */
	const struct zones_settings *zones;	/* of the configuration; NULL: not known */
	const struct rule_lookup *lookup;	/* NULL: function names are not known */
	const struct tags	 *tags;		/* that rules name; NULL: there are none */
	bool			  unnamed;	/* nDPI is to name nothing (naming.ndpi: no) */
};

/* Read all files into `set`; `auto` stands for those that came with the program (none
 * when it is not installed), `none` for none.  Errors go to `problems`, rules that
 * are skipped or duplicates to `notes`; the other rules load.  False
 * only when there is no memory. */
bool	rules_load(struct rule_set *set, const struct rules_from *from, struct err *problems,
	    struct err *notes);
/* The same from memory; `name` stands for the file in messages. */
bool	rules_load_text(struct rule_set *set, const struct rules_from *from, const char *name,
	    const char *text, size_t n, struct err *problems, struct err *notes);
/* The same with the files that the settings name before from->files. */
bool	rules_load_settings(struct rule_set *set, const struct rules_from *from, struct err *problems,
	    struct err *notes);
/* "12 rules loaded, 1 left out, 2 duplicates, 0 with problems", for start-up. */
void	rule_set_summary(const struct rule_set *set, char *to, size_t size);
void	rule_set_free(struct rule_set *set);

#endif
