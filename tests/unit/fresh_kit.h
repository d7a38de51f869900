/* fresh_kit.h - every test of the program has a conversation of its own, `k`: T(name) in
 * the list of tests opens it before and closes it behind.
 *
 * Comes behind X_kit.h, which says the protocol's port.  The program may define before:
 *
 *	KIT_FRESH	how k is opened
 */
#ifndef TESTS_FRESH_KIT_H
#define TESTS_FRESH_KIT_H

#ifndef KIT_FRESH
#define KIT_FRESH kit_open(&k, KIT_PORT)
#endif

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static struct kit k;

static inline int
setup(void **state)
{
	(void)state;
	KIT_FRESH;
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	kit_close(&k);
	return 0;
}

static inline void
says(const char *expect)
{
	assert_string_equal(kit_said(&k), expect);
}

/* Both of these, in any place; b may be NULL. */
static inline void
mentions(const char *a, const char *b)
{
	const char *said = kit_said(&k);

	if (strstr(said, a) == NULL || (b != NULL && strstr(said, b) == NULL))
		fail_msg("wanted \"%s\" and \"%s\" in\n%s", a, b != NULL ? b : "", said);
}

#endif
