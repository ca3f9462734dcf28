#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/xalloc.h"

#define CAPACITY_FIRST 256

static void *heap_alloc(size_t size)
{
	return xcalloc(1, size);
}

static void heap_release(void *p, size_t size)
{
	if (p)
		explicit_bzero(p, size);
	free(p);
}

const struct buffer_memory buffer_heap = {heap_alloc, heap_release};

bool buffer_reserve(struct buffer *buffer, size_t extra)
{
	size_t capacity = buffer->capacity ? buffer->capacity : CAPACITY_FIRST;
	char *fresh;

	if (extra > buffer->max - buffer->len)
		return false;
	if (buffer->data && buffer->len + extra < buffer->capacity)
		return true;
	while (capacity <= buffer->len + extra)
		capacity *= 2;
	fresh = buffer->memory->alloc(capacity);
	if (!fresh)
		return false;
	if (buffer->data) {
		memcpy(fresh, buffer->data, buffer->len);
		buffer->memory->release(buffer->data, buffer->capacity);
	}
	fresh[buffer->len] = '\0';
	buffer->data = fresh;
	buffer->capacity = capacity;
	return true;
}

size_t buffer_room(const struct buffer *buffer)
{
	size_t fits = buffer->capacity ? buffer->capacity - 1 : 0;

	return (fits < buffer->max ? fits : buffer->max) - buffer->len;
}

bool buffer_append(struct buffer *buffer, const void *data, size_t len)
{
	if (!buffer_reserve(buffer, len))
		return false;
	if (len)
		memcpy(buffer->data + buffer->len, data, len);
	buffer->len += len;
	buffer->data[buffer->len] = '\0';
	return true;
}

bool buffer_append_text(struct buffer *buffer, const char *text)
{
	return buffer_append(buffer, text, strlen(text));
}

bool buffer_append_format(struct buffer *buffer, const char *format, ...)
{
	va_list args, again;
	bool ok;
	int n;

	va_start(args, format);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, args);
	ok = n >= 0 && buffer_reserve(buffer, (size_t)n);
	if (ok) {
		vsnprintf(buffer->data + buffer->len, (size_t)n + 1, format, again);
		buffer->len += (size_t)n;
	}
	va_end(again);
	va_end(args);
	return ok;
}

void buffer_consume(struct buffer *buffer, size_t n)
{
	if (n >= buffer->len) {
		buffer_clear(buffer);
		return;
	}
	memmove(buffer->data, buffer->data + n, buffer->len - n);
	explicit_bzero(buffer->data + buffer->len - n, n);
	buffer->len -= n;
	buffer->data[buffer->len] = '\0';
}

void buffer_clear(struct buffer *buffer)
{
	if (buffer->data)
		buffer->memory->release(buffer->data, buffer->capacity);
	buffer->data = NULL;
	buffer->len = buffer->capacity = 0;
}
