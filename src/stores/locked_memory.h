#pragma once
/*
 * Memory for secrets in a program without libcrypto that does one thing and ends: locked as far as the limit
 * allows, kept out of core dumps, erased when it is given back. It is handed out once, from the front; when
 * it is used up the rest comes from the heap, which is erased as well.
 */
#include <stddef.h>

#include "base/buffer.h"

/* Once, before any secret. */
void locked_memory_init(void);

extern const struct buffer_memory locked_memory;
/* For json_use_memory(); release takes what malloc() gave, too. */
void *locked_alloc(size_t size);
void locked_release(void *p);
