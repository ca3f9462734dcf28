#pragma once
/*
 * An allocator that erases what it frees, for libraries that pass secrets through their own heap.
 *
 * Given to libcurl (curl_global_init_mem), jansson (json_set_alloc_funcs) and libcrypto
 * (CRYPTO_set_mem_functions) before their first use. Sizes come from malloc_usable_size(), therefore these
 * must stay out of line: where the compiler knows the size asked for, fortified functions would refuse the
 * rest.
 */
#include <stddef.h>

void *wipe_malloc(size_t size);
void *wipe_calloc(size_t n, size_t size);
/* Never grows in place: a new block, a copy, and the old one erased. */
void *wipe_realloc(void *p, size_t size);
char *wipe_strdup(const char *text);
void wipe_free(void *p);
