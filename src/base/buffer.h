#pragma once
/*
 * A byte buffer that grows up to a maximum which must be named, and erases what it lets go.
 *
 * data is NUL-terminated whenever it is not NULL, so that text can be read in place; len does not count the
 * NUL. Where the bytes live is the memory's choice: buffer_heap here, secret_memory (base/secret.h) for what
 * must stay locked. An append that does not fit changes nothing and returns false.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

struct buffer_memory {
	void *(*alloc)(size_t size);           /* NULL when there is none: not fatal */
	void (*release)(void *p, size_t size); /* erases, then frees */
};

extern const struct buffer_memory buffer_heap;

struct buffer {
	char *data;
	size_t len;
	size_t capacity;
	size_t max;
	const struct buffer_memory *memory;
};

#define BUFFER_INIT(max_, memory_)                                                                           \
	(struct buffer)                                                                                      \
	{                                                                                                    \
		.max = (max_), .memory = (memory_)                                                           \
	}

bool buffer_append(struct buffer *buffer, const void *data, size_t len) MUST_CHECK;
bool buffer_append_text(struct buffer *buffer, const char *text) MUST_CHECK;
bool buffer_append_format(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3))) MUST_CHECK;
/* Makes sure that extra more bytes fit behind len. */
bool buffer_reserve(struct buffer *buffer, size_t extra) MUST_CHECK;
/* How many bytes fit behind len in what there is, for a read of as many as there are. */
size_t buffer_room(const struct buffer *buffer);
/* Drops the first n bytes; gives the memory back when nothing is left. */
void buffer_consume(struct buffer *buffer, size_t n);
/* Erases and frees; the buffer is empty and usable again. One that is all zero has nothing to free. */
void buffer_clear(struct buffer *buffer);

static inline void buffer_clearp(struct buffer *buffer)
{
	buffer_clear(buffer);
}
