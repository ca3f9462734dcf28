#pragma once
/*
 * Names in a message: "'dev', 'prod' and 7 more". Controls in them become '?'. Starts as {0}.
 */
#include <stddef.h>

#define NAME_TEXT_SHOWN    4
#define NAME_TEXT_NAME_MAX 48 /* bytes of one name */

struct name_text {
	char text[NAME_TEXT_SHOWN * (NAME_TEXT_NAME_MAX + sizeof("'', ")) +
		  sizeof(" and 18446744073709551615 more")];
	size_t len, n;
};

void name_text_add(struct name_text *list, const char *name);
/* The text's own; "" where nothing was added. No name may be added afterwards. */
const char *name_text_end(struct name_text *list);
