#include "ipc/address.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/xalloc.h"

#define HOST_SIZE 65 /* HOST_NAME_MAX and a NUL */

static bool address_set(struct address *ret, const char *path, bool is_explicit, struct error *err)
{
	size_t n = strlen(path);

	if (n > IAMIC_SOCKET_PATH_MAX)
		return error_set(err, ERROR_CONFIG,
				 "the socket's path '%.200s' has %zu bytes, over %d: set %s", path, n,
				 IAMIC_SOCKET_PATH_MAX,
				 is_explicit ? "IAMIC_SOCKET to a shorter one"
					     : "XDG_RUNTIME_DIR to a folder with a shorter name");
	*ret = (struct address){.is_explicit = is_explicit};
	memcpy(ret->path, path, n);
	return true;
}

/* A base may be reached by a symbolic link (/var/run); what counts is what it leads to. */
static bool base_is_private(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == getuid() && !(st.st_mode & 022);
}

/* Our own folder may be missing; what is there must be ours alone, for it says who answers. */
static bool check_folder(const char *path, struct error *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? true : error_errno(err, "cannot look at '%s'", path);
	if (S_ISLNK(st.st_mode))
		return error_set(err, ERROR_CONFIG, "'%s' is a symbolic link: remove it", path);
	if (!S_ISDIR(st.st_mode))
		return error_set(err, ERROR_CONFIG, "'%s' is not a directory: remove it", path);
	if (st.st_uid != getuid())
		return error_set(err, ERROR_CONFIG, "'%s' belongs to uid %u, not to you: remove it", path,
				 (unsigned)st.st_uid);
	if (st.st_mode & 022)
		return error_set(err, ERROR_CONFIG, "others can write to '%s': chmod 700 '%s'", path, path);
	return true;
}

static bool resolve_below(const char *base, struct address *ret, struct error *err)
{
	size_t n = strlen(base);
	_cleanup_free_ char *folder = NULL, *path = NULL;

	while (n > 1 && base[n - 1] == '/')
		n--;
	folder = xasprintf("%.*s/" IAMIC_SOCKET_FOLDER, (int)n, base);
	path = xasprintf("%s/" IAMIC_SOCKET_NAME, folder);
	return check_folder(folder, err) && address_set(ret, path, false, err);
}

/* A home may be shared by machines, a socket cannot: the host's name keeps them apart. */
static void host_name(char ret[static HOST_SIZE])
{
	if (gethostname(ret, HOST_SIZE) < 0 || ret[0] == '\0')
		memcpy(ret, "localhost", sizeof("localhost"));
	ret[HOST_SIZE - 1] = '\0';
	for (char *p = ret; *p; p++) {
		if (*p == '/')
			*p = '_';
	}
}

static bool resolve_in_home(struct address *ret, struct error *err)
{
	_cleanup_free_ char *cache = NULL, *parent = NULL, *folder = NULL, *path = NULL;
	char host[HOST_SIZE];
	const char *home;
	struct stat st;

	if (!fs_home(&home, err))
		return false;
	if (stat(home, &st) < 0 || !S_ISDIR(st.st_mode))
		return error_set(err, ERROR_CONFIG, "HOME is '%s', which is not a directory: set it to yours",
				 home);
	cache = xasprintf("%s/.cache", home);
	if (stat(cache, &st) == 0 && !base_is_private(cache))
		return error_set(err, ERROR_CONFIG,
				 "no folder for the socket: '%s' is not yours alone, chmod go-w it or set "
				 "XDG_RUNTIME_DIR to one that is",
				 cache);
	host_name(host);
	parent = xasprintf("%s/" IAMIC_SOCKET_FOLDER, cache);
	folder = xasprintf("%s/run-%s", parent, host);
	path = xasprintf("%s/" IAMIC_SOCKET_NAME, folder);
	return check_folder(parent, err) && check_folder(folder, err) && address_set(ret, path, false, err);
}

bool address_resolve(struct address *ret, struct error *err)
{
	const char *path = getenv("IAMIC_SOCKET"), *runtime = getenv("XDG_RUNTIME_DIR");
	char run_user[sizeof("/run/user/4294967295")];

	if (path && path[0] == '/')
		return address_set(ret, path, true, err);
	if (path && path[0])
		return error_set(err, ERROR_CONFIG,
				 "IAMIC_SOCKET is '%.200s', not an absolute path: correct or unset it", path);
	if (runtime && runtime[0] == '/' && base_is_private(runtime))
		return resolve_below(runtime, ret, err);
	snprintf(run_user, sizeof(run_user), "/run/user/%u", (unsigned)getuid());
	if (base_is_private(run_user))
		return resolve_below(run_user, ret, err);
	return resolve_in_home(ret, err);
}

bool address_make_folder(const struct address *address, struct error *err)
{
	char folder[sizeof(address->path)];
	size_t n = (size_t)(strrchr(address->path, '/') - address->path);
	struct error why;

	if (address->is_explicit)
		return true;
	memcpy(folder, address->path, n);
	folder[n] = '\0';
	if (fs_make_private_dir(folder, &why))
		return true;
	return error_set(err, why.kind, "%s: set XDG_RUNTIME_DIR to a folder of yours that can be written to",
			 why.message);
}
