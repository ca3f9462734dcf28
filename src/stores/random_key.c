#include "stores/random_key.h"

#include <errno.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "stores/derive.h"
#include "stores/private_file.h"

static bool find_folder(char **ret, struct error *err)
{
	_cleanup_free_ char *data = NULL;

	if (!fs_xdg("XDG_DATA_HOME", ".local/share", &data, err))
		return false;
	*ret = xasprintf("%s/iamic", data);
	return true;
}

bool random_key_read(struct buffer *ret, char **ret_path, bool *ret_exists, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer key = BUFFER_INIT(2 * DERIVE_KEY_SIZE, &secret_memory);
	_cleanup_free_ char *folder = NULL, *path = NULL;
	bool exists = false;

	if (!find_folder(&folder, err))
		return false;
	path = xasprintf("%s/key", folder);
	if (access(folder, F_OK) == 0 || errno != ENOENT) {
		if (!fs_make_private_dir(folder, err) || !private_file_read(path, &key, &exists, err))
			return false;
	}
	if (exists && key.len != DERIVE_KEY_SIZE)
		return error_set(err, ERROR_STORE, "the key '%s' is damaged: restore it, or move it away",
				 path);
	if (exists && !buffer_append(ret, key.data, key.len))
		return error_set(err, ERROR_INTERNAL, "there is no memory for a key");
	*ret_exists = exists;
	*ret_path = TAKE(path);
	return true;
}

bool random_key_make(struct buffer *ret, struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer key = BUFFER_INIT(DERIVE_KEY_SIZE, &secret_memory);
	_cleanup_free_ char *folder = NULL, *path = NULL;

	if (!buffer_reserve(&key, DERIVE_KEY_SIZE))
		return error_set(err, ERROR_INTERNAL, "there is no memory for a key");
	if (!derive_random(key.data, DERIVE_KEY_SIZE, err))
		return false;
	key.len = DERIVE_KEY_SIZE;
	if (!find_folder(&folder, err) || !fs_make_private_dir(folder, err))
		return false;
	path = xasprintf("%s/key", folder);
	if (!private_file_create(path, &key, err))
		return false;
	return buffer_append(ret, key.data, key.len) ||
	       error_set(err, ERROR_INTERNAL, "there is no memory for a key");
}
