#include "alert/evidence.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"

#define SECOND		1000000000ull
#define OPEN_FILES	8u
#define FRAMES_BEFORE	1000u	/* frames of one file from the ring: an alert must not stop the sensor */
#define FRAMES_AFTER	1000u
#define KNOWN_FILES	1024u
#define NAME_SIZE	48u
#define STAGE		65536u	/* bytes gathered for one write() */
#define ALIGN		8u

/* Stands before each frame in the ring. */
struct kept {
	uint32_t	stride;		/* bytes to the next one, this included; 0: back to the start */
	uint32_t	cap_len, wire_len;
	uint16_t	link, known;	/* known: src and dst are set */
	uint64_t	ts_ns;
	struct addr	src, dst;
};

struct file {
	bool		 used;
	uint16_t	 link;
	bool		 wide;		/* all frames of `a` */
	struct addr	 a, b;
	uint64_t	 until_ns;
	uint32_t	 frames;	/* written after the alert */
	uint32_t	 slot;		/* in names */
};

struct named {
	char		 name[NAME_SIZE];
	uint64_t	 size;
};

struct evidence {
	struct counters	*counters;
	struct evidence_disk disk;
	uint64_t	 after_ns, most;	/* most: bytes of files */
	uint8_t		*ring;		/* owned */
	size_t		 size, head, tail, last;	/* next free, oldest, newest */
	bool		 any;
	struct file	 file[OPEN_FILES];
	struct named	 names[KNOWN_FILES];	/* a ring, oldest first */
	uint32_t	 first, n;
	uint64_t	 total;
	size_t		 staged;
	uint8_t		 stage[STAGE];
};

/* ---- the ring ------------------------------------------------------------- */

static struct kept
kept_at(const struct evidence *v, size_t at)
{
	struct kept k;

	memcpy(&k, v->ring + at, sizeof(k));
	return k;
}

static void
drop_oldest(struct evidence *v)
{
	struct kept k = kept_at(v, v->tail);

	if (v->tail == v->last) {
		v->any = false;
		v->head = v->tail = v->last = 0;
		return;
	}
	v->tail += k.stride;
	if (v->tail + sizeof(k) > v->size || kept_at(v, v->tail).stride == 0)
		v->tail = 0;
}

/* Make `need` bytes at v->head free. */
static void
make_space(struct evidence *v, size_t need)
{
	static const struct kept back = { 0 };

	if (v->any && v->head + need > v->size) {
		/* Whatever lies between here and the end is older than what lies before. */
		while (v->any && v->tail >= v->head)
			drop_oldest(v);
		if (v->any && v->head + sizeof(back) <= v->size)
			memcpy(v->ring + v->head, &back, sizeof(back));
		if (v->any)
			v->head = 0;
	}
	while (v->any && v->tail >= v->head && v->tail < v->head + need)
		drop_oldest(v);
}

void
evidence_frame(struct evidence *v, const struct frame *f)
{
	struct kept k = { .cap_len = f->cap_len, .wire_len = f->wire_len, .link = f->link,
	    .ts_ns = f->ts_ns };
	size_t need = (sizeof(k) + f->cap_len + ALIGN - 1) / ALIGN * ALIGN;

	if (need > v->size / 2)
		return;
	make_space(v, need);
	k.stride = (uint32_t)need;
	memcpy(v->ring + v->head, &k, sizeof(k));
	memcpy(v->ring + v->head + sizeof(k), f->data, f->cap_len);
	v->last = v->head;
	if (!v->any)
		v->tail = v->head;
	v->any = true;
	v->head += need;
}

/* ---- files ---------------------------------------------------------------- */

static unsigned
slot_of(const struct evidence *v, const struct file *f)
{
	return (unsigned)(f - v->file);
}

static void
forget_oldest(struct evidence *v)
{
	struct named *old = &v->names[v->first];

	(void)v->disk.remove(v->disk.arg, old->name);
	v->total -= old->size;
	v->first = (v->first + 1) % KNOWN_FILES;
	v->n--;
}

