/* eve.h - shared by the files that make EVE records; private to output. */
#ifndef OUTPUT_EVE_H
#define OUTPUT_EVE_H

#include "output/format.h"
#include "output/jsonw.h"
#include "record/alert.h"
#include "record/packet.h"

#define OT_VERSION 2	/* of the `ot` object; contrib/schema follows */

/* Text that is the same for every record of a flow, made once.  Direct-mapped
 * by flow id: a flow whose slot is taken overwrites it. */
struct eve_ends {
	uint64_t	id, first_ns;	/* which flow; id 0: free */
	uint8_t		client, role;	/* how its roles stood */
	uint16_t	flow_len, head_len, tail_len, ot_len;
	char		flow[32];	/* "flow_id":.. */
	char		head[320];	/* "vlan":[..],"src_ip":.. to "ip_v":4, client first */
	char		tail[160];	/* "pkt_src", "host", "community_id"; empty if too long */
	char		ot[288];	/* "client":{..},"server":{..},"role":".." */
};
#define EVE_ENDS 1024	/* a power of two */

/* The words of a function, the same for each of its operations: made once for
 * each set of static texts.  Direct-mapped by function code. */
struct eve_words {
	const void	*key[3];	/* the texts, by address; key[0] NULL: free */
	uint64_t	 number;		/* and what else they depend on: function and protocol, access */
	uint16_t	 len;
	char		 text[224];
};
#define EVE_WORDS 256

/* A code and its name, as members: `"area":132,"area_name":"Data block (DB)"`.
 * Direct-mapped; records of many items have hundreds of them. */
struct eve_code {
	const char	*key, *name;	/* static texts, by address; NULL: free */
	uint32_t	 code;
	uint16_t	 len;
	char		 text[110];
};
#define EVE_CODES 128

/* The text that identifies an item, `"space":..` to `"address":..`: a plant asks for the same over
 * and over.  Direct-mapped. */
struct eve_item {
	uint32_t	number, first, count;
	uint8_t		space, type, bit;
	bool		ranged;
	uint16_t	len;		/* 0: free */
	char		text[206];
};
#define EVE_ITEMS 256	/* a power of two */

/* The text of a stats record whose numbers are all 0, made once: a record is that
 * text with the numbers in place that are something else. */
struct eve_rows {
	unsigned	 n;
	uint16_t	 row[CNT_COUNT];	/* enum counter_id */
	uint16_t	 at[CNT_COUNT];		/* where its 0 stands */
	size_t		 whole;			/* all of it; too much for any record: it did not fit */
	char		 text[64 * CNT_COUNT];
};

struct eve {
	const struct output_env	*env;		/* borrowed */
	bool			 community_id, ether, rule_text;
	const char		*host;		/* borrowed, or NULL */
	struct jsonw_clock	 clock;
	struct eve_rows		 rows[2];	/* those that EVE's schema knows, the others */
	struct eve_ends		 ends[EVE_ENDS];
	struct eve_words	 message_words[EVE_WORDS];	/* function_code to category */
	struct eve_words	 ot_words[EVE_WORDS];		/* v to name */
	struct eve_code		 codes[EVE_CODES];
	struct eve_item		 items[EVE_ITEMS];
};

/* What every record begins with. */
struct eve_head {
	const char	*event_type;
	uint64_t	 ts_ns;
	uint64_t	 frame;		/* 0: not about one frame */
	const struct flow *flow;	/* or NULL */
	const struct packet *packet;	/* used when there is no flow; or NULL */
	unsigned	 src_end;	/* end of the flow that is the source */
	uint64_t	 flow_id;	/* where `flow` is gone by now; 0: there was none */
	uint16_t	 source;
	bool		 ether;		/* with the MACs, though outputs.eve.ethernet does not ask for them */
};

void	eve_head(struct eve *e, struct jsonw *j, const struct eve_head *h);

