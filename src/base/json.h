#pragma once
/*
 * jansson with our errors and our ownership.
 *
 * Parsing what comes from elsewhere: bytes that are not UTF-8 make jansson return NULL, and so do wrong types
 * in json_unpack(): both are bad input, never a bug.
 */
#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"

#define _cleanup_json_ _cleanup_(json_decrefp)

/* How jansson gets its memory; the daemon and the stores pass wiping functions, before the first JSON value.
 */
struct json_memory {
	void *(*alloc)(size_t size);
	void *(*alloc_secret)(size_t size); /* used inside json_parse_secret() */
	void (*release)(void *p);
};
void json_use_memory(const struct json_memory *memory);

/* An object; duplicate names, anything behind it and depth over jansson's are refused. what names the input
 * in the error. */
bool json_parse_object(const char *data, size_t len, const char *what, json_t **ret,
		       struct error *err) MUST_CHECK;
/* As above; the values live in secret memory as far as there is room, and are erased with the object. */
bool json_parse_secret(const char *data, size_t len, const char *what, json_t **ret,
		       struct error *err) MUST_CHECK;

/* json_pack() whose copies of the values live in secret memory as far as there is room; NULL for text that is
 * not UTF-8. */
json_t *json_pack_secret(const char *format, ...) MUST_CHECK;

/* Compact, appended to the buffer; false when it does not fit or the memory is full. */
bool json_append(struct buffer *buffer, const json_t *json) MUST_CHECK;