static uint32_t
remember(struct evidence *v, const char *name, uint64_t size)
{
	uint32_t at;
	struct strbuf s;

	if (v->n == KNOWN_FILES)
		forget_oldest(v);
	at = (v->first + v->n++) % KNOWN_FILES;
	s = strbuf_on(v->names[at].name, NAME_SIZE);
	strbuf_put(&s, name);
	v->names[at].size = size;
	v->total += size;
	return at;
}

static void
flush(struct evidence *v, struct file *f)
{
	if (v->disk.put(v->disk.arg, slot_of(v, f), v->stage, v->staged)) {
		v->names[f->slot].size += v->staged;
		v->total += v->staged;
	} else
		count(v->counters, CNT_ALERT_NO_FILE);
	v->staged = 0;
}

static void
put(struct evidence *v, struct file *f, const void *p, size_t n)
{
	const uint8_t *from = p;

	while (n > 0) {
		size_t capacity = STAGE - v->staged, k = n < capacity ? n : capacity;

		memcpy(v->stage + v->staged, from, k);
		v->staged += k;
		from += k;
		n -= k;
		if (v->staged == STAGE)
			flush(v, f);
	}
}

/* The header of a capture file: libpcap's format with nanoseconds, in the byte
 * order of this machine, as its magic number tells. */
static void
put_header(struct evidence *v, struct file *f)
{
	const struct {
		uint32_t magic;
		uint16_t major, minor;
		uint32_t zone, accuracy, snaplen, link;
	} h = { 0xa1b23c4d, 2, 4, 0, 0, 262144, f->link };

	put(v, f, &h, sizeof(h));
}

static void
put_frame(struct evidence *v, struct file *f, size_t at)
{
	struct kept k = kept_at(v, at);
	const uint32_t h[4] = { (uint32_t)(k.ts_ns / SECOND), (uint32_t)(k.ts_ns % SECOND),
	    k.cap_len, k.wire_len };

	put(v, f, h, sizeof(h));
	put(v, f, v->ring + at + sizeof(k), k.cap_len);
}

static bool
belongs(const struct file *f, const struct kept *k)
{
	if (k->known == 0 || k->link != f->link)
		return false;
	if (f->wide)
		return addr_same(&k->src, &f->a) || addr_same(&k->dst, &f->a);
	return (addr_same(&k->src, &f->a) && addr_same(&k->dst, &f->b)) ||
	    (addr_same(&k->src, &f->b) && addr_same(&k->dst, &f->a));
}

static void
end(struct evidence *v, struct file *f)
{
	(void)v->disk.end(v->disk.arg, slot_of(v, f));
	f->used = false;
}

void
evidence_packet(struct evidence *v, const struct packet *p)
{
	struct kept k;

	if (!v->any)
		return;
	k = kept_at(v, v->last);
	if (k.ts_ns != p->ts_ns)
		return;		/* the frame was too large to be kept */
	k.known = 1;
	k.src = p->src;
	k.dst = p->dst;
	memcpy(v->ring + v->last, &k, sizeof(k));
	for (struct file *f = v->file; f < v->file + OPEN_FILES; f++) {
		if (!f->used || !belongs(f, &k))
			continue;
		put_frame(v, f, v->last);
		flush(v, f);
		if (++f->frames == FRAMES_AFTER)
			end(v, f);
	}
}

static void
put_before(struct evidence *v, struct file *f)
{
	size_t at = v->tail;
	uint32_t n = 0;
	struct kept k;

	while (v->any) {
		k = kept_at(v, at);
		if (belongs(f, &k) && n++ < FRAMES_BEFORE)
			put_frame(v, f, at);
		if (at == v->last)
			break;
		at += k.stride;
		if (at + sizeof(k) > v->size || kept_at(v, at).stride == 0)
			at = 0;
	}
}

static struct file *
free_file(struct evidence *v)
{
	for (struct file *f = v->file; f < v->file + OPEN_FILES; f++)
		if (!f->used)
			return f;
	return NULL;
}

