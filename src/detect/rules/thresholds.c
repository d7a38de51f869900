#include "detect/rules/thresholds.h"

#include <string.h>

#include "base/str.h"
#include "detect/rules/file.h"
#include "detect/rules/vars.h"
#include "record/alert_type.h"

/* One line. */
struct threshold_line {
	uint32_t		gid, sid;	/* 0: all */
	bool			has_gid, has_sid;
	bool			suppress;
	uint8_t			side;		/* suppress: SIDE_SRC, SIDE_DST, SIDE_ANY (either) */
	bool			tracked, has_ip;
	struct rule_addrs	ip;
	struct slice		limit;		/* "type limit,track by_src,...": as the word has it */
};

static bool
take_ip(struct parser *P, struct threshold_line *s, struct slice v)
{
	s->has_ip = parse_addrs(P, v, &s->ip);
	return s->has_ip;
}

/* Up to a comma outside brackets. */
static bool
next_part(struct slice *rest, struct slice *part)
{
	unsigned depth = 0;
	size_t i;

	if (rest->p == NULL)
		return false;
	for (i = 0; i < rest->n && !(rest->p[i] == ',' && depth == 0); i++)
		depth += (rest->p[i] == '[') - (unsigned)(rest->p[i] == ']' && depth > 0);
	*part = slice_trim((struct slice){ rest->p, i });
	*rest = i < rest->n ? (struct slice){ rest->p + i + 1, rest->n - i - 1 } : (struct slice){ NULL, 0 };
	return true;
}

static bool
take_suppress(struct parser *P, struct threshold_line *s, struct slice name, struct slice v)
{
	if (slice_is(name, "track")) {
		s->tracked = true;
		s->side = slice_is(v, "by_src") ? SIDE_SRC : slice_is(v, "by_dst") ? SIDE_DST : SIDE_ANY;
		if (s->side == SIDE_ANY && !slice_is(v, "by_either")) {
			parse_complain(P, v.p, "track is by_src, by_dst or by_either, not '%.*s'", SLICE(v));
			return false;
		}
		return true;
	}
	if (slice_is(name, "ip"))
		return take_ip(P, s, v);
	parse_complain(P, name.p, "suppress goes on with gen_id, sig_id, track and ip, not '%.*s'", SLICE(name));
	return false;
}

static bool
take_line(struct parser *P, struct slice all, struct threshold_line *s)
{
	struct slice rest = all, verb, part, name;

	*s = (struct threshold_line){ 0 };
	(void)slice_word(&rest, &verb);
	s->suppress = slice_is(verb, "suppress");
	if (slice_is(verb, "rate_filter")) {
		parse_note(P, verb.p, "left out: rate_filter changes what is done to packets, and nothing is done to them here");
		return false;
	}
	if (!s->suppress && !slice_is(verb, "threshold") && !slice_is(verb, "event_filter")) {
		parse_complain(P, verb.p, "a line begins with suppress, threshold or event_filter, not '%.*s'", SLICE(verb));
		return false;
	}
	while (next_part(&rest, &part)) {
		struct slice v = part;
		bool gid;

		(void)slice_word(&v, &name);
		v = slice_trim(v);
		gid = slice_is(name, "gen_id");
		if (gid || slice_is(name, "sig_id")) {
			if (!parse_u32(P, v, 0, UINT32_MAX, gid ? "gen_id" : "sig_id", gid ? &s->gid : &s->sid))
				return false;
			s->has_gid |= gid;
			s->has_sid |= !gid;
		} else if (s->suppress) {
			if (!take_suppress(P, s, name, v))
				return false;
		} else if (s->limit.p == NULL)
			s->limit = (struct slice){ part.p, (size_t)(all.p + all.n - part.p) };
	}
	if (!s->has_gid || !s->has_sid || (s->suppress && s->tracked != s->has_ip)) {
		parse_complain(P, all.p, s->suppress ? "suppress needs gen_id and sig_id, and track and ip both or neither" :
		    "gen_id and sig_id are missing");
		return false;
	}
	if (!s->suppress && s->limit.p == NULL)
		parse_complain(P, all.p, "type, track, count and seconds are missing");
	return s->suppress || s->limit.p != NULL;
}

static void
add_suppress(struct parser *P, struct rule *r, const struct threshold_line *s)
{
	struct rule_suppress *of = rule_array(P->mem, r->n_suppress + 1, sizeof(*of));

	if (of == NULL)
		return;
	if (r->n_suppress > 0)
		memcpy(of, r->suppress, r->n_suppress * sizeof(*of));
	of[r->n_suppress] = (struct rule_suppress){ .always = !s->tracked, .side = s->side, .ip = s->ip };
	r->suppress = of;
	r->n_suppress++;
}

/* Replaces the threshold of the rule itself. */
static void
set_limit(struct parser *P, struct rule *r, const struct rule_opt *limit)
{
	struct rule_opt *of = rule_array(P->mem, r->n_opts + 1, sizeof(*of));
	uint32_t n = 0;

	if (of == NULL)
		return;
	for (uint32_t i = 0; i < r->n_opts; i++)
		if (r->opts[i].word != RW_THRESHOLD)
			of[n++] = r->opts[i];
	of[n++] = *limit;
	r->opts = of;
	r->n_opts = n;
}

static void
apply(struct parser *P, const struct threshold_line *s, struct slice all)
{
	struct rule_opt limit = { .word = RW_THRESHOLD };
	uint32_t n = 0;

	if (!s->suppress && !read_threshold(P, &limit, s->limit))
		return;
	for (uint32_t i = 0; i < P->set->n_rules; i++) {
		struct rule *r = &P->set->rules[i];

		if ((s->gid != 0 && r->meta.gid != s->gid) || (s->sid != 0 && r->meta.sid != s->sid))
			continue;
		n++;
		if (s->suppress)
			add_suppress(P, r, s);
		else
			set_limit(P, r, &limit);
	}
	if (s->gid == ALERT_GID)
		parse_note(P, all.p, "without effect: gen_id %u are the sensor's own alerts, which no rule raises", s->gid);
	else if (n == 0)
		parse_note(P, all.p, "without effect: no rule has the number %u:%u", s->gid, s->sid);
}

void
thresholds_read(struct parser *P, struct lexer *x, const char *files)
{
	struct slice list = { files, files != NULL && strcmp(files, "none") != 0 ? strlen(files) : 0 }, one, text;

	while (list.n > 0 && slice_part(&list, ',', &one)) {
		P->file = rule_text(P->mem, one.p, one.n);
		if (P->file == NULL || !file_read(P->mem, P->file, &text, P->problems))
			continue;
		lex_begin(x, P->mem, text.p, text.n);
		while (!P->mem->failed && lex_next(x)) {
			struct slice all = slice_trim((struct slice){ x->rule.text, x->rule.n });
			struct threshold_line s;

			P->text = &x->rule;
			P->bad = P->skip = false;
			P->n_opts = 0;
			P->at[0] = all;
			if (take_line(P, all, &s))
				apply(P, &s, all);
		}
	}
}
