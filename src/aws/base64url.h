#pragma once
/* Base64 for addresses (RFC 4648 5), without padding. Pure. */
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* ret has room for 4 characters for 3 bytes, and the NUL. */
void base64url(const unsigned char *bytes, size_t len, char *ret);
/* Appended to out; false when it does not fit. */
bool base64url_append(struct buffer *out, const void *bytes, size_t len) MUST_CHECK;
