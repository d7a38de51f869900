/* folder_kit.h - a folder for one group of tests, gone when it is over: setup and teardown of cmocka.  `folder` is the template of
 * mkdtemp(), the test's own, and stands before this. */
#ifndef TESTS_FOLDER_KIT_H
#define TESTS_FOLDER_KIT_H

#include <stdio.h>
#include <stdlib.h>

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int
remove_folder(void **state)
{
	char line[160];

	(void)state;
	(void)snprintf(line, sizeof(line), "rm -rf '%s'", folder);
	return system(line);
}

#endif
