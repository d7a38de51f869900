#include "command/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

bool
scratch_open(struct scratch *s, struct err *e)
{
	const char *below = getenv("TMPDIR");
	int n;

	if (below == NULL || below[0] == '\0')
		below = "/tmp";
	n = snprintf(s->folder, sizeof(s->folder), "%s/thermowell-XXXXXX", below);
	if (n < 0 || (size_t)n >= sizeof(s->folder)) {
		err_add(e, below, 0, 0, "the name of this folder is too long for what a replay finds; set TMPDIR to another");
		return false;
	}
	if (mkdtemp(s->folder) == NULL) {
		err_add(e, below, 0, 0, "a folder for what a replay finds cannot be made there: %s; set TMPDIR to another", strerror(errno));
		return false;
	}
	(void)snprintf(s->store, sizeof(s->store), "%s/store.db", s->folder);
	(void)snprintf(s->baseline, sizeof(s->baseline), "%s/baseline.db", s->folder);
	return true;
}

void
scratch_use(const struct scratch *s, struct settings *to)
{
	struct store_settings *store = &to->store;
	struct keep_settings *const kinds[] = { &store->alerts, &store->incidents, &store->actions, &store->assets, &store->facts, &store->health,
	    &store->deeds, &store->talks, &store->sights, &store->tags, &store->values, &store->minutes, &store->hours };

	store->file = s->store;
	for (size_t i = 0; i < COUNTOF(kinds); i++)
		kinds[i]->days = 0;
}

void
scratch_close(struct scratch *s)
{
	/* What SQLite lays beside a database. */
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };

	for (size_t i = 0; i < COUNTOF(ends); i++) {
		char path[sizeof(s->store) + 16];

		(void)snprintf(path, sizeof(path), "%s%s", s->store, ends[i]);
		(void)unlink(path);
		(void)snprintf(path, sizeof(path), "%s%s", s->baseline, ends[i]);
		(void)unlink(path);
	}
	(void)rmdir(s->folder);
}
