/* values.h - `thermowell values`: what each of its words does. */
#ifndef COMMAND_VALUES_H
#define COMMAND_VALUES_H

#include "command/command.h"

/* values propose -r FILE...: print a tag file.  Exit status. */
int	values_propose(const struct command_job *job, struct err *e);

#endif
