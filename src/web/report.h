/* report.h - one page that says what a database holds: for who looks after the plant, and for the auditor.
 *
 * The page is whole: no script, no font, no request.  The same view gives the same bytes.
 */
#ifndef WEB_REPORT_H
#define WEB_REPORT_H

#include "web/html.h"
#include "web/view.h"

enum report_form { REPORT_PLANT, REPORT_AUDIT };

struct report_want {
	enum report_form form;
	const char	*file;		/* the database, to read histories of tags from */
	const char	*title;		/* "" or NULL: none of its own */
};

void	report_write(struct html *h, const struct view *v, const struct report_want *w);

#endif
