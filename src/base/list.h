/* list.h - doubly linked rings through the members themselves.
 *
 * A head is a link that points at itself when the list is empty.  Everything is
 * constant time; who owns the members is the pool they came from.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
	struct link	*prev, *next;
};

/* The struct that holds this link as member `m`. */
#define LIST_OWNER(link, type, m) \
	((type *)(void *)((char *)(link) - offsetof(type, m)))

static inline void list_init(struct link *head) { head->prev = head->next = head; }
static inline bool list_empty(const struct link *head) { return head->next == head; }

/* Behind everything else: first is oldest. */
static inline void
list_append(struct link *head, struct link *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}

static inline void
list_remove(struct link *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
}

static inline void
list_touch(struct link *head, struct link *l)
{
	if (head->prev == l)
		return;
	list_remove(l);
	list_append(head, l);
}

#endif
