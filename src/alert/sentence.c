#include "alert/sentence.h"

#include <inttypes.h>
#include <string.h>

#include "alert/words.h"
#include "base/str.h"
#include "base/when.h"

static void
put_address(struct strbuf *s, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	(void)addr_print(a, text);
	strbuf_put(s, text);
}

/* The end of a finding by role.  Without a flow the one that sent is the client. */
static const struct addr *
role_of(const struct finding *f, bool server)
{
	if (f->flow != NULL)
		return &f->flow->addr[server ? flow_server(f->flow) : flow_client(f->flow)];
	return server != f->to_client ? &f->dst : &f->src;
}

/* An end whose address is `a`, or, where packets have none, the operation's. */
static void
put_end(struct strbuf *s, const struct finding *f, const struct addr *a, bool server)
{
	if (f->op != NULL && f->op->flow == NULL)
		words_end(s, f->op, server ? OP_SERVER : OP_CLIENT);
	else
		put_address(s, a);
}

static void
put_device(struct strbuf *s, const struct finding *f)
{
	if (f->op != NULL) {
		words_device(s, f->op);
		return;
	}
	for (uint32_t i = 0; i < f->n_numbers && i < FINDING_NUMBERS; i++)
		if (strcmp(f->numbers[i].name, "outstation") == 0)
			strbuf_printf(s, "outstation %" PRId64 " at ", f->numbers[i].value);
	put_address(s, role_of(f, true));
}

static void
put_rule(struct strbuf *s, const struct finding *f)
{
	const char *msg = f->rule != NULL && f->rule->msg != NULL ? f->rule->msg : "A rule matched";
	size_t n = strlen(msg);
	char cut[200];
	struct strbuf one = strbuf_on(cut, sizeof(cut));

	while (n > 0 && strchr(" .:;!", msg[n - 1]) != NULL)
		n--;
	strbuf_printf(&one, "%.*s", (int)n, msg);
	strbuf_put(s, cut);
}

/* That a device did what it was asked is news only where it was asked before, and that
 * it has not answered where that will be said. */
static void
put_done(struct strbuf *s, const struct finding *f)
{
	if (f->stage == FINDING_ASKED && f->op->outcome == OUTCOME_PENDING)
		strbuf_put(s, "; no answer yet");
	else if (f->stage == FINDING_OUTCOME && f->op->outcome == OUTCOME_ANSWERED)
		strbuf_put(s, "; the device accepted it");
}

static void
put_operation(struct strbuf *s, const struct finding *f)
{
	if (f->op != NULL) {
		words_operation(s, f->op, f->value, f->moved);
		put_done(s, f);
		return;
	}
	if (f->proto == 0 && f->flow == NULL && f->rule != NULL) {
		strbuf_put(s, "a frame that ends before its addresses");
		return;
	}
	put_end(s, f, &f->src, f->to_client);
	strbuf_put(s, " to ");
	put_end(s, f, &f->dst, !f->to_client);
	if (f->dport != 0)
		strbuf_printf(s, " port %u", f->dport);
}

/* Names of countries that English gives an article. */
static bool
has_article(const char *country)
{
	static const char *const with[] = { "Netherlands", "Philippines", "Bahamas", "Maldives", "Seychelles", "Gambia", "Comoros" };
	size_t n = strlen(country);

	for (unsigned i = 0; i < COUNTOF(with); i++)
		if (strcmp(with[i], country) == 0)
			return true;
	return strncmp(country, "United ", 7) == 0 || (n > 8 && strcmp(country + n - 8, " Islands") == 0) ||
	    (n > 9 && strcmp(country + n - 9, " Republic") == 0);
}

/* ", in the Netherlands, operated by Example B.V." */
static void
put_where(struct strbuf *s, const struct location *at)
{
	if (at == NULL)
		return;
	if (strncmp(at->name, "The ", 4) == 0)
		strbuf_printf(s, ", in the %s", at->name + 4);
	else if (at->name[0] != '\0')
		strbuf_printf(s, ", in %s%s", has_article(at->name) ? "the " : "", at->name);
	else if (at->country[0] != '\0')
		strbuf_printf(s, ", in %s", at->country);
	if (at->operator_[0] != '\0')
		strbuf_printf(s, ", operated by %s", at->operator_);
	else if (at->as_number != 0)
		strbuf_printf(s, ", in the network AS%" PRIu32, at->as_number);
}

static bool
put_number(struct strbuf *s, const struct finding *f, const char *name)
{
	for (uint32_t i = 0; i < f->n_numbers && i < FINDING_NUMBERS; i++) {
		if (strcmp(f->numbers[i].name, name) != 0)
			continue;
		if (strcmp(name, "window_s") == 0)
			when_about(s, (uint64_t)f->numbers[i].value);
		else
			strbuf_printf(s, "%" PRId64, f->numbers[i].value);
		return true;
	}
	return false;
}

