/* match_class_kit.h - what tests of classes and of rule sets need to know of. */
#ifndef TESTS_MATCH_CLASS_KIT_H
#define TESTS_MATCH_CLASS_KIT_H

#include "tests/unit/match_kit.h"

#include "base/str.h"
#include "detect/match/match.h"
#include "record/dnp3.h"
#include "record/modbus.h"
#include "record/s7.h"

#endif
