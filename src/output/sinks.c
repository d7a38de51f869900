#include "output/sinks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/str.h"
#include "output/convert/convert.h"
#include "output/transport/transport.h"
#include "output/types.h"
#include "record/outputs.h"

/* What makes a format of a line of EVE; NULL: it stays as it is. */
static const struct converter *const converters[OUTPUT_FORMATS] = {
	[OUTPUT_FORMAT_EVE] = NULL,
	[OUTPUT_FORMAT_ECS] = &converter_ecs,
	[OUTPUT_FORMAT_OCSF] = &converter_ocsf,
	[OUTPUT_FORMAT_CEF] = &converter_cef,
	[OUTPUT_FORMAT_LEEF] = &converter_leef,
	[OUTPUT_FORMAT_INFLUX] = &converter_influx,
};

static const struct transport *const transports[OUTPUT_TRANSPORTS] = {
	[OUTPUT_TRANSPORT_FILE] = &transport_file,
	[OUTPUT_TRANSPORT_UNIX_STREAM] = &transport_unix_stream,
	[OUTPUT_TRANSPORT_UNIX_DGRAM] = &transport_unix_dgram,
	[OUTPUT_TRANSPORT_SYSLOG_UDP] = &transport_syslog_udp,
	[OUTPUT_TRANSPORT_SYSLOG_TCP] = &transport_syslog_tcp,
	[OUTPUT_TRANSPORT_SYSLOG_TLS] = &transport_syslog_tls,
	[OUTPUT_TRANSPORT_ELASTICSEARCH] = &transport_elasticsearch,
	[OUTPUT_TRANSPORT_SPLUNK] = &transport_splunk,
	[OUTPUT_TRANSPORT_WEBHOOK] = &transport_webhook,
	[OUTPUT_TRANSPORT_KAFKA] = &transport_kafka,
	[OUTPUT_TRANSPORT_MAIL] = &transport_mail,
};

#define EVE_NAME "eve"	/* the sink of outputs.eve */

unsigned
output_sinks(const struct output_settings *s, struct sink_settings to[SINKS_MAX + 1])
{
	unsigned n = 0;

	if (s->eve)
		to[n++] = (struct sink_settings){ .name = EVE_NAME,
		    .target = s->eve_file != NULL && s->eve_file[0] != '\0' ? s->eve_file : "eve.json",
		    .types = s->eve_types, .format = OUTPUT_FORMAT_EVE, .transport = OUTPUT_TRANSPORT_FILE,
		    .severity = UINT64_MAX, .queue_kib = s->queue_kib, .reserve_mib = s->reserve_mib, .retry_s = 1 };
	for (unsigned i = 0; i < s->n_sinks; i++)
		to[n++] = s->sinks[i];
	return n;
}

bool
output_path(const struct output_settings *s, const char *target, char *to, size_t size)
{
	struct strbuf b = strbuf_on(to, size);

	if (s->log_dir != NULL && s->log_dir[0] != '\0' && target[0] != '/' && strcmp(target, "-") != 0)
		strbuf_printf(&b, "%s/", s->log_dir);
	strbuf_put(&b, target);
	return !b.cut;
}

/* What the transport is to open. */
static bool
sink_target(const struct output_settings *s, const struct sink_settings *k, char *to, size_t size)
{
	if (transport_takes(k->transport, SINK_GROUP_PATH))
		return output_path(s, k->target, to, size);
	return (size_t)snprintf(to, size, "%s", k->target) < size;
}

/* "NAME.what" in the log folder. */
static bool
sink_file(const struct output_settings *s, const struct sink_settings *k, const char *what, char *to, size_t size)
{
	char file[SINK_NAME_MAX + 16];

	(void)snprintf(file, sizeof(file), "%s.%s", k->name, what);
	return output_path(s, file, to, size);
}

bool
output_spool_folder(const struct output_settings *s, const struct sink_settings *k, char *to, size_t size)
{
	char all[OUTPUT_PATH_MAX];

	return output_path(s, s->spool_folder != NULL ? s->spool_folder : "spool", all, sizeof(all)) &&
	    (size_t)snprintf(to, size, "%s/%s", all, k->name) < size;
}

/* ---- what must hold -------------------------------------------------------------- */

#define complain(e, k, ...) err_add(e, (k)->at.file, (k)->at.line, (k)->at.column, __VA_ARGS__)

static bool
name_is_good(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");

	return n > 0 && n < SINK_NAME_MAX && name[n] == '\0';
}

