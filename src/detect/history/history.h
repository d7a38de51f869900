/* history.h - what happened, for who reads the database: writes and commands (deeds), who talks to whom (talks).
 *
 * Both judge nothing.  On the packet path they mark; rows are made and put at ticks.  Without a database they are idle.
 */
#ifndef DETECT_HISTORY_HISTORY_H
#define DETECT_HISTORY_HISTORY_H

#include "detect/detector.h"

extern const struct detector detector_deeds;
extern const struct detector detector_talks;

#endif
