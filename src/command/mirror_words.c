/* mirror_words.c - what a time of listening at a mirror port showed, as a text and as JSON. */
#include "command/mirror.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"

#define VLANS_SHOWN	16u
#define COLUMNS		100

static unsigned
wrong(const struct mirror *m)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MIRROR_CHECKS; i++)
		n += m->checks[i].wrong;
	return n;
}

/* "12 of 345 frames (3.5 %)" */
static void
print_share(const struct mirror *m, unsigned i, FILE *to)
{
	uint64_t part = m->checks[i].part, whole = m->checks[i].whole;

	fprintf(to, "%" PRIu64, part);
	if (whole > 1)
		fprintf(to, " of %" PRIu64, whole);
	fprintf(to, " %s", mirror_rows[i].unit);
	if (whole > 1)
		fprintf(to, " (%.1f %%)", (double)part * 100 / (double)whole);
}

static void
label(const char *text, FILE *to)
{
	fprintf(to, "  %-18s", text);
}

/* "3 of 4 TCP conversations, 60 of 90 operations with both sides" */
static void
print_both(const struct mirror *m, FILE *to)
{
	if (m->tcp > 0)
		fprintf(to, "%" PRIu64 " of %" PRIu64 " TCP conversation%s", m->tcp - m->tcp_sided, m->tcp, m->tcp == 1 ? "" : "s");
	if (m->operations > 0)
		fprintf(to, "%s%" PRIu64 " of %" PRIu64 " operation%s", m->tcp > 0 ? ", " : "", m->operations - m->sided, m->operations,
		    m->operations == 1 ? "" : "s");
	fputs(" with both sides", to);
}

static void
print_sides(const struct mirror *m, FILE *to)
{
	label("both directions", to);
	if (m->tcp + m->operations == 0) {
		fputs("nothing that would tell\n", to);
		return;
	}
	fprintf(to, "%s", m->checks[MIRROR_DIRECTION].wrong ? "no: " : m->checks[MIRROR_SIDES].wrong ? "in part: " : "yes: ");
	print_both(m, to);
	fputc('\n', to);
}

static void
print_vlans(const struct mirror *m, FILE *to)
{
	unsigned shown = 0, more = 0;

	label("VLANs", to);
	for (unsigned v = 1; v < MIRROR_VLANS; v++) {
		if (m->vlans[v] == 0)
			continue;
		if (shown == VLANS_SHOWN)
			more++;
		else
			fprintf(to, "%s%u (%" PRIu64 " conversation%s)", shown++ > 0 ? ", " : "", v, m->vlans[v], m->vlans[v] == 1 ? "" : "s");
	}
	if (more > 0)
		fprintf(to, " and %u more", more);
	if (shown == 0)
		fputs(m->vlans[MIRROR_VLANS] > 0 ? "none: frames have no tags, because there are none or the switch takes them off\n" : "none\n", to);
	else {
		if (m->vlans[MIRROR_VLANS] > 0)
			fprintf(to, ", without a tag (%" PRIu64 ")", m->vlans[MIRROR_VLANS]);
		fputc('\n', to);
	}
}

static void
print_protocols(const struct mirror *m, FILE *to)
{
	unsigned n = 0;

	label("plant protocols", to);
	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++)
		if (m->of[p] + m->flows_of[p] > 0)
			fprintf(to, "%s%s (%" PRIu64 " operation%s)", n++ > 0 ? ", " : "", protocols[p]->title, m->of[p], m->of[p] == 1 ? "" : "s");
	if (m->plant_frames > 0)
		fprintf(to, "%sstraight on Ethernet (%" PRIu64 " frame%s)", n++ > 0 ? ", " : "", m->plant_frames, m->plant_frames == 1 ? "" : "s");
	fputs(n == 0 ? "none\n" : "\n", to);
}

/* A text in lines that a terminal has space for, each but the first behind so many blanks. */
static void
wrap(const char *text, int blanks, FILE *to)
{
	int column = blanks;

	for (size_t n; *text != '\0'; text += n + strspn(text + n, " ")) {
		n = strcspn(text, " ");
		if (column > blanks && column + 1 + (int)n > COLUMNS) {
			fprintf(to, "\n%*s", blanks, "");
			column = blanks;
		} else if (column > blanks) {
			fputc(' ', to);
			column++;
		}
		fwrite(text, 1, n, to);
		column += (int)n;
	}
	fputc('\n', to);
}

static void
print_wrong(const struct mirror *m, FILE *to)
{
	unsigned n = 0;

	for (unsigned i = 0; i < MIRROR_CHECKS; i++) {
		if (!m->checks[i].wrong)
			continue;
		fprintf(to, "\n%u. ", ++n);
		wrap(mirror_rows[i].problem, 3, to);
		if (i != MIRROR_NOTHING) {
			fputs("   Seen: ", to);
			if (i == MIRROR_DIRECTION || i == MIRROR_SIDES)
				print_both(m, to);
			else
				print_share(m, i, to);
			fputs(".\n", to);
		}
		fputs("   To change: ", to);
		wrap(mirror_rows[i].change, 14, to);
	}
}

