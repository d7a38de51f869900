/* detect.h - all detectors of one worker, as one.
 *
 * Opens each of registry.c and hands every fact to those that want it; a call
 * that no detector has costs nothing (detect_wants).
 */
#ifndef DETECT_DETECT_H
#define DETECT_DETECT_H

#include "detect/detector.h"

struct detect;		/* opaque; one per worker */

/* NULL with every problem in `e`. */
struct detect	*detect_open(const struct detect_env *env, struct err *e);

/* The same with another registry (NULL-ended, borrowed): for tests. */
struct detect	*detect_open_with(const struct detector *const *list, const struct detect_env *env,
		    struct err *e);

/* Does anybody want to see that, or may, when what users edit has been read again? */
bool	detect_wants(const struct detect *d, enum detect_call what);

void	detect_packet(struct detect *d, const struct packet *p, struct flow *f, enum flow_dir dir);
void	detect_header(struct detect *d, const struct packet *p);
void	detect_bytes(struct detect *d, const struct flow_bytes *b);
void	detect_operation(struct detect *d, const struct operation *op);
void	detect_anomaly(struct detect *d, const struct anomaly *a);
void	 detect_finding(struct detect *d, const struct finding *f);
void	detect_announcement(struct detect *d, const struct announcement *s);
void	detect_flow_end(struct detect *d, struct flow *f, enum flow_end_reason why);
void	detect_tick(struct detect *d, uint64_t now_ns);
void	detect_finish(struct detect *d, uint64_t now_ns);	/* see detector.h */

/* Before the first packet: hand each detector what it put when the state was saved.  Whose records are
 * not understood begins anew, with the reason in `e`.  0, or -1 when there was one. */
int	detect_load(struct detect *d, const struct detect_state *from, struct err *e);
/* The packet path stands still or has ended.  0, or -1 when something could not be put. */
int	detect_save(const struct detect *d, const struct detect_state *to);

/* Between two frames: an operator did something.  NULL, or why it is refused (static text). */
const char *detect_act(struct detect *d, const struct keep_action *a);

/* Between two frames: take over what was prepared by detect_prepare().  True when
 * something was. */
bool	detect_swap(struct detect *d);

/* Read again what users edit, in whatever thread the caller is, while the packet
 * path goes on.  0: the next detect_swap() takes it over; -1: the problems are in
 * `e` and nothing changes. */
int	detect_prepare(struct detect *d, struct err *e);

/* The open detector of this kind, or NULL. */
const void *detect_find(const struct detect *d, const struct detector *kind);

size_t	detect_memory(const struct detect *d);
void	detect_close(struct detect *d);	/* NULL is ignored */

#endif
