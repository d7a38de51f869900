/* secret.h - passwords, tokens and keys of sinks: the first line of a file, and nothing else. */
#ifndef OUTPUT_SECRET_H
#define OUTPUT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#define SECRET_MAX 4096u

/* `path` NULL: an empty one.  false with the reason in `why`.  Whoever has read it wipes it after use. */
bool	secret_read(const char *path, char to[SECRET_MAX], char *why, size_t why_size);

#endif
