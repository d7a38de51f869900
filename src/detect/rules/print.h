/* print.h - a checked rule as text again, in one spelling. */
#ifndef DETECT_RULES_PRINT_H
#define DETECT_RULES_PRINT_H

#include <stdio.h>

#include "detect/rules/rule.h"

/* One line, without its end.  Reading it gives the same tree. */
void	rule_print(const struct rule_set *set, const struct rule *r, FILE *to);

/* One option: "dsize:>300;". */
void	rule_print_option(const struct rule_set *set, const struct rule *r, const struct rule_opt *o, FILE *to);

/* The bytes of a content as they are written between quotes. */
void	rule_print_bytes(const uint8_t *p, uint32_t n, FILE *to);

/* "tcp", "modbus", or nDPI's name. */
const char *rule_protocol_name(const struct rule *r);

/* Operands of one protocol's words (word_modbus.c, word_dnp3.c). */
void	print_modbus(const struct rule_modbus *m, FILE *to);
void	print_ind(const struct rule_ind *ind, FILE *to);

#endif
