#include "record/protocol.h"

#include <stdio.h>
#include <string.h>

static const struct protocol unknown_protocol = { .name = "unknown", .title = "unknown", .event = "unknown" };

/* Defined in dissectors/NAME/protocol.c: a row of op_names.def without one does not link. */
#define OP_PROTO(id, symbol) extern const struct protocol symbol##_protocol;
#include "record/op_names.def"

const struct protocol *const protocols[OP_PROTO_COUNT] = {
	[OP_UNKNOWN] = &unknown_protocol,
#define OP_PROTO(id, symbol) [OP_##id] = &symbol##_protocol,
#include "record/op_names.def"
};

static bool
is_nocase(const char *word, const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n && word[i] != '\0'; i++) {
		char c = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] - 'A' + 'a' : text[i]);

		if (word[i] != c)
			return false;
	}
	return i == n && (word[i] == '\0' || word[i] == ' ');
}

/* By its name, or by a word of `also`. */
static bool
is_spelled(const struct protocol *p, const char *text, size_t n)
{
	if (is_nocase(p->name, text, n))
		return true;
	for (const char *w = p->also; w != NULL && *w != '\0'; w += strspn(w, " ")) {
		if (is_nocase(w, text, n))
			return true;
		w += strcspn(w, " ");
	}
	return false;
}

const struct protocol *
protocol_find(const char *name)
{
	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++)
		if (strcmp(protocols[p]->name, name) == 0)
			return protocols[p];
	return NULL;
}

const struct protocol *
protocol_spelled(const char *text, size_t n)
{
	for (unsigned p = OP_UNKNOWN + 1; n > 0 && p < OP_PROTO_COUNT; p++)
		if (is_spelled(protocols[p], text, n))
			return protocols[p];
	return NULL;
}

bool
protocol_has_port(const uint16_t *ports, uint16_t port)
{
	while (ports != NULL && *ports != 0)
		if (*ports++ == port)
			return true;
	return false;
}

const struct protocol *
protocol_at_port(uint16_t port)
{
	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++)
		if (protocol_has_port(protocols[p]->tcp_ports, port) || protocol_has_port(protocols[p]->udp_ports, port))
			return protocols[p];
	return NULL;
}

uint32_t
protocol_family(enum op_proto of)
{
	uint32_t set = 0;

	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++)
		if (protocols[p]->family == protocols[of]->family)
			set |= PROTO_BIT(p);
	return set;
}

/* What is wrong with one of them by itself; NULL: nothing. */
static const char *
check_one(unsigned at, const struct protocol *p)
{
	const struct protocol *head = (size_t)p->family < OP_PROTO_COUNT ? protocols[p->family] : NULL;

	if (p->proto != at)
		return "stands under another number than its own";
	if (head == NULL || head->family != p->family || p->family == OP_UNKNOWN)
		return "is of a family that does not lead itself";
	if (p->name == NULL || p->title == NULL || p->event == NULL)
		return "has no name, title or event type";
	if (head->event == NULL || strcmp(head->event, p->event) != 0)
		return "has another event type than its family";
	if (head->variable == NULL)
		return "has no variable for its ports, clients and servers";
	if (p->function_max == 0)
		return "has no highest function code";
	if (p->tcp_ports == NULL && p->udp_ports == NULL)
		return "has no port";
	if (p->unit.name == NULL || (p->unit.before != NULL) != (p->unit.between != NULL))
		return "does not say what a unit is";
	if (p->counters.flows == 0 || p->counters.tx == 0 || p->counters.gap == 0 || p->counters.parser == 0 ||
	    p->counters.blind == 0)
		return "is not counted";
	if (p->withdrawn == ANOM_NONE)
		return "has no anomaly for a claim that was wrong";
	return NULL;
}

const char *
protocol_check(char *why, size_t size)
{
	for (unsigned at = OP_UNKNOWN + 1; at < OP_PROTO_COUNT; at++) {
		const struct protocol *p = protocols[at];
		const char *wrong = check_one(at, p);

		for (unsigned k = OP_UNKNOWN + 1; k < at && wrong == NULL; k++) {
			const struct protocol *q = protocols[k];

			if (is_spelled(q, p->name, strlen(p->name)))
				wrong = "has a name that another one has, too";
			for (const char *w = p->also; w != NULL && *w != '\0'; w += strspn(w, " ")) {
				if (is_spelled(q, w, strcspn(w, " ")))
					wrong = "has a spelling that another one has, too";
				w += strcspn(w, " ");
			}
			if (p->family != q->family && strcmp(p->event, q->event) == 0)
				wrong = "has the event type of another family";
			if (p->variable != NULL && q->variable != NULL && strcmp(p->variable, q->variable) == 0)
				wrong = "has the variable of another one";
		}
		if (wrong != NULL) {
			(void)snprintf(why, size, "%s %s", p->name != NULL ? p->name : "a protocol without a name", wrong);
			return why;
		}
	}
	return NULL;
}
