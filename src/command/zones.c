/* thermowell zones propose: of captures, or of what a sensor has learned. */
#include "command/zones.h"

#include <string.h>

#include "command/command.h"

struct job {
	struct err	*e;
	bool		 good;
};

static void
ran(void *arg, const struct seen *s, const struct zones_known *known)
{
	struct job *j = arg;

	j->good = zones_propose(s, known, stdout, j->e);
}

static bool
is_given(const char *file)
{
	return file != NULL && file[0] != '\0';
}

int
zones_command(const struct command_job *z, struct err *e)
{
	struct job j = { .e = e };
	struct settings s = command_quietly(z->settings);
	const struct engine_run run = { .settings = &s, .files = z->files, .n_files = z->n_files, .seen = ran, .arg = &j };

	if (z->n_words != 1 || strcmp(z->words[0], "propose") != 0) {
		err_add(e, NULL, 0, 0, "write: thermowell zones propose -r FILE..., or --store FILE");
		return COMMAND_MISUSED;
	}
	if (z->n_files == 0 && (is_given(z->settings->store.file) || is_given(z->settings->baseline.file)))
		return zones_propose_kept(z->settings, stdout, e) ? COMMAND_DONE : COMMAND_FAILED;
	if (z->n_files == 0) {
		err_add(e, NULL, 0, 0, "give captures (thermowell zones propose -r FILE|DIR...) or the database of a sensor that has learned "
		    "(--store FILE, --baseline FILE)");
		return COMMAND_MISUSED;
	}
	/* Nobody judges, and what is configured already is no matter. */
	s.rules.files = "none";
	s.zones.n = s.zones.n_conduits = 0;
	return engine_run(&run, e) == 0 && j.good ? COMMAND_DONE : COMMAND_FAILED;
}
