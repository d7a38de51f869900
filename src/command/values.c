#include "command/values.h"

#include <string.h>

int
values_command(const struct command_job *job, struct err *e)
{
	if (job->n_words == 1 && strcmp(job->words[0], "propose") == 0)
		return values_propose(job, e);
	err_add(e, NULL, 0, 0, "write: thermowell values propose -r FILE...");
	return COMMAND_MISUSED;
}
