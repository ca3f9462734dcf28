#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/xalloc.h"

static bool write_all(int fd, const struct buffer *data)
{
	for (size_t done = 0; done < data->len;) {
		ssize_t n = write(fd, data->data + done, data->len - done);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			done += (size_t)n;
	}
	return true;
}

/* A group that we are not in cannot be kept, and is no reason to fail: the mode then gives it nothing. */
static bool make_like(int fd, const struct stat *like)
{
	mode_t mode = like->st_mode & 07777;

	if (fchown(fd, like->st_uid, like->st_gid) < 0) {
		if (like->st_uid != geteuid())
			return false;
		mode &= ~(mode_t)070;
	}
	return fchmod(fd, mode) == 0;
}

/* close() tells what some network file systems keep back until then. */
static bool write_fresh(const char *fresh, const struct buffer *data, const struct stat *like)
{
	int fd;
	bool ok;

	if (unlink(fresh) < 0 && errno != ENOENT)
		return false;
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	ok = write_all(fd, data) && (!like || make_like(fd, like)) && fsync(fd) == 0;
	if (ok)
		return close(fd) == 0;
	int why = errno;
	close(fd);
	errno = why;
	return false;
}

/* A rename is durable once its folder is; file systems without folders to sync say EINVAL. */
static bool sync_folder(const char *path)
{
	_cleanup_free_ char *folder = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	_cleanup_close_ int fd = open(*folder ? folder : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
}

/* rename() where nothing may be there yet; some file systems cannot promise it, but their writers hold the
 * lock. */
static int rename_to_nothing(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	if (access(to, F_OK) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

static bool put(const char *path, const char *fresh, const struct buffer *data, const struct stat *like,
		int (*move)(const char *, const char *))
{
	if (write_fresh(fresh, data, like) && move(fresh, path) == 0 && sync_folder(path))
		return true;
	int why = errno;
	unlink(fresh);
	errno = why;
	return false;
}

bool replace_file(const char *path, const char *fresh, const struct buffer *data, const struct stat *like)
{
	return put(path, fresh, data, like, rename);
}

bool replace_nothing(const char *path, const char *fresh, const struct buffer *data)
{
	return put(path, fresh, data, NULL, rename_to_nothing);
}

bool replace_rename_to_nothing(const char *from, const char *to)
{
	return rename_to_nothing(from, to) == 0 && sync_folder(to);
}
