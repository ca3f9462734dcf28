#include "base/list.h"
#include "check.h"

struct item {
	int padding; /* so that link is not the first member */
	struct list link;
	char name;
};

static struct item a = {.name = 'a'}, b = {.name = 'b'}, c = {.name = 'c'}, d = {.name = 'd'};

static void reset(struct list *list)
{
	list_init(list);
	list_init(&a.link);
	list_init(&b.link);
	list_init(&c.link);
	list_init(&d.link);
}

/* The names forwards, then backwards: both chains must say the same. */
static const char *names(struct list *list)
{
	static char text[32];
	struct item *item;
	size_t n = 0;

	list_for_each (item, list, struct item, link)
		text[n++] = item->name;
	text[n++] = '|';
	for (struct list *link = list->prev; link != list; link = link->prev)
		text[n++] = list_entry(link, struct item, link)->name;
	text[n] = '\0';
	return text;
}

static void entries_stand_in_the_order_they_came(void)
{
	struct list list;

	reset(&list);
	CHECK(list_is_empty(&list) && !list_first(&list, struct item, link));
	list_append(&list, &a.link);
	list_append(&list, &b.link);
	list_append(&list, &c.link);
	CHECK_STR(names(&list), "abc|cba");
	CHECK(!list_is_empty(&list) && list_first(&list, struct item, link) == &a);
}

static void removing_is_harmless_however_often(void)
{
	struct list list;

	reset(&list);
	list_append(&list, &a.link);
	list_append(&list, &b.link);
	list_append(&list, &c.link);
	list_remove(&b.link);
	list_remove(&b.link);
	list_remove(&d.link);
	CHECK_STR(names(&list), "ac|ca");
	list_append(&list, &b.link);
	CHECK_STR(names(&list), "acb|bca");
	list_remove(&a.link);
	list_remove(&b.link);
	list_remove(&c.link);
	CHECK(list_is_empty(&list));
}

static void the_body_may_remove_the_current_entry(void)
{
	struct list list;
	struct item *item;

	reset(&list);
	list_append(&list, &a.link);
	list_append(&list, &b.link);
	list_append(&list, &c.link);
	list_for_each (item, &list, struct item, link) {
		if (item->name != 'b')
			list_remove(&item->link);
	}
	CHECK_STR(names(&list), "b|b");
}

static void splicing_moves_all(void)
{
	struct list list, from;

	reset(&list);
	list_init(&from);
	list_splice(&list, &from);
	CHECK(list_is_empty(&list));
	list_append(&from, &a.link);
	list_append(&from, &b.link);
	list_splice(&list, &from);
	CHECK(list_is_empty(&from));
	CHECK_STR(names(&list), "ab|ba");
	list_append(&from, &c.link);
	list_append(&from, &d.link);
	list_splice(&list, &from);
	CHECK(list_is_empty(&from));
	CHECK_STR(names(&list), "abcd|dcba");
}

int main(void)
{
	entries_stand_in_the_order_they_came();
	removing_is_harmless_however_often();
	the_body_may_remove_the_current_entry();
	splicing_moves_all();
	return 0;
}