void
mirror_print(const struct mirror *m, FILE *to)
{
	unsigned n = wrong(m);

	fprintf(to, "%s %s, %.0f second%s: %" PRIu64 " frame%s, %" PRIu64 " bytes.\n", m->live ? "Listened at" : "Read", m->source, m->seconds,
	    m->seconds >= 0.5 && m->seconds < 1.5 ? "" : "s", m->frames, m->frames == 1 ? "" : "s", m->bytes);
	if (n == 0)
		fputs("The mirror port is right.\n", to);
	else
		fprintf(to, "The mirror port is not right: %u thing%s to change.\n", n, n == 1 ? "" : "s");
	print_wrong(m, to);
	if (m->frames == 0)
		return;
	fputs("\nWhat was seen\n", to);
	print_sides(m, to);
	print_vlans(m, to);
	print_protocols(m, to);
	label("devices", to);
	fprintf(to, "%" PRIu32 ", %" PRIu32 " of them in control traffic\n", m->devices.n, m->control);
	for (unsigned i = 0; i < MIRROR_CHECKS; i++) {
		if (mirror_rows[i].label == NULL)
			continue;
		label(mirror_rows[i].label, to);
		if (m->checks[i].part == 0)
			fputs("none", to);
		else
			print_share(m, i, to);
		fputs(m->checks[i].part > 0 && !m->checks[i].wrong ? ": too few to matter\n" : "\n", to);
	}
	if (m->devices.n > 0) {
		fputs("\nDevices", to);
		if (m->devices.n > MIRROR_MAIN)
			fprintf(to, ", the %u of %" PRIu32 " that do most (all: thermowell assets)", MIRROR_MAIN, m->devices.n);
		fputc('\n', to);
		(void)assets_table((struct asset_rows *)&m->devices, "  ", true, MIRROR_MAIN, to);
	}
}

static json_t *
json_counts(uint64_t all, uint64_t sided)
{
	return json_pack("{s:I, s:I}", "seen", (json_int_t)all, "one_sided", (json_int_t)sided);
}

static json_t *
json_devices(const struct mirror *m)
{
	json_t *list = json_array();
	char text[ASSET_PROTOCOLS];

	for (uint32_t i = 0; i < m->devices.n && i < MIRROR_MAIN; i++) {
		const struct device *d = asset_row((struct asset_rows *)&m->devices, i);
		json_t *one = json_pack("{s:s, s:s}", "id", d->id, "protocols", asset_protocols(d, text));

		if (d->n_roles > 0 && d->roles[0].role < ROLE_COUNT)
			(void)json_object_set_new(one, "role", json_string(role_rows[d->roles[0].role].text));
		if (device_model(d)[0] != '\0')
			(void)json_object_set_new(one, "model", json_from_text(device_model(d)));
		(void)json_array_append_new(list, one);
	}
	return json_pack("{s:I, s:I, s:o}", "seen", (json_int_t)m->devices.n, "control", (json_int_t)m->control, "main", list);
}

json_t *
mirror_json(const struct mirror *m)
{
	json_t *vlans = json_array(), *plant = json_array(), *checks = json_object(), *change = json_array();

	for (unsigned v = 1; v < MIRROR_VLANS; v++)
		if (m->vlans[v] > 0)
			(void)json_array_append_new(vlans, json_pack("{s:i, s:I}", "vlan", (int)v, "conversations", (json_int_t)m->vlans[v]));
	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++)
		if (m->of[p] + m->flows_of[p] > 0)
			(void)json_array_append_new(plant, json_pack("{s:s, s:I, s:I}", "protocol", protocols[p]->name, "operations",
			    (json_int_t)m->of[p], "conversations", (json_int_t)m->flows_of[p]));
	for (unsigned i = 0; i < MIRROR_CHECKS; i++) {
		const struct mirror_row *row = &mirror_rows[i];

		(void)json_object_set_new(checks, row->text, json_pack("{s:b, s:I, s:I, s:s}", "wrong", m->checks[i].wrong, "part",
		    (json_int_t)m->checks[i].part, "whole", (json_int_t)m->checks[i].whole, "unit", row->unit));
		if (m->checks[i].wrong)
			(void)json_array_append_new(change, json_pack("{s:s, s:s, s:s}", "check", row->text, "problem", row->problem, "change", row->change));
	}
	return json_pack("{s:b, s:o, s:f, s:I, s:I, s:o, s:o, s:o, s:I, s:o, s:I, s:o, s:o, s:o}", "right", wrong(m) == 0,
	    "source", json_from_text(m->source), "seconds", m->seconds, "frames", (json_int_t)m->frames, "bytes", (json_int_t)m->bytes,
	    "tcp", json_counts(m->tcp, m->tcp_sided), "operations", json_counts(m->operations, m->sided), "vlans", vlans,
	    "untagged", (json_int_t)m->vlans[MIRROR_VLANS], "protocols", plant, "plant_frames", (json_int_t)m->plant_frames,
	    "devices", json_devices(m), "checks", checks, "to_change", change);
}
