#include "daemon/share_path.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/xalloc.h"
#include "ipc/socket.h"

/* A folder such as /tmp, in which everyone has files and nobody another's, will do. */
static bool check_folder(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *folder = xstrndup(path, slash > path ? (size_t)(slash - path) : 1);
	struct stat st;

	if (stat(folder, &st) < 0) {
		error_fill_errno(err, "cannot look at '%s'", folder);
		err->kind = ERROR_CONFIG;
		return false;
	}
	if (st.st_uid != getuid() && st.st_uid != 0)
		return error_set(err, ERROR_CONFIG,
				 "'%s' belongs to uid %u: put the socket into a folder of your own", folder,
				 (unsigned)st.st_uid);
	if ((st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0)
		return error_set(err, ERROR_CONFIG,
				 "others can write to '%s': put the socket into a folder of your own",
				 folder);
	return true;
}

static bool is_in_use(const char *path)
{
	_cleanup_close_ int fd = -1;
	struct error ignored;

	return socket_connect(path, clock_boot_usec(), &fd, &ignored) != CONNECT_ABSENT;
}

/* A lending that was killed together with its daemon has left its socket behind. */
static bool clear(const char *path, struct error *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT ? true : error_errno(err, "cannot look at '%s'", path);
	if (!S_ISSOCK(st.st_mode) || st.st_uid != getuid())
		return error_set(err, ERROR_CONFIG,
				 "'%s' is there already, and no socket of yours: choose another path", path);
	if (is_in_use(path))
		return error_set(err, ERROR_CONFIG,
				 "somebody listens on '%s' already: end that, or choose another path", path);
	return unlink(path) == 0 || errno == ENOENT ? true : error_errno(err, "cannot remove '%s'", path);
}

bool share_path_listen(const char *path, bool is_for_others, int *ret_fd, struct error *err)
{
	return check_folder(path, err) && clear(path, err) &&
	       socket_listen_new(path, is_for_others ? 0666 : 0600, ret_fd, err);
}