static void
put_exception(struct strbuf *s, const struct operation *op)
{
	if (op == NULL)
		strbuf_put(s, "an exception");
	else if (op->exception_name != NULL)
		strbuf_put(s, op->exception_name);
	else
		strbuf_printf(s, "exception %" PRIu32, op->exception);
}

static void
put_one(struct strbuf *s, const struct finding *f, const char *name)
{
	const struct operation *op = f->op;

	if (strcmp(name, "client") == 0)
		put_end(s, f, role_of(f, false), false);
	else if (strcmp(name, "server") == 0)
		put_end(s, f, role_of(f, true), true);
	else if (strcmp(name, "src") == 0)
		put_end(s, f, &f->src, f->to_client);
	else if (strcmp(name, "dst") == 0)
		put_end(s, f, &f->dst, !f->to_client);
	else if (strcmp(name, "device") == 0)
		put_device(s, f);
	else if (strcmp(name, "operation") == 0)
		put_operation(s, f);
	else if (strcmp(name, "rule") == 0)
		put_rule(s, f);
	else if (strcmp(name, "what") == 0)
		strbuf_put(s, f->what != NULL ? f->what : "something");
	else if (strcmp(name, "expected") == 0)
		strbuf_put(s, f->expected != NULL ? f->expected : "something else");
	else if (strcmp(name, ",what") == 0)
		strbuf_printf(s, "%s%s", f->what != NULL ? ", " : "", f->what != NULL ? f->what : "");
	else if (strcmp(name, ",expected") == 0)
		strbuf_printf(s, "%s%s", f->expected != NULL ? ", " : "",
		    f->expected != NULL ? f->expected : "");
	else if (strcmp(name, ",where") == 0)
		put_where(s, f->where);
	else if (strcmp(name, "anomaly") == 0)
		strbuf_put(s, f->anomaly != NULL ? anomaly_row(f->anomaly->id)->what :
		    f->what != NULL ? f->what : "an anomaly");
	else if (strcmp(name, "exception") == 0)
		put_exception(s, op);
	else if (strcmp(name, "window") == 0) {
		if (!put_number(s, f, "window_s"))
			strbuf_put(s, "a short time");
	} else if (put_number(s, f, name))
		return;
	else if (op == NULL)
		strbuf_put(s, strcmp(name, "outcome") == 0 ? "" : "?");
	else if (strcmp(name, "function") == 0)
		words_function(s, op);
	else if (strcmp(name, "code") == 0)
		words_code(s, op);
	else if (strcmp(name, "items") == 0 && f->value != NULL)
		strbuf_put(s, f->value);
	else if (strcmp(name, "items") == 0)
		words_items(s, op);
	else if (strcmp(name, "outcome") == 0) {
		words_outcome(s, op);
		put_done(s, f);
	}
	else
		strbuf_put(s, "?");
}

/* For `thermowell explain`: what stands for a placeholder. */
static const char *
plain_word(const char *name)
{
	static const struct { const char *name, *word; } words[] = {
		{ "client", "the client" }, { "server", "the server" }, { "src", "one host" },
		{ "dst", "another" }, { "device", "the device" }, { "function", "a function" },
		{ "code", "a code" }, { "operation", "what was done" }, { "items", "the place" },
		{ "outcome", "" }, { "exception", "an exception" }, { "what", "something" },
		{ "expected", "something else" }, { ",what", "" }, { ",expected", "" }, { ",where", "" },
		{ "anomaly", "what is wrong" }, { "rule", "The rule's message" },
		{ "window", "a time" }, { "count", "so many" }, { "bytes", "so many" },
	};

	for (unsigned i = 0; i < COUNTOF(words); i++)
		if (strcmp(words[i].name, name) == 0)
			return words[i].word;
	return name;
}

static void
expand(struct strbuf *s, const struct finding *f, const char *text)
{
	char name[24];

	while (*text != '\0') {
		size_t n = strcspn(text, "{"), k;

		strbuf_printf(s, "%.*s", (int)n, text);
		text += n;
		if (*text == '\0')
			break;
		k = strcspn(text, "}");
		if (text[k] == '\0' || k - 1 >= sizeof(name))
			break;
		memcpy(name, text + 1, k - 1);
		name[k - 1] = '\0';
		if (f != NULL)
			put_one(s, f, name);
		else
			strbuf_put(s, plain_word(name));
		text += k + 1;
	}
}

const char *
sentence_fill(const struct finding *f, const char *text, char *to, size_t size)
{
	struct strbuf s = strbuf_on(to, size);

	expand(&s, f, text);
	return to;
}

const char *
sentence_make(const struct finding *f, char *to, size_t size)
{
	return sentence_fill(f, alert_type_row(f->type)->sentence, to, size);
}

const char *
sentence_plain(const char *text, char *to, size_t size)
{
	struct strbuf s = strbuf_on(to, size);

	expand(&s, NULL, text);
	if (to[0] >= 'a' && to[0] <= 'z')
		to[0] = (char)(to[0] - 'a' + 'A');
	return to;
}
