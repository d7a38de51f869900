/* main.c - the command line, nothing else. */
#include "engine/engine.h"

int
main(void)
{
	return 0;
}
