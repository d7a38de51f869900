/* row.h - an alert as the flat row that is kept of it. */
#ifndef ALERT_ROW_H
#define ALERT_ROW_H

#include "record/alert.h"
#include "record/keep.h"

/* `to` as a later row of the same uid replaces an earlier one; texts that are too long are cut
 * at a character. */
void	alert_row(const struct alert *a, struct keep_alert *to);

#endif
