#pragma once
/*
 * Intrusive doubly linked list. A link that is in no list points to itself, so removing it twice is harmless
 * and a destructor can always remove.
 *
 *     struct waiter { struct list link; … };
 *     struct session { struct list waiters; };  -- struct waiter, by .link
 */
#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

static inline void list_init(struct list *list)
{
	list->next = list->prev = list;
}

static inline bool list_is_empty(const struct list *list)
{
	return list->next == list;
}

static inline void list_append(struct list *list, struct list *link)
{
	link->prev = list->prev;
	link->next = list;
	list->prev->next = link;
	list->prev = link;
}

static inline void list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

/* Moves all of from to the end of list; from is empty afterwards. */
static inline void list_splice(struct list *list, struct list *from)
{
	if (list_is_empty(from))
		return;
	from->next->prev = list->prev;
	list->prev->next = from->next;
	from->prev->next = list;
	list->prev = from->prev;
	list_init(from);
}

#define list_entry(link_, type, member) ((type *)((char *)(link_)-offsetof(type, member)))
#define list_first(list_, type, member)                                                                      \
	(list_is_empty(list_) ? NULL : list_entry((list_)->next, type, member))
/* The body may remove the current entry, and no other. */
#define list_for_each(entry_, list_, type, member)                                                           \
	for (struct list *link_ = (list_)->next, *next_ = link_->next;                                       \
	     link_ != (list_) && ((entry_) = list_entry(link_, type, member), 1);                            \
	     link_ = next_, next_ = link_->next)
