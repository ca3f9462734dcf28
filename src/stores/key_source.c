#include "stores/key_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "stores/machine.h"
#include "stores/random_key.h"

#define CREDENTIAL_NAME "iamic.key"
#define CREDENTIAL_MAX  4096
#define MATERIAL_MIN    16 /* bytes; less can be guessed */

static const char *const names[] = {
	[KEY_SOURCE_SECRET_SERVICE] = "secret-service",
	[KEY_SOURCE_CREDENTIAL] = "credential",
	[KEY_SOURCE_PASSPHRASE] = "passphrase",
	[KEY_SOURCE_RANDOM] = "random",
};

const char *key_source_name(enum key_source source)
{
	return source < ARRAY_SIZE(names) ? names[source] : NULL;
}

static bool find_name(const char *name, enum key_source *ret)
{
	for (size_t i = KEY_SOURCE_SECRET_SERVICE; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i], name) == 0) {
			*ret = (enum key_source)i;
			return true;
		}
	}
	return false;
}

/* ---- systemd credentials ---- */

/* NULL where there is none. */
static char *credential_path(void)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	_cleanup_free_ char *path = NULL;

	if (!folder || folder[0] != '/')
		return NULL;
	path = xasprintf("%s/%s", folder, CREDENTIAL_NAME);
	return access(path, F_OK) == 0 || errno != ENOENT ? TAKE(path) : NULL;
}

/* The service manager makes them root's or ours, and may let our group read them by an ACL. */
static bool check_credential(const char *path, struct error *err)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return error_errno(err, "cannot look at the credential '%s'", path);
	if (!S_ISREG(st.st_mode) || (st.st_uid != getuid() && st.st_uid != 0) || st.st_mode & 027)
		return error_set(err, ERROR_STORE,
				 "the credential '%s' is not for this user alone: let systemd make it", path);
	return true;
}

static bool no_credential(struct error *err)
{
	return error_set(err, ERROR_STORE,
			 "there is no credential '" CREDENTIAL_NAME
			 "' for the sealed file: let the unit of iamicd "
			 "load it, or set another key");
}

static bool read_credential(struct buffer *ret, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(CREDENTIAL_MAX, &secret_memory);
	_cleanup_free_ char *path = credential_path();
	bool exists = false;

	if (path && (!check_credential(path, err) || !fs_read(path, &text, &exists, err)))
		return false;
	if (!exists)
		return no_credential(err);
	if (text.len < MATERIAL_MIN)
		return error_set(err, ERROR_STORE,
				 "the credential '%s' has %zu bytes, at least %d are needed", path, text.len,
				 MATERIAL_MIN);
	return buffer_append(ret, text.data, text.len) ||
	       error_set(err, ERROR_INTERNAL, "there is no memory for a key");
}

/* ---- the choice ---- */

bool key_source_choose(const struct store_request *request, enum key_source *ret, struct error *err)
{
	_cleanup_free_ char *credential = credential_path();

	if (strcmp(request->key_source, "auto") == 0)
		*ret = credential ? KEY_SOURCE_CREDENTIAL : KEY_SOURCE_RANDOM;
	else if (!find_name(request->key_source, ret))
		return error_set(err, ERROR_STORE, "there is no key of the sealed file that is called '%s'",
				 request->key_source);
	else if (*ret == KEY_SOURCE_CREDENTIAL && !credential)
		return no_credential(err);
	return true;
}

/* ---- material ---- */

static bool read_request(const struct store_request *request, struct buffer *ret, bool *ret_is_locked,
			 struct error *err)
{
	*ret_is_locked = request->key.len == 0;
	if (!*ret_is_locked && request->key.len < MATERIAL_MIN)
		return error_set(err, ERROR_STORE, "the request's key has less than %d bytes", MATERIAL_MIN);
	return *ret_is_locked || buffer_append(ret, request->key.data, request->key.len) ||
	       error_set(err, ERROR_INTERNAL, "there is no memory for a key");
}

static bool read_random(const char *sealed_path, const char *machine, bool may_make, struct buffer *ret,
			struct error *err)
{
	_cleanup_free_ char *path = NULL;
	bool exists;

	if (!random_key_read(ret, &path, &exists, err))
		return false;
	if (!exists && !may_make)
		return error_set(err, ERROR_STORE,
				 "the key '%s' is missing: restore it, or move '%s' away and sign in again",
				 path, sealed_path);
	if (!exists && !random_key_make(ret, err))
		return false;
	return buffer_append_text(ret, machine) ||
	       error_set(err, ERROR_INTERNAL, "there is no memory for a key");
}

bool key_source_read(enum key_source source, const struct store_request *request, const char *path,
		     const char *machine, bool may_make, struct buffer *ret, bool *ret_is_locked,
		     struct error *err)
{
	*ret_is_locked = false;
	switch (source) {
	case KEY_SOURCE_SECRET_SERVICE:
	case KEY_SOURCE_PASSPHRASE:
		return read_request(request, ret, ret_is_locked, err);
	case KEY_SOURCE_CREDENTIAL:
		return read_credential(ret, err);
	case KEY_SOURCE_RANDOM:
		return read_random(path, machine, may_make, ret, err);
	}
	return error_set(err, ERROR_INTERNAL, "the key of '%s' is of no known source", path);
}

/* ---- words ---- */

bool key_source_complain(enum key_source source, const char *path, struct error *err)
{
	static const char *const keys[] = {
		[KEY_SOURCE_SECRET_SERVICE] = "the key in the keyring",
		[KEY_SOURCE_CREDENTIAL] = "the credential '" CREDENTIAL_NAME "'",
		[KEY_SOURCE_PASSPHRASE] = "the passphrase",
		[KEY_SOURCE_RANDOM] = "the file 'key' in iamic's data folder",
	};

	return error_set(
		err, ERROR_STORE,
		"%s is not what '%s' was sealed with: restore it, or move the file away and sign in again",
		keys[source], path);
}

const char *key_source_protects(enum key_source source, bool is_bound)
{
	switch (source) {
	case KEY_SOURCE_SECRET_SERVICE:
		return "from whoever copies the disk, as well as the keyring's password does; not from "
		       "programs of "
		       "the same user, or root";
	case KEY_SOURCE_CREDENTIAL:
		return "from whoever copies the file or the home alone, as well as systemd keeps the "
		       "credential; not "
		       "from programs of the same user, or root";
	case KEY_SOURCE_PASSPHRASE:
		return "from whoever copies the disk and does not know the passphrase; not from programs of "
		       "the same "
		       "user while it is unlocked, or root";
	case KEY_SOURCE_RANDOM:
		break;
	}
	return is_bound ? "from whoever copies the file or the home alone; not from whoever copies the whole "
			  "disk, "
			  "programs of the same user, or root"
			: "from whoever copies the file alone; not from whoever copies the home (there is no "
			  "machine-id here to bind it to), programs of the same user, or root";
}
