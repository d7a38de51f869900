#include "output/transport/secret.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

bool
secret_read(const char *path, char to[SECRET_MAX], char *why, size_t why_size)
{
	FILE *f;
	size_t n;
	bool good;

	to[0] = '\0';
	if (path == NULL)
		return true;
	f = fopen(path, "re");
	if (f == NULL) {
		(void)snprintf(why, why_size, "secret-file %s cannot be read: %s", path, strerror(errno));
		return false;
	}
	n = fread(to, 1, SECRET_MAX - 1, f);
	(void)fclose(f);
	to[n] = '\0';
	to[strcspn(to, "\r\n")] = '\0';
	good = to[0] != '\0' && strlen(to) < SECRET_MAX - 1;
	if (!good)
		(void)snprintf(why, why_size, "secret-file %s: its first line is empty or longer than %u bytes", path, SECRET_MAX - 2);
	return good;
}
