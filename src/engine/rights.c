#include "engine/rights.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

#ifdef HAVE_CAPNG
#include <cap-ng.h>

/* By which root reads captures and writes folders of others. */
static const unsigned of_files[] = { CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, CAP_FOWNER, CAP_CHOWN };

/* None may be had again, by nothing that is run.  Needs CAP_SETPCAP, which a service may lack: then
 * it has been done for us. */
static void
empty_bounds(void)
{
	if (capng_get_caps_process() != 0 || !capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		return;
	capng_clear(CAPNG_SELECT_BOUNDS);
	(void)capng_apply(CAPNG_SELECT_BOUNDS);
}

static bool
drop_capabilities(bool keep_files, struct err *e)
{
	bool has[COUNTOF(of_files)], any = false;

	if (capng_get_caps_process() != 0) {
		err_add(e, NULL, 0, 0, "the capabilities of this process cannot be read");
		return false;
	}
	for (size_t i = 0; i < COUNTOF(of_files); i++)
		has[i] = keep_files && capng_have_capability(CAPNG_EFFECTIVE, of_files[i]);
	capng_clear(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT);
	for (size_t i = 0; i < COUNTOF(of_files); i++)
		if (has[i]) {
			(void)capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, of_files[i]);
			any = true;
		}
	if (capng_apply(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT) != 0 || capng_get_caps_process() != 0 ||
	    (!any && capng_have_capabilities(CAPNG_SELECT_CAPS) != CAPNG_NONE)) {
		err_add(e, NULL, 0, 0, "capabilities cannot be given up: %s", strerror(errno));
		return false;
	}
	return true;
}

#else

static void
empty_bounds(void)
{
}

static bool
drop_capabilities(bool keep_files, struct err *e)
{
	(void)e;
	if (!keep_files && geteuid() == 0)
		log_warn("rights", "built without libcap-ng: capabilities are kept");
	return true;
}

#endif

/* A number, or a name by `find`. */
static bool
id_of(const char *word, const char *setting, bool (*find)(const char *word, unsigned *id), unsigned *id, struct err *e)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (word[0] != '\0' && *end == '\0' && n < 0xffffffffu) {
		*id = (unsigned)n;
		return true;
	}
	if (find(word, id))
		return true;
	err_add(e, NULL, 0, 0, "%s: there is no \"%s\" here", setting, word);
	return false;
}

static bool
find_group(const char *word, unsigned *id)
{
	const struct group *g = getgrnam(word);

	if (g != NULL)
		*id = g->gr_gid;
	return g != NULL;
}

static bool
find_user(const char *word, unsigned *id)
{
	const struct passwd *p = getpwnam(word);

	if (p != NULL)
		*id = p->pw_uid;
	return p != NULL;
}

/* Whom the settings name. */
static bool
whom(const struct run_settings *s, unsigned *uid, unsigned *gid, struct err *e)
{
	const struct passwd *p;

	if (!id_of(s->user, "run.user", find_user, uid, e))
		return false;
	if (s->group != NULL && s->group[0] != '\0')
		return id_of(s->group, "run.group", find_group, gid, e);
	p = getpwuid(*uid);
	*gid = p != NULL ? p->pw_gid : *uid;
	return true;
}

static bool
become(const struct run_settings *s, struct err *e)
{
	unsigned uid, gid;

	if (!whom(s, &uid, &gid, e))
		return false;
	if (geteuid() == uid && getegid() == gid && geteuid() != 0)
		return true;	/* as a service manager started it */
	if (setgroups(0, NULL) != 0 || setresgid(gid, gid, gid) != 0 || setresuid(uid, uid, uid) != 0) {
		err_add(e, NULL, 0, 0, "run.user: cannot become %s: %s; only root can, or leave run.user empty", s->user,
		    strerror(errno));
		return false;
	}
	if (uid != 0 && (setresuid(0, 0, 0) == 0 || setresgid(0, 0, 0) == 0)) {
		err_add(e, NULL, 0, 0, "run.user: root's rights did not go");
		return false;
	}
	return true;
}

bool
rights_drop(const struct run_settings *s, bool live, struct err *e)
{
	bool named = live && s->user != NULL && s->user[0] != '\0';

	empty_bounds();
	if (named && !become(s, e))
		return false;
	if (!drop_capabilities(!named, e))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		err_add(e, NULL, 0, 0, "no-new-privileges cannot be set: %s", strerror(errno));
		return false;
	}
	if (live && geteuid() == 0)
		log_note("rights", "runs as root; run.user names a user to become once the interfaces are open");
	return true;
}