/* The ends of an operation without a flow, as eve_head.packet: from the client, or from the
 * server. */
struct packet eve_packet_of(const struct op_ends *ends, bool from_server);

/* The cached text of a flow. */
const struct eve_ends *eve_ends(struct eve *e, const struct flow *f);

/* "syn": how client and server were distinguished. */
const char *eve_role_name(unsigned role_source);

/* What records have of one protocol alone: its own object, and what EVE has a field for.  One for each
 * row of op_names.def, eve_SYMBOL, in a file of its own (modbus.c); a row without one
 * does not link.  A function that is NULL has nothing to add; but for makes_record they are
 * called for operations with a detail only. */
struct eve_protocol {
	/* Does this phase of an operation make a record?  NULL: when it is over. */
	bool		 (*makes_record)(const struct operation *op);
	/* "modbus":{...} of its own record */
	void		 (*operation)(struct eve *e, struct jsonw *j, const struct operation *op);
	/* The same in an alert: where EVE's schema has a field for it, and where only `ot` has. */
	void		 (*alert)(struct eve *e, struct jsonw *j, const struct operation *op);
	void		 (*alert_ot)(struct eve *e, struct jsonw *j, const struct operation *op);
	/* Members of every `ot` of an operation. */
	void		 (*ot)(struct jsonw *j, const struct operation *op);
	/* `framing` in it: a static text, or NULL. */
	const char	*(*framing)(const struct operation *op);
};

#define OP_PROTO(id, symbol) extern const struct eve_protocol eve_##symbol;
#include "record/op_names.def"

/* Of each enum op_proto. */
extern const struct eve_protocol *const eve_protocols[OP_PROTO_COUNT];

/* The head of a record about an operation, up to its tx_id; ts_ns is the record's. */
void	eve_operation_head(struct eve *e, struct jsonw *j, const char *event, const struct operation *op, uint64_t ts_ns);

/* "ot":{...} of an operation */
void	eve_ot_operation(struct eve *e, struct jsonw *j, const struct operation *op);

/* The same under another name. */
void	eve_operation_body(struct eve *e, struct jsonw *j, const char *key, const struct operation *op);

/* "flow" up to "start", left open */
void	eve_flow_begin(struct jsonw *j, const struct flow *f);

/* "src_ip" to "dest_port", client first */
void	eve_flow_ends(struct jsonw *j, const struct flow *f);

enum format_result eve_alert(struct eve *e, const struct alert *a, struct line *to);
enum format_result eve_anomaly(struct eve *e, const struct record *r, struct line *to);
enum format_result eve_flow(struct eve *e, const struct record *r, struct line *to);
enum format_result eve_health(struct eve *e, const struct health_report *r, struct line *to);
enum format_result eve_heartbeat(struct eve *e, const struct heartbeat *h, struct line *to);
enum format_result eve_process(struct eve *e, const struct process_value *v, struct line *to);
enum format_result eve_stats(struct eve *e, const struct record *r, struct line *to);
enum format_result eve_device(struct eve *e, const struct device *d, uint64_t now_ns, struct line *to);
enum format_result eve_incident(struct eve *e, const struct incident *i, struct line *to);
enum format_result eve_visibility(struct eve *e, const struct visibility *v, struct line *to);

/* Prepare the text of stats records. */
void	eve_stats_open(struct eve *e);

static inline struct jsonw
eve_start(struct eve *e, const struct line *to)
{
	struct jsonw j = jsonw_on(to->text, to->size);

	j.clock = &e->clock;
	jsonw_object(&j, NULL);
	return j;
}

static inline enum format_result
eve_finish(struct jsonw *j, struct line *to)
{
	jsonw_object_end(j);
	to->len = j->len;
	return j->full ? FORMAT_TOO_LONG : FORMAT_OK;
}

/* Where an outside address is; NULL: nothing is written. */
void	eve_location(struct jsonw *j, const char *key, const struct location *at);

#endif
