#pragma once
/*
 * The head of an HTTP/1.1 request to one of the small servers on loopback, from anybody on this machine.
 * Pure.
 */
#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEAD_MAX     (32 * 1024)
#define HTTP_HEAD_HEADERS 100

struct http_header {
	const char *name, *value; /* value without blanks around it */
};

struct http_head {
	const char *method;
	const char *path;  /* begins with '/' */
	const char *query; /* what stands behind the '?', or "" */
	struct http_header headers[HTTP_HEAD_HEADERS];
	size_t n_headers;
};

enum http_head_progress {
	HTTP_HEAD_MORE, /* is missing; data has not been touched */
	HTTP_HEAD_WHOLE,
	HTTP_HEAD_BAD,
};
/* Writes NULs into data, and points into it; data[len] must be one. */
enum http_head_progress http_head_parse(char *data, size_t len, struct http_head *ret);
/* Is it there at all, be it more than once? */
bool http_head_has(const struct http_head *head, const char *name);
/* The value of a header that stands there once; NULL if it is not there, or more than once. */
const char *http_head_get(const struct http_head *head, const char *name);
