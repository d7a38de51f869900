/* The map: whatever the plant is like, no line passes behind a box, no box stands on another, and no level has more than can be taken in. */
#include "store_kit.h"

#include <math.h>

#include "web/map_parts.h"

static struct html page;
static struct map_facts facts;

/* ---- plants ------------------------------------------------------------------------------- */

struct plant { struct store *s; const char *path; unsigned alerts; };

static struct plant
plant(const char *name)
{
	struct plant p = { .path = file(name) };

	p.s = start(p.path);
	return p;
}

static struct addr
address(unsigned net, unsigned host)
{
	const uint8_t b[4] = { 10, (uint8_t)(net >> 8), (uint8_t)net, (uint8_t)host };

	return addr_v4(b);
}

/* level: times ten; zone: "" none. */
static void
device(struct plant *p, struct addr a, unsigned level, const char *role, const char *zone)
{
	struct keep_asset row = { .of = { .addr = a }, .has_level = true, .level = (uint8_t)level, .proven = true, .control_ns = 1, .first_ns = 1, .last_ns = 2 };

	(void)snprintf(row.role, sizeof(row.role), "%s", role);
	(void)snprintf(row.zone, sizeof(row.zone), "%s", zone);
	assert_true(keep_put(store_keep(p->s), KEEP_ASSET, &row, sizeof(row)));
}

static void
talk(struct plant *p, struct addr client, struct addr server, const char *intent)
{
	struct keep_talk row = { .client = client, .server = server, .service = "modbus", .plant = true, .count = 1, .first_ns = 1, .last_ns = 2 };

	(void)snprintf(row.intent, sizeof(row.intent), "%s", intent);
	assert_true(keep_put(store_keep(p->s), KEEP_TALK, &row, sizeof(row)));
}

/* An alert of a kind; of severity 1 it makes an attacker. */
static void
alert(struct plant *p, struct addr src, struct addr dst, unsigned severity, const char *type)
{
	struct keep_alert a = { .severity = (uint8_t)severity, .src = src, .dst = dst, .first_ns = 1, .last_ns = 2, .count = 1 };
	struct keep_incident i = { .severity = 1, .attacker = src, .first_ns = 1, .last_ns = 2 };

	(void)snprintf(a.uid, sizeof(a.uid), "a%u", p->alerts);
	(void)snprintf(a.type, sizeof(a.type), "%s", type);
	(void)snprintf(i.uid, sizeof(i.uid), "i%u", p->alerts++);
	assert_true(keep_put(store_keep(p->s), KEEP_ALERT, &a, sizeof(a)));
	if (severity == 1)
		assert_true(keep_put(store_keep(p->s), KEEP_INCIDENT, &i, sizeof(i)));
}

/* ---- what is drawn --------------------------------------------------------------------------- */

struct box { double x, y; };
static struct box boxes[MAP_BOXES];
static unsigned n_boxes;

static void
read_boxes(void)
{
	n_boxes = 0;
	for (const char *at = page.buf; (at = strstr(at, "<g class=\"box")) != NULL; at++) {
		const char *place = strstr(at, "translate(");

		assert_true(place != NULL && n_boxes < MAP_BOXES);
		assert_int_equal(sscanf(place, "translate(%lf %lf)", &boxes[n_boxes].x, &boxes[n_boxes].y), 2);
		n_boxes++;
	}
	for (unsigned i = 0; i < n_boxes; i++)
		for (unsigned k = 0; k < i; k++)
			assert_true(fabs(boxes[i].x - boxes[k].x) >= MAP_BOX_W || fabs(boxes[i].y - boxes[k].y) >= MAP_BOX_H);
}

static void
assert_free(double x, double y)
{
	assert_true(x >= 0 && x <= MAP_WIDTH && y >= 0);
	for (unsigned i = 0; i < n_boxes; i++)
		if (x > boxes[i].x + 1 && x < boxes[i].x + MAP_BOX_W - 1 && y > boxes[i].y + 1 && y < boxes[i].y + MAP_BOX_H - 1)
			fail_msg("a line passes behind a box at %.0f, %.0f", x, y);
}

static double
bezier(double a, double b, double c, double d, double t)
{
	const double u = 1 - t;

	return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
}

/* Along M, C and V of a path. */
static void
follow(const char *path)
{
	double x, y, p[6];
	int n;

	assert_int_equal(sscanf(path, "M%lf %lf%n", &x, &y, &n), 2);
	for (path += n; *path != '"'; path += n)
		if (sscanf(path, "C%lf %lf %lf %lf %lf %lf%n", &p[0], &p[1], &p[2], &p[3], &p[4], &p[5], &n) == 6) {
			for (double t = 0; t <= 1; t += 0.02)
				assert_free(bezier(x, p[0], p[2], p[4], t), bezier(y, p[1], p[3], p[5], t));
			x = p[4];
			y = p[5];
		} else {
			assert_int_equal(sscanf(path, "V%lf%n", &p[0], &n), 1);
			for (double t = 0; t <= 1; t += 0.05)
				assert_free(x, y + (p[0] - y) * t);
			y = p[0];
		}
}

