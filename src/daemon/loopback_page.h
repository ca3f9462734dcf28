#pragma once
/* A page for the person in the browser: one heading and one paragraph, as a whole HTTP response. Pure. */
#include "base/buffer.h"
#include "daemon/loopback.h"

#define LOOPBACK_PAGE_MAX (16 * 1024)

/* False when it does not fit: title and text together have about 2,000 bytes at most. */
bool loopback_page_format(const struct loopback_page *page, struct buffer *out) MUST_CHECK;
