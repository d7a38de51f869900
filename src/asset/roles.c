#include "asset/roles.h"

#include <ctype.h>
#include <string.h>

#include "record/operation.h"

#define CERTAIN	99u	/* no evidence from the wire is more than that */

/* Does it begin with that, in upper or lower case?  A blank is as good as a hyphen. */
static bool
role_begins(const char *text, const char *with)
{
	size_t i = 0;

	while (with[i] != '\0' && (tolower((unsigned char)text[i]) == with[i] || (text[i] == ' ' && with[i] == '-')))
		i++;
	return with[i] == '\0';
}

/* Does a text hold it, at the beginning of a word? */
static bool
role_text(const char *text, const char *part)
{
	for (bool within = false; *text != '\0'; within = isalnum((unsigned char)*text++))
		if (!within && role_begins(text, part))
			return true;
	return false;
}

/* The same, and it ends with the word. */
static bool
role_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (bool within = false; *text != '\0'; within = isalnum((unsigned char)*text++))
		if (!within && role_begins(text, word) && !isalnum((unsigned char)text[n]))
			return true;
	return false;
}

/* It takes part in control traffic, which says more of it than its system. */
static bool
in_plant(const struct role_facts *f)
{
	return f->serves != 0 || f->asks != 0;
}

static bool
is_bridge(const struct role_facts *f)
{
	return (role_word(f->capabilities, "bridge") || role_word(f->capabilities, "switch")) &&
	    !role_word(f->capabilities, "router");
}

/* Protocols that are named and not followed. */
static bool
is_automation(const struct role_facts *f)
{
	return role_word(f->services, "bacnet") || role_word(f->services, "enip");
}

static bool
is_tool(const struct role_facts *f)
{
	return f->programs || (f->asker & OP_BY_TOOL) != 0;
}

static void
speak(uint8_t doubt[ROLE_COUNT], enum role role, unsigned confidence)
{
	doubt[role] = (uint8_t)((doubt[role] * (100 - confidence) + 50) / 100);
}

static void
weigh(const struct role_facts *f, uint8_t doubt[ROLE_COUNT])
{
#define ROLE_EVIDENCE(role, confidence, condition, what) \
	if (condition) \
		speak(doubt, ROLE_##role, confidence);
#include "record/roles.def"
}

unsigned
roles_judge(const struct role_facts *f, struct role_belief *to, unsigned most)
{
	uint8_t doubt[ROLE_COUNT];
	enum role stated = f->stated[0] != '\0' ? role_find(f->stated) : ROLE_UNKNOWN;
	unsigned n = 0;

	if (stated != ROLE_UNKNOWN && most > 0) {
		to[0] = (struct role_belief){ (uint8_t)stated, 100 };
		return 1;
	}
	memset(doubt, 100, sizeof(doubt));
	weigh(f, doubt);
	while (n < most) {
		unsigned best = ROLE_COUNT;

		for (unsigned i = 0; i < ROLE_COUNT; i++)
			if (doubt[i] < 100 && (best == ROLE_COUNT || doubt[i] < doubt[best]))
				best = i;
		if (best == ROLE_COUNT)
			break;
		to[n++] = (struct role_belief){ (uint8_t)best,
		    (uint8_t)(doubt[best] < 100 - CERTAIN ? CERTAIN : 100u - doubt[best]) };
		doubt[best] = 100;
	}
	return n;
}
