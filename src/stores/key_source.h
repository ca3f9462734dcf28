#pragma once
/*
 * Where the key of a sealed file comes from: chosen once, when the file is made, and written in its header.
 *
 * What a source gives is called material: bytes of any length that only it has. The key itself is derived
 * from the material and the salt of the file (sealed.h).
 */
#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"
#include "ipc/store_message.h"

/* The numbers stand in files. */
enum key_source {
	KEY_SOURCE_SECRET_SERVICE = 1, /* an item of the keyring, which the daemon read */
	KEY_SOURCE_CREDENTIAL = 2,     /* $CREDENTIALS_DIRECTORY/iamic.key, a systemd credential */
	KEY_SOURCE_PASSPHRASE = 3,     /* what scrypt made of it, which the daemon keeps */
	KEY_SOURCE_RANDOM = 4,         /* $XDG_DATA_HOME/iamic/key and the machine-id */
};

/* As in requests and in the configuration; NULL for a number that is no source. */
const char *key_source_name(enum key_source source);

/* For a file that is yet to be made. "auto" in the request is the first one that is there. */
bool key_source_choose(const struct store_request *request, enum key_source *ret,
		       struct error *err) MUST_CHECK;

/*
 * ret_is_locked true: the daemon must bring the key, and the request has none. path: of the sealed file, for
 * errors. may_make: a random key may be made where there is none yet. machine: to bind a random key to, or
 * "".
 */
bool key_source_read(enum key_source source, const struct store_request *request, const char *path,
		     const char *machine, bool may_make, struct buffer *ret, bool *ret_is_locked,
		     struct error *err) MUST_CHECK;

/* What to do when the source's key is not the one that the file at path was sealed with. */
bool key_source_complain(enum key_source source, const char *path, struct error *err);

/* What a file with such a key protects from and what not, for people. is_bound: to this machine. */
const char *key_source_protects(enum key_source source, bool is_bound);
