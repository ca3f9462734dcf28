#pragma once
/*
 * Addresses that come from a person, a file or a server, before anything is sent to them or opened. Only http
 * and https are known. Pure.
 */
#include <stdbool.h>

#include "base/buffer.h"

/*
 * "https://host:port" of an address, lower-case, default port left out: what tokens are bound to. NULL if it
 * has none.
 */
char *url_origin(const char *url);
/* The host of an address, lower-case, an IPv6 address without its brackets; NULL if it has none. */
char *url_host(const char *url);
/*
 * https, or http to a loopback host (127.0.0.0/8, ::1, localhost); no user name in it, no control characters,
 * no blanks, ≤ 2,048 bytes.
 */
bool url_is_acceptable(const char *url);
bool host_is_loopback(const char *host);
/* "http://user:secret@proxy:3128" without what stands before the '@': fit to be shown. */
char *url_without_user(const char *url);
/* Appends "?name=value" or "&name=value", percent-encoded (everything but A-Z a-z 0-9 - . _ ~). */
char *
url_with_query(const char *url,
	       const char *const *names_and_values /* NULL-terminated pairs; a NULL value is left out */);
/* Appends text, percent-encoded likewise; false when it does not fit. Leaves no copy elsewhere. */
bool url_append_encoded(struct buffer *out, const char *text) MUST_CHECK;
