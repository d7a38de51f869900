#include "asset/roles.h"

#include <ctype.h>
#include <string.h>

#define CERTAIN	99u	/* no evidence from the wire is more than that */

/* Does a text hold a word, in upper or lower case? */
static bool
role_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (; *text != '\0'; text++) {
		size_t i = 0;

		while (i < n && tolower((unsigned char)text[i]) == word[i])
			i++;
		if (i == n)
			return true;
	}
	return false;
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
