#include "base/random.h"

#include <stdlib.h>
#include <sys/random.h>

/* So few bytes never block nor come short once the kernel is seeded, which it is before any person signs in.
 */
void random_bytes(void *ret, size_t n)
{
	if (getrandom(ret, n, 0) != (ssize_t)n)
		abort();
}

uint32_t random_u32(void)
{
	uint32_t value;

	random_bytes(&value, sizeof(value));
	return value;
}
