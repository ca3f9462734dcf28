#include "base/rolling_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/xalloc.h"

char *rolling_file_old(const char *path)
{
	return xasprintf("%s.old", path);
}

static bool make_folder(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *folder = xstrndup(path, slash ? (size_t)(slash - path) : 0);

	return fs_make_private_dir(folder, err);
}

/* A link or a FIFO of that name would lead the lines elsewhere. */
static bool open_own(const char *path, int *ret_fd, off_t *ret_size, struct error *err)
{
	_cleanup_close_ int fd = open(
		path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, "cannot write '%s'", path);
	if (!S_ISREG(st.st_mode) || st.st_uid != getuid())
		return error_set(err, ERROR_CONFIG, "'%s' is not a file of yours: remove it", path);
	if ((st.st_mode & 077) != 0 && fchmod(fd, 0600) < 0)
		return error_errno(err, "cannot close '%s' to others", path);
	*ret_size = st.st_size;
	*ret_fd = fd;
	fd = -1;
	return true;
}

static bool open_with_room(const char *path, size_t len, size_t max, int *ret_fd, off_t *ret_size,
			   struct error *err)
{
	_cleanup_free_ char *old = rolling_file_old(path);

	if (!open_own(path, ret_fd, ret_size, err))
		return false;
	if (*ret_size == 0 || (size_t)*ret_size + len <= max)
		return true;
	close(*ret_fd);
	if (rename(path, old) < 0)
		return error_errno(err, "cannot rename '%s' to '%s'", path, old);
	return open_own(path, ret_fd, ret_size, err);
}

/* The machine may have gone down in the middle of a line. */
static bool ends_in_half_line(int fd, off_t size)
{
	char last;

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

static bool write_whole(int fd, const char *data, size_t len)
{
	ssize_t n = write(fd, data, len);

	if (n >= 0 && (size_t)n < len)
		errno = ENOSPC;
	return n == (ssize_t)len;
}

bool rolling_file_append(const char *path, const char *lines, size_t len, size_t max, struct error *err)
{
	_cleanup_close_ int fd = -1;
	off_t size;

	if (!make_folder(path, err) || !open_with_room(path, len, max, &fd, &size, err))
		return false;
	if ((!ends_in_half_line(fd, size) || write_whole(fd, "\n", 1)) && write_whole(fd, lines, len))
		return true;
	error_fill_errno(err, "cannot write '%s'", path);
	(void)!ftruncate(fd, size); /* half a line is none, */
	if (size == 0)
		unlink(path); /* and an empty file is none */
	return false;
}
