/* value_words.h - one value, in words. */
#ifndef RECORD_VALUE_WORDS_H
#define RECORD_VALUE_WORDS_H

#include "base/str.h"
#include "record/operation.h"

/* "4.5", "1", "\"PUMP 3\"", "12 bytes" of what is no short text of ASCII. */
void op_value_words(struct strbuf *s, const struct op_value *v);

#endif
