#include "base/lib.h"

#include <dlfcn.h>

bool
lib_load(const char *soname, const char *package, const struct lib_name *names, unsigned n, struct err *e)
{
	void *lib;

	if (*names[n - 1].at != NULL)
		return true;
	lib = dlopen(soname, RTLD_NOW | RTLD_LOCAL);
	if (lib == NULL) {
		err_add(e, NULL, 0, 0, "%s cannot be loaded (%s); install it (Debian: %s)", soname, dlerror(), package);
		return false;
	}
	for (unsigned i = 0; i < n; i++) {
		*names[i].at = dlsym(lib, names[i].name);
		if (*names[i].at == NULL) {
			err_add(e, NULL, 0, 0, "%s has no %s: it is too old", soname, names[i].name);
			*names[n - 1].at = NULL;
			return false;
		}
	}
	return true;
}
