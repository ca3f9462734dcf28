#pragma once
/* The kernel's random numbers: for jitter and for nonces. */
#include <stddef.h>
#include <stdint.h>

uint32_t random_u32(void);
/* At most 256: so many come at once. */
void random_bytes(void *ret, size_t n);
