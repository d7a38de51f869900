/* example.h - the example dissector, for the tests that link it. */
#ifndef DISSECTORS_EXAMPLE_EXAMPLE_H
#define DISSECTORS_EXAMPLE_EXAMPLE_H

#include "dissect/dissector.h"

#define EXAMPLE_MAGIC 0x5850u	/* 'X' 'P' */

extern const struct dissector dissector_example;

#endif
