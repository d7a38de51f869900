/* conduits.h - which zone may talk to which, by protocol and intent, as the configuration says.
 *
 * Private to zones/, and to the engine, which checks a configuration.  Read-only after
 * conduits_open().
 */
#ifndef DETECT_ZONES_CONDUITS_H
#define DETECT_ZONES_CONDUITS_H

#include "asset/zones.h"
#include "base/err.h"
#include "base/str.h"
#include "record/operation.h"
#include "record/settings.h"

struct rule_lookup;	/* detect/rules/rule.h: names that conversations can have */
struct conduits;	/* opaque */

#define TALK_NO_INTENT	(-1)

/* Something that went from one zone to another, from who asks to who is asked. */
struct talk {
	const struct zone	*from, *to;	/* NULL: outside */
	enum op_proto		 proto;		/* OP_UNKNOWN: other traffic */
	int			 intent;	/* enum op_intent; TALK_NO_INTENT: no operation */
	uint8_t			 ip_proto;	/* enum ip_protocol */
	uint16_t		 port;		/* of the server; 0 none */
	const char		*app;		/* nDPI's name of it ("tls.google"), or NULL */
};

/* `z` NULL: there are no zones, and NULL is returned without a problem.  Every problem goes to `e`
 * with its place.  `names` NULL: names of other traffic are not checked. */
struct conduits	*conduits_open(const struct zones_settings *s, const struct zones *z, const struct rule_lookup *names,
		    struct err *e);
void		 conduits_close(struct conduits *c);	/* NULL is ignored */
size_t		 conduits_memory(const struct conduits *c);

/* Does one of them allow it?  Within a zone, and outside of all, everything is allowed. */
bool		 conduits_allow(const struct conduits *c, const struct talk *t);

/* "modbus (read, write), tls": what they allow from one to the other; nothing put: nothing. */
void		 conduits_words(const struct conduits *c, const struct zone *from, const struct zone *to,
		    struct strbuf *to_text);

/* What traffic that is no operation is called in conduits: "tls", "tcp/443", "icmp", "ip/47". */
#define TALK_WORD_MAX 40u
void		 talk_word(const struct talk *t, char to[TALK_WORD_MAX]);

#endif