static unsigned
written(const char *what)
{
	unsigned n = 0;

	for (const char *at = page.buf; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

/* Draw it, and look at each box and line. */
static void
draw(struct plant *p)
{
	static const char *const lines[] = { "<path class=\"l-read\" d=\"", "<path class=\"l-write\" d=\"", "<path class=\"l-attack\" d=\"", "<path class=\"l-other\" d=\"" };
	const struct view_want want = view_whole(p->path);
	struct err e = { 0 };
	struct view v;
	unsigned n = 0;

	assert_int_equal(store_close(p->s), 0);
	assert_int_equal(view_open(&v, &want, &e), 0);
	html_free(&page);
	assert_true(map_write(&page, &v, false, &facts));
	view_close(&v);
	read_boxes();
	assert_int_equal(n_boxes, facts.boxes);
	for (size_t i = 0; i < COUNTOF(lines); i++)
		for (const char *at = page.buf; (at = strstr(at, lines[i])) != NULL; n++) {
			at += strlen(lines[i]);
			follow(at);
		}
	assert_int_equal(n, facts.lines);
}

/* ---- tests --------------------------------------------------------------------------------- */

static void
many_devices_are_folded(void **state)
{
	struct plant p = plant("many.db");

	(void)state;
	device(&p, address(0, 1), 20, "scada-master", "");
	for (unsigned i = 0; i < 300; i++) {
		device(&p, address(i / 100 + 1, i % 100 + 1), 10, "controller", "");
		talk(&p, address(0, 1), address(i / 100 + 1, i % 100 + 1), "read");
	}
	draw(&p);
	assert_int_equal(facts.devices, 301);
	assert_int_equal(facts.folded, 300);
	assert_int_equal(facts.boxes, 4);	/* the master, and one for each network */
	assert_int_equal(facts.lines, 3);
	assert_non_null(strstr(page.buf, "100 × controller"));
	assert_non_null(strstr(page.buf, "10.0.1.1, 10.0.1.2, "));
	assert_non_null(strstr(page.buf, " and 92 more</title>"));
}

/* Of three levels with more than a row each, everybody talks to everybody. */
static void
no_line_passes_behind_a_box(void **state)
{
	struct plant p = plant("crowd.db");

	(void)state;
	for (unsigned level = 0; level < 3; level++)
		for (unsigned i = 0; i < 12; i++)
			device(&p, address(level, i + 1), 10 + 10 * level, "device", "");
	for (unsigned a = 0; a < 36; a++)
		for (unsigned b = 0; b < 36; b++)
			if (a != b && (a * 7 + b * 5) % 4 == 0)
				talk(&p, address(a / 12, a % 12 + 1), address(b / 12, b % 12 + 1), a % 3 == 0 ? "write" : "read");
	draw(&p);
	assert_int_equal(facts.boxes, 36);
	assert_int_equal(facts.folded, 0);
	assert_in_range(facts.lines, 250, 400);
}

static unsigned
roll(unsigned n)
{
	static uint32_t dice = 1;

	dice = dice * 1664525u + 1013904223u;
	return (dice >> 16) % n;
}

/* Plants of all sizes, in zones and without, attacked and not. */
static void
no_plant_breaks_it(void **state)
{
	static const char *const roles[] = { "controller", "outstation", "hmi", "scada-master", "a name that is far too long for its box", "" };
	static const char *const intents[] = { "read", "write", "operate", "identify" };

	(void)state;
	for (unsigned round = 0; round < 12; round++) {
		struct plant p = plant("dice.db");
		const unsigned n = 3 + round * round * 4, zones = round % 3 == 0 ? 0 : 1 + round * 2;

		for (unsigned i = 0; i < n; i++) {
			char zone[32] = "";

			if (zones > 0)
				(void)snprintf(zone, sizeof(zone), "zone %u", i % zones);
			device(&p, address(i / 200, i % 200 + 1), 10 * roll(6), roles[roll(6)], zone);
		}
		for (unsigned i = 0; i < 2 * n; i++) {
			unsigned a = roll(n), b = roll(n);

			talk(&p, address(a / 200, a % 200 + 1), address(b / 200, b % 200 + 1), intents[roll(4)]);
			if (round % 2 == 1 && i % 3 == 0)
				alert(&p, address(a / 200, a % 200 + 1), address(b / 200, b % 200 + 1), 1 + i % 2, i % 6 == 0 ? "zone.command" : "s7.stop");
		}
		draw(&p);
		assert_in_range(facts.boxes, 1, 6 * MAP_BAND_BOXES);
		assert_true(remove(p.path) == 0);
	}
}

static void
what_finds_no_place_is_one_box(void **state)
{
	struct plant p = plant("networks.db");

	(void)state;
	for (unsigned net = 0; net < 60; net++)
		for (unsigned i = 0; i < 3; i++)
			device(&p, address(net, i + 1), 10, "controller", "");
	draw(&p);
	assert_int_equal(facts.devices, 180);
	assert_int_equal(facts.boxes, MAP_BAND_BOXES);
	assert_non_null(strstr(page.buf, ">and 129 more<"));	/* 17 networks have a box */
}

static void
an_attacker_stands_alone_to_the_last(void **state)
{
	struct plant p = plant("attackers.db");

	(void)state;
	for (unsigned net = 0; net < 60; net++)
		device(&p, address(net, 1), 10, "controller", "");
	device(&p, address(100, 7), 10, "hmi", "");
	talk(&p, address(100, 7), address(3, 1), "write");
	alert(&p, address(100, 7), address(3, 1), 1, "s7.stop");
	draw(&p);
	assert_non_null(strstr(page.buf, "takes part in an attack: 10.0.100.7"));
	assert_int_equal(written("class=\"box attacker"), 1);
	assert_int_equal(written("<path class=\"l-attack\""), 1);
	/* More attackers than boxes fold, too. */
	p = plant("attackers2.db");
	for (unsigned net = 0; net < 60; net++) {
		device(&p, address(net, 1), 10, "controller", "");
		alert(&p, address(net, 1), address(net + 1, 1), 1, "s7.stop");
	}
	draw(&p);
	assert_int_equal(facts.boxes, MAP_BAND_BOXES);
	assert_int_equal(written(" attacker"), MAP_BAND_BOXES);
}

static void
zones_have_frames_around_their_own(void **state)
{
	struct plant p = plant("zones.db");

	(void)state;
	for (unsigned i = 0; i < 12; i++)
		device(&p, address(i % 3, i + 1), 10, "controller", i % 3 == 0 ? "boilers" : i % 3 == 1 ? "turbine" : "");
	draw(&p);
	assert_true(facts.zones);
	assert_int_equal(written("<rect class=\"zone\""), 2);
	assert_non_null(strstr(page.buf, ">boilers</text>"));
	for (const char *at = page.buf; (at = strstr(at, "<rect class=\"zone\" ")) != NULL;) {
		double x, y, w, height;
		unsigned inside = 0;

		at += strlen("<rect class=\"zone\" ");
		assert_int_equal(sscanf(at, "x=\"%lf\" y=\"%lf\" width=\"%lf\" height=\"%lf\"", &x, &y, &w, &height), 4);
		for (unsigned i = 0; i < n_boxes; i++)
			inside += boxes[i].x + MAP_BOX_W > x && boxes[i].x < x + w && boxes[i].y + MAP_BOX_H > y && boxes[i].y < y + height;
		assert_int_equal(inside, 4);
	}
}

static void
what_no_conduit_allows_is_marked(void **state)
{
	struct plant p = plant("conduit.db");

	(void)state;
	device(&p, address(1, 1), 20, "hmi", "hall");
	device(&p, address(1, 2), 20, "hmi", "hall");
	device(&p, address(2, 1), 10, "controller", "cell");
	talk(&p, address(1, 1), address(2, 1), "write");
	talk(&p, address(1, 2), address(2, 1), "read");
	alert(&p, address(1, 1), address(2, 1), 2, "zone.command");
	draw(&p);
	assert_true(facts.refused);
	assert_int_equal(written("class=\"l-refused\""), 1);
	assert_int_equal(written("; no conduit allows it</title>"), 1);
	assert_non_null(strstr(page.buf, "10.0.1.2 to 10.0.2.1, from zone hall to cell: modbus (read)"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_devices_are_folded),
		cmocka_unit_test(no_line_passes_behind_a_box),
		cmocka_unit_test(no_plant_breaks_it),
		cmocka_unit_test(what_finds_no_place_is_one_box),
		cmocka_unit_test(an_attacker_stands_alone_to_the_last),
		cmocka_unit_test(zones_have_frames_around_their_own),
		cmocka_unit_test(what_no_conduit_allows_is_marked),
	};
	int status = cmocka_run_group_tests(tests, make_folder, remove_folder);

	html_free(&page);
	return status;
}
