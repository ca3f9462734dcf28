#include "aws/name_text.h"

#include <stdio.h>

#include "base/text.h"

void name_text_add(struct name_text *list, const char *name)
{
	if (list->n++ >= NAME_TEXT_SHOWN)
		return;
	list->len += (size_t)snprintf(list->text + list->len, sizeof(list->text) - list->len, "%s'%.*s'",
				      list->len ? ", " : "", NAME_TEXT_NAME_MAX, name);
}

const char *name_text_end(struct name_text *list)
{
	if (list->n > NAME_TEXT_SHOWN)
		snprintf(list->text + list->len, sizeof(list->text) - list->len, " and %zu more",
			 list->n - NAME_TEXT_SHOWN);
	text_make_printable(list->text);
	return list->text;
}
