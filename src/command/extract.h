/* extract.h - which frames belong to a finding: found by replaying captures, or in the database.
 *
 * An alert becomes the packets that its two endpoints exchanged, from around_ns before its first
 * finding to around_ns after its last one; one that no conversation belongs to (a scan, ARP) those that its
 * source sent or got; an incident that of all its alerts; a flow all its packets.  For commands: it takes
 * memory as it needs it.
 */
#ifndef COMMAND_EXTRACT_H
#define COMMAND_EXTRACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record/addr.h"
#include "record/alert.h"
#include "record/frame.h"
#include "record/settings.h"

#define EXTRACT_ID_MIN	6u	/* digits of an id that are enough, when only one begins so */

enum extract_kind { EXTRACT_ALERT, EXTRACT_INCIDENT, EXTRACT_FLOW };

struct extract_pick {
	enum extract_kind kind;
	const char	*id;		/* borrowed */
	uint64_t	 flow;
};

/* Packets of somebody, or of a conversation, within a time. */
struct extract_window {
	struct addr	 a, b;
	bool		 any_b;		/* whoever the other one is */
	bool		 ports;		/* of one flow: proto and both ports, too */
	uint8_t		 proto;
	uint16_t	 port_a, port_b;
	uint64_t	 first_ns, last_ns;	/* of the finding: its frames get the comment */
	uint64_t	 from_ns, to_ns;
	unsigned	 pick;
	bool		 wanted;	/* of an incident: the alert is known to be part of it */
	char		 uid[ALERT_UID_LEN + 1];	/* of the alert; "" of a flow */
	uint64_t	 key;		/* of the alert or flow; 0 none: each is one window */
	char		*comment;	/* owned; NULL none */
};

/* A frame that a finding names. */
struct extract_frame {
	uint64_t	 frame;
	uint32_t	 window;
};

struct extract {
	struct extract_pick *picks;	/* owned */
	unsigned	 n_picks;
	uint64_t	 from_ns, to_ns;	/* what is outside is left out; 0 and UINT64_MAX: all */
	uint64_t	 around_ns;
	struct extract_window *windows;	/* owned */
	uint32_t	 n_windows;
	struct extract_frame *frames;	/* owned; sorted by frame when extract_find() is over */
	uint32_t	 n_frames;
	bool		 no_memory;
};

/* Find what the picks mean.  false: an id is not known, or something failed; it is in `e`. */
bool	extract_find(struct extract *x, const struct settings *s, const char *const *files, unsigned n_files,
	    struct err *e);
void	extract_free(struct extract *x);

/* What was asked for, in words. */
void	extract_comment(const struct extract *x, char *to, size_t size);

/* Which frames fit; NULL: no memory. */
struct extract_filter;
struct extract_filter *extract_filter_open(const struct extract *x, const struct decode_settings *s);
void	extract_filter_close(struct extract_filter *f);
/* Does it fit?  Then *comment is the one for it, or NULL. */
bool	extract_wants(struct extract_filter *f, const struct frame *frame, const char **comment);

#endif
