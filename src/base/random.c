#include "base/random.h"

#include <stdlib.h>
#include <sys/random.h>

/* Four bytes never block nor come short once the kernel is seeded, which it is before any person signs in. */
uint32_t random_u32(void)
{
	uint32_t value;

	if (getrandom(&value, sizeof(value), 0) != (ssize_t)sizeof(value))
		abort();
	return value;
}