const char *
evidence_file(void *arg, uint64_t id, const struct finding *fi)
{
	struct evidence *v = arg;
	struct file *f = free_file(v);
	char name[NAME_SIZE];
	struct strbuf s = strbuf_on(name, sizeof(name));
	uint32_t sid = fi->rule != NULL ? fi->rule->sid : alert_type_row(fi->type)->sid;

	if (addr_same(&fi->src, &(struct addr){ { 0 } }))
		return NULL;	/* about nobody: no frame is evidence of silence */
	if (f == NULL || !v->any) {
		count(v->counters, CNT_ALERT_NO_FILE);
		return NULL;
	}
	/* Names sort by time, also over several runs. */
	strbuf_printf(&s, "%010" PRIu64 "-%06" PRIu64 "-%" PRIu32 ".pcap",
	    (uint64_t)(fi->ts_ns / SECOND), id, sid);
	if (!v->disk.begin(v->disk.arg, slot_of(v, f), name)) {
		count(v->counters, CNT_ALERT_NO_FILE);
		return NULL;
	}
	f->used = true;
	f->link = kept_at(v, v->last).link;
	f->wide = fi->op == NULL;
	f->a = fi->src;
	f->b = fi->dst;
	f->until_ns = fi->ts_ns + v->after_ns;
	f->frames = 0;
	f->slot = remember(v, name, 0);
	put_header(v, f);
	put_before(v, f);
	flush(v, f);
	count(v->counters, CNT_ALERT_FILES);
	while (v->total > v->most && v->n > 1)
		forget_oldest(v);
	return v->names[f->slot].name;
}

void
evidence_tick(struct evidence *v, uint64_t now_ns)
{
	for (struct file *f = v->file; f < v->file + OPEN_FILES; f++)
		if (f->used && now_ns > f->until_ns)
			end(v, f);
	count_n(v->counters, CNT_ALERT_NO_FILE, v->disk.failed(v->disk.arg));
}

/* ---- life ------------------------------------------------------------------ */

static int
ours(const struct dirent *d)
{
	size_t n = strlen(d->d_name);

	/* ..........-......-*.pcap */
	return n > 18 && n < NAME_SIZE && strspn(d->d_name, "0123456789") >= 10 &&
	    strcmp(d->d_name + n - 5, ".pcap") == 0;
}

/* Files of earlier runs count, too. */
static void
take_stock(struct evidence *v, const char *dir)
{
	struct dirent **list;
	int n = scandir(dir, &list, ours, alphasort);

	for (int i = 0; i < n; i++) {
		char path[4096];
		struct stat st;

		if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name) < sizeof(path) && stat(path, &st) == 0 && S_ISREG(st.st_mode))
			(void)remember(v, list[i]->d_name, (uint64_t)st.st_size);
		free(list[i]);
	}
	if (n >= 0)
		free(list);
	while (v->total > v->most && v->n > 0)
		forget_oldest(v);
}

char *
evidence_folder(const struct alert_settings *s, const char *log_dir)
{
	const char *dir = s->evidence_dir != NULL ? s->evidence_dir : "evidence";
	const char *base = log_dir != NULL && log_dir[0] != '\0' ? log_dir : ".";
	size_t n = strlen(dir) + strlen(base) + 2;
	char *to = malloc(n);

	if (to != NULL)
		(void)snprintf(to, n, "%s%s%s", dir[0] == '/' ? "" : base, dir[0] == '/' ? "" : "/", dir);
	return to;
}

struct evidence *
evidence_open(const struct alert_settings *s, const char *dir, const struct evidence_disk *disk,
    struct counters *c, struct err *e)
{
	struct evidence *v = calloc(1, sizeof(*v));

	if (v == NULL || (v->ring = malloc((size_t)s->evidence_kib * 1024)) == NULL) {
		err_add(e, NULL, 0, 0, "no memory for evidence: lower alerts.evidence.memory");
		evidence_close(v);
		return NULL;
	}
	v->counters = c;
	v->size = (size_t)s->evidence_kib * 1024;
	v->after_ns = s->evidence_after_s * SECOND;
	v->most = s->evidence_mib * 1024 * 1024;
	v->disk = *disk;
	take_stock(v, dir);
	return v;
}

size_t
evidence_memory(const struct evidence *v)
{
	return sizeof(*v) + v->size;
}

void
evidence_close(struct evidence *v)
{
	if (v == NULL)
		return;
	for (struct file *f = v->file; f < v->file + OPEN_FILES && v->ring != NULL; f++)
		if (f->used)
			end(v, f);
	free(v->ring);
	free(v);
}
