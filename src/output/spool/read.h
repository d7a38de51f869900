/* read.h - reads what a disk gave back: nothing in it is believed before its CRC is right. */
#ifndef OUTPUT_SPOOL_READ_H
#define OUTPUT_SPOOL_READ_H

#include "output/spool/format.h"

uint32_t spool_crc_slot(const struct spool_slot *s);
uint32_t spool_crc_segment(const struct spool_segment *s);
uint32_t spool_crc_record(const struct spool_record *r, const char *line);

/* The newer of the two slots that are whole.  `n` bytes of a state file.  false: none is. */
bool	spool_read_state(const uint8_t *p, size_t n, struct spool_slot *to);

enum spool_found {
	SPOOL_FOUND,	/* a whole record */
	SPOOL_PART,	/* what may be the beginning of one: more bytes are needed */
	SPOOL_NONE	/* this is no record */
};
/* Is there a record at `p`?  Its line lies behind its header. */
enum spool_found spool_find(const uint8_t *p, size_t n, struct spool_record *to);

/* The records of one segment, one after the other. */
struct spool_reader {
	int		 fd;		/* -1: none is open; owned */
	uint64_t	 at;		/* where in the file buf[to] comes from: what is read next */
	uint8_t		*buf;		/* owned; SPOOL_READER_BYTES */
	size_t		 from, to;	/* what was read and not yet given out */
	bool		 growing;	/* somebody still writes it: its end is no damage */
	/* Damaged places are counted here, and their bytes handed out. */
	uint64_t	 damaged;
	void		(*aside)(void *arg, const uint8_t *p, size_t n);	/* or NULL */
	void		*arg;
};
#define SPOOL_READER_BYTES (sizeof(struct spool_record) + SPOOL_LINE_MAX)

/* false: no memory. */
bool	spool_reader_init(struct spool_reader *r);
void	spool_reader_free(struct spool_reader *r);

/* Begin with a segment; `at` 0: behind its header.  false: it cannot be opened, or is no segment of this version
 * (errno is 0 then). */
bool	spool_reader_open(struct spool_reader *r, int folder, const char *name, uint64_t at, struct spool_segment *header);
void	spool_reader_close(struct spool_reader *r);

/* The next record; *line lies in the reader until the next call.  false: there is none (now). */
bool	spool_reader_next(struct spool_reader *r, struct spool_record *to, const char **line);

/* Where in the file the next record begins. */
uint64_t spool_reader_place(const struct spool_reader *r);

/* "0123456789abcdef.seg"; the number of such a name, 0: it is none. */
#define SPOOL_NAME_MAX 24u
void	 spool_segment_name(uint64_t number, char to[SPOOL_NAME_MAX]);
uint64_t spool_segment_number(const char *name);

#endif
