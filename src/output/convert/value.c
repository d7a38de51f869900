/* value.c - one value of EVE in the form that a target wants. */
#include "output/convert/parts.h"

#include <stdio.h>
#include <string.h>

#include "base/real.h"
#include "base/str.h"
#include "output/jsonw.h"

/* ---- times ----------------------------------------------------------------------- */

/* Two or four digits; -1: they are none. */
static int
digits(const char *p, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		v = v * 10 + (p[i] - '0');
	}
	return v;
}

/* Days since 1970 of a date of the Gregorian calendar. */
static int64_t
days_of(int y, int m, int d)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	int past = y - (m <= 2);	/* years whose 29 February is over */

	return (int64_t)y * 365 + past / 4 - past / 100 + past / 400 + before[m - 1] + d - 1 - 719527;
}

#define TIME_FORM "dddd-dd-ddTdd:dd:dd.dddddd+0000"

bool
value_ms(const char *text, int64_t *ms)
{
	int y, mon, d, h, min, s, us;

	if (strlen(text) != sizeof(TIME_FORM) - 1)
		return false;
	for (size_t i = 0; i < sizeof(TIME_FORM) - 1; i++)
		if (TIME_FORM[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != TIME_FORM[i])
			return false;
	y = digits(text, 4);
	mon = digits(text + 5, 2);
	d = digits(text + 8, 2);
	h = digits(text + 11, 2);
	min = digits(text + 14, 2);
	s = digits(text + 17, 2);
	us = digits(text + 20, 6);
	if (mon < 1 || mon > 12 || d < 1 || d > 31 || h > 23 || min > 59 || s > 59)
		return false;
	*ms = ((days_of(y, mon, d) * 24 + h) * 60 + min) * 60000 + s * 1000 + us / 1000;
	return true;
}

static json_t *
time_for(enum target target, const char *text)
{
	char to[40];
	int64_t ms;

	if (!value_ms(text, &ms))
		return NULL;
	if (target == ON_OCSF || target == ON_CEF)
		return json_integer(ms);
	/* ECS: microseconds and Z.  LEEF: what its devTimeFormat says, with milliseconds. */
	if (target == ON_ECS)
		(void)snprintf(to, sizeof(to), "%.26sZ", text);
	else
		(void)snprintf(to, sizeof(to), "%.23s+0000", text);
	return json_string(to);
}

/* ---- others ------------------------------------------------------------------------ */

static json_t *
lower(const char *text, size_t n, char (*change)(char))
{
	char to[256];

	if (n >= sizeof(to))
		return NULL;
	for (size_t i = 0; i < n; i++)
		to[i] = change(text[i]);
	return json_stringn(to, n);
}

static char
to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* RFC 7042, as ECS wants a hardware address: 00-00-5E-00-53-23. */
static char
to_mac(char c)
{
	return c == ':' ? '-' : c >= 'a' && c <= 'f' ? (char)(c - 'a' + 'A') : c;
}

static json_t *
severity_for(enum target target, const json_t *v, const char *word)
{
	const struct severity_row *r;

	if (!json_is_integer(v))
		return NULL;
	r = severity_row(json_integer_value(v));
	if (strcmp(word, "severity_id") == 0)
		return json_integer(r->ocsf);
	if (strcmp(word, "severity") == 0)
		return json_string(r->caption);
	if (strcmp(word, "event.risk_score") == 0)
		return json_integer(r->risk);
	return target == ON_ECS ? json_integer(json_integer_value(v)) : json_integer(r->cef);
}

static json_t *
outcome_for(enum target target, const char *text)
{
	if (target != ON_ECS)
		return json_string(text);
	if (strcmp(text, "answered") == 0)
		return json_string("success");
	return json_string(strcmp(text, "exception") == 0 ? "failure" : "unknown");
}

static json_t *
ip_version_for(enum target target, const json_t *v)
{
	json_int_t n = json_integer_value(v);

	if (n != 4 && n != 6)
		return NULL;
	return target == ON_ECS ? json_string(n == 4 ? "ipv4" : "ipv6") : json_integer(n);
}

/* Tags of a frame, the outer one first. */
static json_t *
vlan_for(enum target target, const json_t *v)
{
	char text[24], inner[24];
	json_int_t outer = json_integer_value(json_array_get(v, 0));

	if (!json_is_integer(json_array_get(v, 0)))
		return NULL;
	(void)snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, outer);
	if (target != ON_ECS)
		return json_string(text);
	if (!json_is_integer(json_array_get(v, 1)))
		return json_pack("{s:{s:s}}", "vlan", "id", text);
	(void)snprintf(inner, sizeof(inner), "%" JSON_INTEGER_FORMAT, json_integer_value(json_array_get(v, 1)));
	return json_pack("{s:{s:s}, s:{s:{s:s}}}", "vlan", "id", text, "inner", "vlan", "id", inner);
}

static json_t *
text_for(const json_t *v)
{
	char text[40];

	if (json_is_string(v))
		return json_stringn(json_string_value(v), json_string_length(v));
	if (!json_is_integer(v))
		return NULL;
	(void)snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	return json_string(text);
}

