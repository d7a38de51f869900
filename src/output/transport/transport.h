/* transport.h - what carries finished lines away; knows nothing of their form.
 *
 * Opened and closed by whoever opens the writer; everything between is called by one
 * thread at a time, the writer's, and may wait there: nobody who sees packets waits
 * with it.  Only in a replay, which waits for its files anyway, the packet thread
 * carries too.
 *
 * There are two kinds.  One is given a stream of bytes (carry): a file, a socket.  The other is given
 * messages with what is known of them (send): syslog, Kafka, HTTP, mail; it works with sockets that never
 * block, says what poll() is to wait for (fds) and when it wants to run again (due_ns), and is run by
 * work().  Whichever it is, one that can know what has arrived says so by acked(): what was given to it and is
 * not acknowledged stays with the writer, and is given again when the transport asks for it (again).
 */
#ifndef OUTPUT_TRANSPORT_H
#define OUTPUT_TRANSPORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/err.h"

struct pollfd;

/* Longest line with its newline: 2,000 values with time and flags, or a UDP
 * datagram of bytes that each need six characters, fit. */
#define OUTPUT_LINE_MAX (512u * 1024)

/* Written by whoever carries, read by anybody. */
struct transport_counters {
	_Atomic uint64_t reconnects;	/* times that the target was found again */
	_Atomic uint64_t failures;	/* times that it was lost */
	_Atomic uint64_t repeated;	/* lines that were sent again: the receiver may have them twice */
	_Atomic uint64_t certificate_until_s;	/* when the receiver's certificate or our own expires, the earlier of both, in
						 * seconds since 1970; 0: not known */
};

struct net_watched;

/* What the writer knows of a line without reading it; 32 bytes, as it also stands in a spool. */
struct line_head {
	uint64_t	ts_ns;		/* capture time */
	uint8_t		key[16];	/* address of the device that it is about (the server), as IPv6; 0: of none */
	uint32_t	len;		/* of the line, with its newline */
	uint8_t		class;		/* enum queue_class (writer.h): what is lost first */
	uint8_t		severity;	/* of an alert or incident, 1 is the gravest; 0: it has none */
	uint8_t		type;		/* enum output_type (types.h), of an operation OUTPUT_TYPE_COUNT */
	uint8_t		reserved;	/* 0 */
};
_Static_assert(sizeof(struct line_head) == 32, "the head of a line is 32 bytes");

/* A line that is to be sent; borrowed for the call. */
struct message {
	const char		*text;
	size_t			 len;		/* without its newline, which stands behind it */
	uint64_t		 number;	/* of the line since the transport was opened, from 0, without gaps;
						 * the same when it is given again */
	const struct line_head	*head;
};

/* The writer, to its transport; lives as long as the transport is open.  Called on the thread that called the
 * transport. */
struct transport_host {
	/* The receiver will never take message `number`, which was given and is not acknowledged: the writer puts it
	 * into the file of rejected lines, with the reason.  acked() goes beyond it as if it had arrived. */
	void	(*reject)(void *arg, uint64_t number, const char *reason);

	/* What is wrong now, for `status`; the transport logs it itself.  "" or NULL: nothing is. */
	void	(*problem)(void *arg, const char *text);

	void	*arg;
};

/* What was set for the sink (config/sinks.def), as far as the transport takes it (record/outputs.def).  Texts
 * are NULL where nothing was set. */
struct transport_settings {
	const char	*name;		/* of the sink, for messages */
	const char	*target;	/* means what the transport makes of it: a path, host:port, a URL */
	const char	*content_type, *lines_type;	/* of a line; of several, NULL: application/x-ndjson */
	const char	*auth;		/* the scheme by which the secret is shown over HTTP; NULL: as the transport does */
	const char	*sensor, *site;	/* of the sensor: outputs.sensor; NULL: not set */
	uint64_t	 reserve;	/* bytes of the disk that are kept for alerts; 0 none */
	uint64_t	 retry_ns;	/* between tries of a target that cannot be reached; grows from it */
	bool		 fresh;		/* a replay that keeps nothing for later: a target that is not there is an error, and lines
					 * of earlier runs in a file are worth a note */
	struct transport_counters *counters;	/* lives longer than what is opened */
	const struct transport_host *host;	/* the same */

	/* Of a file. */
	uint64_t	 rotate_bytes, rotate_ns;	/* a new file after so much; 0: never */
	uint64_t	 keep_files, keep_ns;	/* rotated ones that are kept; 0: all */
	bool		 rotate_gzip;	/* compress them */
	uint64_t	 sync;		/* enum sink_sync */

