#pragma once
/* A page for the person in the browser: one heading and one paragraph, as a whole HTTP response. Pure. */
#include "base/buffer.h"

#define LOOPBACK_PAGE_MAX (16 * 1024)

/* What a person reads in the browser: plain text, which is escaped. Never a secret. */
struct loopback_page {
	int status; /* of HTTP */
	const char *title, *text;
};

/* False when it does not fit: title and text together have about 2,000 bytes at most. */
bool loopback_page_format(const struct loopback_page *page, struct buffer *out) MUST_CHECK;