static bool
same_file(const struct output_settings *s, const struct sink_settings *a, const struct sink_settings *b)
{
	char pa[OUTPUT_PATH_MAX], pb[OUTPUT_PATH_MAX];
	struct stat sa, sb;

	if (a->transport != OUTPUT_TRANSPORT_FILE || b->transport != OUTPUT_TRANSPORT_FILE ||
	    !output_path(s, a->target, pa, sizeof(pa)) || !output_path(s, b->target, pb, sizeof(pb)))
		return false;
	if (stat(pa, &sa) != 0 || stat(pb, &sb) != 0)
		return strcmp(pa, pb) == 0;
	/* A device as /dev/null takes lines of anybody. */
	return sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino && !S_ISCHR(sa.st_mode);
}

/* The record types that it is to have. */
static uint32_t
wanted_types(const struct sink_settings *k, bool live, struct err *e)
{
	const bool own = k->name != NULL && strcmp(k->name, EVE_NAME) == 0;

	return types_parse(k->types, converters[k->format] != NULL && converters[k->format]->series ? TYPES_FOR_SERIES :
	    own ? TYPES_FOR_EVE : TYPES_FOR_SINK, live, e);
}

static void
check_sink(const struct output_settings *s, const struct sink_settings *all, const struct sink_settings *k,
    struct err *e)
{
	char path[OUTPUT_PATH_MAX];

	if (k->name == NULL)
		complain(e, k, "this entry of outputs.sinks has no name");
	else if (!name_is_good(k->name))
		complain(e, k, "\"%s\" is no name for an output: letters, digits, - and _, at most 63", k->name);
	if (k->target == NULL)
		complain(e, k, "this entry of outputs.sinks has no target: a path, host:port or a URL");
	else if (!sink_target(s, k, path, sizeof(path)))
		complain(e, k, "the path of this target is longer than %u bytes", OUTPUT_PATH_MAX - 1);
	if (k->rotate_mib + k->rotate_min == 0 && (k->rotate_gzip || k->keep_files + k->keep_days > 0))
		complain(e, k, "rotate-compress, keep-files and keep-days of an output need rotate-size or rotate-every; "
		    "files that another program renames are that program's");
	for (const struct sink_settings *o = all; o < k; o++) {
		if (o->name != NULL && k->name != NULL && strcmp(o->name, k->name) == 0)
			complain(e, k, "there is another output with the name \"%s\"%s", k->name,
			    strcmp(k->name, EVE_NAME) == 0 ? ": that of outputs.eve (outputs.eve.enabled switches it off)" : "");
		if (o->target != NULL && k->target != NULL && same_file(s, o, k))
			complain(e, k, "%s is the file of another output (\"%s\") already; lines of two would be mixed",
			    k->target, o->name != NULL ? o->name : "");
	}
}

bool
output_check(const struct output_settings *s, bool live, struct err *e)
{
	struct sink_settings all[SINKS_MAX + 1];
	unsigned n = output_sinks(s, all);
	int before = e->n;

	for (unsigned i = 0; i < n; i++) {
		check_sink(s, all, &all[i], e);
		(void)wanted_types(&all[i], live, e);
	}
	/* Also where nothing is written: -T must find the wrong word. */
	if (!s->eve)
		(void)types_parse(s->eve_types, TYPES_FOR_EVE, live, e);
	return e->n == before;
}

/* ---- opening ---------------------------------------------------------------------- */

#define SECOND UINT64_C(1000000000)

/* What the transport is told of the settings. */
static struct transport_settings
target_of(const struct sink_settings *k, const struct output_settings *s, const struct output_env *env, const char *path)
{
	return (struct transport_settings){
	    .name = k->name, .target = path, .sensor = s->sensor, .site = NULL,
	    .content_type = converters[k->format] != NULL ? converters[k->format]->content_type : "application/json",
	    .lines_type = converters[k->format] != NULL ? converters[k->format]->lines_type : NULL,
	    .auth = converters[k->format] != NULL ? converters[k->format]->auth : NULL,
	    .reserve = k->reserve_mib << 20, .retry_ns = k->retry_s * SECOND, .fresh = !env->live && !k->spool,
	    .rotate_bytes = k->rotate_mib << 20, .rotate_ns = k->rotate_min * 60 * SECOND,
	    .keep_files = k->keep_files, .keep_ns = k->keep_days * 86400 * SECOND,
	    .rotate_gzip = k->rotate_gzip, .sync = k->sync,
	    .tls_ca = k->tls_ca, .tls_cert = k->tls_cert, .tls_key = k->tls_key, .tls_name = k->tls_name,
	    .user = k->user, .secret_file = k->secret_file, .proxy = k->proxy, .timeout_ns = k->timeout_s * SECOND,
	    .batch_lines = k->batch_lines, .batch_bytes = k->batch_kib << 10, .batch_ns = k->batch_ms * (SECOND / 1000),
	    .gzip = k->gzip, .overlap = k->overlap, .facility = k->facility, .app_name = k->app_name, .hostname = k->hostname,
	    .watched = env->watched, .topic = k->topic, .index = k->index,
	    .properties = k->properties, .mail_from = k->mail_from, .mail_to = k->mail_to,
	    .mail_severity = k->mail_severity, .mails_an_hour = k->mails_an_hour, .digest_at_s = k->digest_h * 3600,
	};
}

