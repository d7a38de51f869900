/* commands.h - the detector of commands to controllers. */
#ifndef DETECT_COMMANDS_COMMANDS_H
#define DETECT_COMMANDS_COMMANDS_H

#include "detect/detector.h"

extern const struct detector detector_commands;

#endif
