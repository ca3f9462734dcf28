#pragma once
/* The kernel's random numbers: for jitter and for nonces. */
#include <stdint.h>

uint32_t random_u32(void);