static void
open_one(struct sinks *to, const struct sink_settings *k, const struct output_settings *s,
    const struct output_env *env, struct counters *c, struct err *e)
{
	struct sink *one = &to->of[to->n];
	const struct transport *t = transports[k->transport];
	char path[OUTPUT_PATH_MAX], folder[OUTPUT_PATH_MAX], rejected[OUTPUT_PATH_MAX];
	struct transport_settings target = target_of(k, s, env, path);
	const struct spool_settings spool = { .name = k->name, .folder = folder, .bytes = k->spool_mib << 20,
	    .age_ns = k->spool_h * 3600 * SECOND, .sync = k->sync };
	const struct relay_settings relay = { .name = k->name, .converter = converters[k->format],
	    .convert = { .sensor = s->sensor }, .spool = k->spool ? &spool : NULL, .rejected = rejected,
	    .rejected_bytes = k->rejected_mib << 20, .batch_lines = transport_takes(k->transport, SINK_GROUP_BATCH) ? k->batch_lines : 0,
	    .batch_bytes = transport_takes(k->transport, SINK_GROUP_BATCH) ? k->batch_kib << 10 : 0, .retry_ns = k->retry_s * SECOND };
	/* A replay waits for its writer: there a queue is only as large as stays in the
	 * processor's cache. */
	struct writer_settings writer = {
	    .name = k->name, .queue = env->live ? (size_t)k->queue_kib * 1024 : 2 * OUTPUT_LINE_MAX,
	    .lossless = !env->live, .deadline_ns = env->deadline_ns };

	if (relay.converter != NULL || t->send != NULL || t->acked != NULL || k->spool)
		writer.relay = &relay;
	*one = (struct sink){ .types = wanted_types(k, env->live, e), .severity = k->severity,
	    .format = converters[k->format] != NULL ? converters[k->format]->name : format_eve.name };
	one->name = k->name;
	wanted_open(&one->wanted, k, env, e);
	if (!sink_target(s, k, path, sizeof(path)) || !sink_file(s, k, "rejected", rejected, sizeof(rejected)) ||
	    !output_spool_folder(s, k, folder, sizeof(folder)))
		return;
	one->writer = writer_open(t, &target, &writer, c, e);
	to->n += one->writer != NULL;
}

/* A line is put into spools first, and files follow them. */
static void
put_in_order(struct sinks *to)
{
	unsigned k = 0, spooled;

	for (unsigned i = 0; i < to->n; i++)
		if (writer_is_spooled(to->of[i].writer))
			to->order[k++] = &to->of[i];
	spooled = k;
	for (unsigned i = 0; i < to->n; i++)
		if (!writer_is_spooled(to->of[i].writer)) {
			for (unsigned f = 0; f < spooled; f++)
				writer_follow(to->of[i].writer, to->order[f]->writer);
			to->order[k++] = &to->of[i];
		}
}

void
sinks_open(struct sinks *to, const struct output_settings *s, const struct output_env *env,
    struct counters *c, struct err *e)
{
	struct sink_settings all[SINKS_MAX + 1];
	unsigned n = output_sinks(s, all);
	int before = e->n;

	*to = (struct sinks){ 0 };
	if (!output_check(s, env->live, e))
		return;
	if (n > 0)
		to->eve = format_eve.open(s, env, e);
	for (unsigned i = 0; i < n && to->eve != NULL; i++)
		open_one(to, &all[i], s, env, c, e);
	if (e->n != before) {
		(void)sinks_close(to);
		return;
	}
	put_in_order(to);
}

int
sinks_close(struct sinks *k)
{
	int rc = 0;

	/* All at once: one that hangs takes no other's time. */
	for (unsigned i = 0; i < k->n; i++)
		writer_stop(k->of[i].writer);
	/* Who follows a spool before it. */
	for (unsigned i = k->n; i-- > 0; )
		if (writer_close(k->order[i] != NULL ? k->order[i]->writer : k->of[i].writer) != 0)
			rc = -1;
	if (k->eve != NULL)
		format_eve.close(k->eve);
	*k = (struct sinks){ 0 };
	return rc;
}
