#include "output/spool.h"

struct spool *
spool_open(const struct spool_settings *s, struct err *e)
{
	err_add(e, NULL, 0, 0, "%s: this version has no spool yet", s->name);
	return NULL;
}

void spool_close(struct spool *s) { (void)s; }
bool spool_put(struct spool *s, const struct line_head *h, const char *line) { (void)s; (void)h; (void)line; return false; }
bool spool_next(struct spool *s, struct line_head *h, char *to, size_t size, uint64_t *record) { (void)s; (void)h; (void)to; (void)size; (void)record; return false; }
bool spool_caught_up(const struct spool *s) { (void)s; return true; }
void spool_forget(struct spool *s, uint64_t record) { (void)s; (void)record; }
void spool_tick(struct spool *s, uint64_t now_ns, bool grave) { (void)s; (void)now_ns; (void)grave; }
const struct spool_counts *spool_count(const struct spool *s) { (void)s; return NULL; }
