/* item_words.h - where an item lies, in plant words. */
#ifndef RECORD_ITEM_WORDS_H
#define RECORD_ITEM_WORDS_H

#include "base/str.h"
#include "record/operation.h"

/* "DB1.DBW4", "holding registers 0-9", "analog output 3". */
void item_words(struct strbuf *s, const struct op_item *it);

#endif
