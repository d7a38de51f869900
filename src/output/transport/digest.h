/* digest.h - what was reported in a day, in plain words: counts by severity, type and device, and the gravest sentences.
 *
 * Bounded: what does not fit is counted as "others".
 */
#ifndef OUTPUT_DIGEST_H
#define OUTPUT_DIGEST_H

#include <stdint.h>

#include "output/convert/convert.h"

#define DIGEST_KINDS	64u		/* types, devices */
#define DIGEST_TITLE	96u
#define DIGEST_SENTENCES 40u
#define DIGEST_SENTENCE	512u

struct digest_count {
	char		name[DIGEST_TITLE];
	uint64_t	n;
};

struct digest_sentence {
	uint64_t	ts_ns;
	unsigned	severity;
	char		text[DIGEST_SENTENCE];
};

struct digest {
	uint64_t		since_ns;	/* wall clock */
	uint64_t		n, by_severity[5];	/* [0]: 5 and more, or none */
	struct digest_count	types[DIGEST_KINDS], devices[DIGEST_KINDS];
	unsigned		n_types, n_devices, n_sentences;
	uint64_t		other_types, other_devices;
	struct digest_sentence	sentences[DIGEST_SENTENCES];	/* the gravest first, of equals the earlier */
};

/* One alert or incident.  Texts are copied; "" where there is none. */
struct digest_item {
	uint64_t	 ts_ns;
	unsigned	 severity;
	const char	*title, *device, *sentence;
};

void	digest_add(struct digest *d, const struct digest_item *i);

/* As the text of a mail, lines ended by LF. */
void	digest_print(const struct digest *d, const char *sensor, uint64_t now_ns, struct text *to);

/* One alert the same way: time, severity, sentence. */
void	digest_print_item(const struct digest_item *i, struct text *to);

/* "2026-11-30 06:00:00" UTC. */
void	digest_time(char to[20], uint64_t ns);

#endif
