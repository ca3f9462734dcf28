#include "stores/machine.h"

#include <string.h>

#include "base/fs.h"

#define MACHINE_ID_PATH "/etc/machine-id"
#define FILE_MAX        128

/* A machine that is being set up has "uninitialized" there. */
void machine_read(struct machine *ret)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(FILE_MAX, &buffer_heap);
	struct error err;
	bool exists;

	*ret = (struct machine){0};
	if (!fs_read(MACHINE_ID_PATH, &text, &exists, &err) || !exists || text.len < MACHINE_ID_SIZE ||
	    strspn(text.data, "0123456789abcdef") != MACHINE_ID_SIZE)
		return;
	memcpy(ret->id, text.data, MACHINE_ID_SIZE);
}

bool machine_tag(const struct machine *machine, const unsigned char salt[DERIVE_SALT_SIZE],
		 unsigned char ret[SEALED_ID_SIZE], struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer id = BUFFER_INIT(MACHINE_ID_SIZE, &buffer_heap);

	memset(ret, 0, SEALED_ID_SIZE);
	if (!machine->id[0])
		return true;
	return (buffer_append_text(&id, machine->id) ||
		error_set(err, ERROR_INTERNAL, "there is no memory for the machine-id")) &&
	       derive_hkdf(&id, salt, "iamic sealed: machine", ret, SEALED_ID_SIZE, err);
}