static json_t *
dataset_for(enum target target, const char *text)
{
	return target == ON_ECS ? json_sprintf("thermowell.%s", text) : json_string(text);
}

static json_t *
seconds_for(enum target target, const json_t *v)
{
	json_int_t s = json_integer_value(v), unit = target == ON_ECS ? 1000000000 : 1000;

	if (!json_is_integer(v) || s < 0 || s > INT64_MAX / unit)
		return NULL;
	return json_integer(s * unit);
}

/* A copy of a scalar; lists and objects are shared, for nobody changes them. */
static json_t *
scalar_for(enum target target, enum field_kind kind, const json_t *v, const char *word)
{
	const char *text = json_is_string(v) ? json_string_value(v) : "";
	size_t n = json_string_length(v);

	switch (kind) {
	case FIELD_TIME:	return time_for(target, text);
	case FIELD_LOWER:	return target == ON_CEF ? json_stringn(text, n) : lower(text, n, to_lower);
	case FIELD_MAC:		return target == ON_ECS ? lower(text, n, to_mac) : json_stringn(text, n);
	case FIELD_TEXT:	return text_for(v);
	case FIELD_SECONDS:	return seconds_for(target, v);
	case FIELD_IP_VERSION:	return ip_version_for(target, v);
	case FIELD_SEVERITY:	return severity_for(target, v, word);
	case FIELD_OUTCOME:	return outcome_for(target, text);
	case FIELD_DATASET:	return dataset_for(target, text);
	case FIELD_PROTOCOL:	return n == 0 || strcmp(text, "failed") == 0 ? NULL : json_stringn(text, n);
	default:		return json_incref((json_t *)(uintptr_t)v);
	}
}

json_t *
value_for(enum target target, enum field_kind kind, const json_t *v, const char *word)
{
	json_t *list, *one;
	size_t i, n = strlen(word);

	if (json_is_null(v))
		return NULL;
	if (kind == FIELD_VLAN)
		return vlan_for(target, v);
	if (!json_is_array(v) || kind == FIELD_AS_IS)
		return scalar_for(target, kind, v, word);
	/* Of a list what the target has room for. */
	if (kind != FIELD_LIST && (n < 2 || strcmp(word + n - 2, "[]") != 0))
		return json_array_size(v) == 0 ? NULL : scalar_for(target, kind, json_array_get(v, 0), word);
	list = json_array();
	json_array_foreach(v, i, one)
		(void)json_array_append_new(list, scalar_for(target, kind, one, word));
	if (json_array_size(list) > 0)
		return list;
	json_decref(list);
	return NULL;
}

json_t *
value_words(const char *words)
{
	json_t *list = json_array();
	const char *word;

	for (size_t n; (n = str_next(&words, &word)) > 0;)
		(void)json_array_append_new(list, json_stringn(word, n));
	return list;
}

/* ---- JSON ----------------------------------------------------------------------------- */

static void	print(struct jsonw *j, const json_t *v);

static void
print_object(struct jsonw *j, const json_t *v)
{
	const char *key;
	json_t *one, *object = (json_t *)(uintptr_t)v;

	jsonw_object(j, NULL);
	json_object_foreach(object, key, one) {
		char *p;

		jsonw_text(j, NULL, key);
		j->comma = false;
		p = jsonw_member(j, NULL, 1);
		if (p == NULL)
			return;
		*p = ':';
		jsonw_took(j, p + 1);
		j->comma = false;
		print(j, one);
	}
	jsonw_object_end(j);
}

static void
print(struct jsonw *j, const json_t *v)
{
	const json_t *one;
	size_t i;

	switch (json_typeof(v)) {
	case JSON_OBJECT:	print_object(j, v); break;
	case JSON_ARRAY:
		jsonw_array(j, NULL);
		json_array_foreach(v, i, one)
			print(j, one);
		jsonw_array_end(j);
		break;
	case JSON_STRING:	jsonw_bytes(j, NULL, (const uint8_t *)json_string_value(v), json_string_length(v)); break;
	case JSON_INTEGER:	jsonw_i64(j, NULL, json_integer_value(v)); break;
	case JSON_REAL:		jsonw_real(j, NULL, json_real_value(v)); break;
	case JSON_TRUE:		jsonw_bool(j, NULL, true); break;
	case JSON_FALSE:	jsonw_bool(j, NULL, false); break;
	case JSON_NULL:		jsonw_null(j, NULL); break;
	}
}

void
json_to_text(const json_t *v, struct text *to)
{
	/* Most lines fit the first time, as the space behind them does. */
	for (size_t size = 16384; v != NULL; size *= 2) {
		size_t left = to->most - to->len;
		char *p = text_space(to, size < left ? size : left);
		struct jsonw j;

		if (p == NULL)
			return;
		j = jsonw_on(p, size < left ? size : left);
		print(&j, v);
		if (!j.full) {
			to->len += j.len;
			return;
		}
		if (size >= left)
			break;
	}
	to->cut = true;
}