	/* Of the network. */
	const struct net_watched *watched;	/* interfaces by which nothing may leave (net.h); NULL: none */
	const char	*tls_ca, *tls_cert, *tls_key;	/* PEM files */
	const char	*tls_name;	/* that the receiver's certificate must have; NULL: the target's host */
	const char	*user, *secret_file;	/* its first line is the password, token or key */
	const char	*proxy;		/* URL */
	uint64_t	 timeout_ns;	/* a receiver that answers nothing for so long is given up */
	uint64_t	 batch_lines, batch_bytes, batch_ns;	/* sent together at most; what waits at most so long for more */
	bool		 gzip;		/* compress what is sent */
	uint64_t	 overlap;	/* lines sent again after a connection was lost, where nothing is acknowledged */
	uint64_t	 facility;	/* of syslog */
	const char	*app_name, *hostname;	/* the same; NULL: thermowell, that of the sensor or the machine */
	const char	*topic, *index;	/* Kafka; Elasticsearch, OpenSearch, Splunk */
	const char	*properties;	/* comma list of name=value that is passed through to the library */
	const char	*mail_from, *mail_to;	/* an address; a comma list of them */
	uint64_t	 mail_severity, mails_an_hour;	/* alerts up to this number go at once; so many mails at most */
	uint64_t	 digest_at_s;	/* second of the day (UTC) of the daily mail */
};

enum carry {
	CARRY_DONE,		/* everything is away */
	CARRY_MORE,		/* a share is away; it would take more at once */
	CARRY_BUSY,		/* the other end takes nothing now: a pipe is full */
	CARRY_FAILED		/* it cannot be written; the reason was logged */
};

struct transport {
	const char	*name;		/* "file" */

	/* `s` is borrowed for the call.  NULL with a problem in `e`. */
	void	*(*open)(const struct transport_settings *s, struct err *e);

	/* The longest line with its newline that it can carry; NULL: any. */
	size_t	 (*longest)(void *t);

	/* Send messages; the first `*done` are taken.  What is taken was copied or is away; it is given again
	 * only after again().  This or carry. */
	enum carry (*send)(void *t, const struct message *m, unsigned n, unsigned *done);

	/* Carry whole lines, in two pieces that follow each other (a line may begin in
	 * one and end in the other).  *done: bytes of the lines that are away, whole;
	 * what it carried of the next one it remembers itself, and that line is offered
	 * again from its start. */
	enum carry (*carry)(void *t, const struct iovec at[2], size_t *done);

	/* Carrying waits for no reader (a file on a disk): in a replay the packet thread may
	 * do it itself.  NULL: it may not. */
	bool	 (*direct)(void *t);

	/* What poll() may wait for (POLLOUT) while it is busy; -1, or NULL: nothing. */
	int	 (*busy_fd)(void *t);

	/* The number of the first line that is not yet known to have arrived: all before it have, or were
	 * rejected.  Never less than before.  NULL: what is taken has arrived. */
	uint64_t (*acked)(void *t);

	/* The connection was lost: everything from acked() on is to be given again.  True once.  NULL: never. */
	bool	 (*again)(void *t);

	/* What poll() shall wait for besides; at most `most` of them (TRANSPORT_FDS).  Returns how many.
	 * NULL: none. */
	unsigned (*fds)(void *t, struct pollfd *to, unsigned most);

	/* Whenever the thread wakes: read answers, connect, send what is begun.  Waits for nobody.  NULL: nothing
	 * to do. */
	void	 (*work)(void *t, uint64_t now_ns);

	/* When work() wants to be called at the latest (thread_now()); UINT64_MAX: whenever.  NULL: the same. */
	uint64_t (*due_ns)(void *t);

	/* Nothing more comes: what waits for company is to be sent now.  The writer then waits for acked(), until
	 * its deadline, and closes.  NULL: nothing waits. */
	void	 (*finish)(void *t);

	/* Ten times a second, also when there is nothing to carry: is the target still
	 * where it was?  NULL: it cannot move. */
	void	 (*check)(void *t, uint64_t now_ns);

	/* Less space is left than is kept for alerts.  Asked after carry() and check().  NULL: there is no disk. */
	bool	 (*scarce)(void *t);

	/* Find the target again by name; read certificates and secrets again.  NULL: nothing to find. */
	void	 (*reopen)(void *t);

	/* An alert of severity 1 or 2 is among what was carried last: press it onto the disk, where that was asked
	 * for.  NULL: there is no disk. */
	void	 (*sync)(void *t);

	/* Free.  0, or -1 when the last bytes did not arrive. */
	int	 (*close)(void *t);
};

#define TRANSPORT_FDS 8u

extern const struct transport transport_file;
extern const struct transport transport_unix_stream, transport_unix_dgram;	/* lines; a datagram a line */
extern const struct transport transport_syslog_udp, transport_syslog_tcp, transport_syslog_tls;
extern const struct transport transport_elasticsearch, transport_splunk, transport_webhook;
extern const struct transport transport_kafka, transport_mail;

#endif
