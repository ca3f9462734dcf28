#pragma once
/* Which machine this is: /etc/machine-id, which containers often lack. */
#include "stores/sealed.h"

#define MACHINE_ID_SIZE 32 /* hexadecimal digits */

struct machine {
	char id[MACHINE_ID_SIZE + 1]; /* "" where there is none */
};

void machine_read(struct machine *ret);
/* What stands for the machine in a file with that salt; zeros where it has no id. The id itself is for no one
 * else, says machine-id(5). */
bool machine_tag(const struct machine *machine, const unsigned char salt[DERIVE_SALT_SIZE],
		 unsigned char ret[SEALED_ID_SIZE], struct error *err) MUST_CHECK;
