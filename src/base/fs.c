#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"

#define READ_CHUNK 2048 /* at least */

bool fs_home(const char **ret_home, struct error *err)
{
	const char *home = getenv("HOME");

	if (!home || home[0] != '/')
		return error_set(err, ERROR_CONFIG, "HOME is %s: set it to your home directory",
				 home && *home ? "not an absolute path" : "not set");
	*ret_home = home;
	return true;
}

bool fs_xdg(const char *variable, const char *fallback, char **ret_path, struct error *err)
{
	const char *value = getenv(variable), *home;

	if (value && value[0] == '/') {
		*ret_path = xstrdup(value);
		return true;
	}
	if (!fs_home(&home, err))
		return false;
	*ret_path = xasprintf("%s/%s", home, fallback);
	return true;
}

static bool check_private_dir(const char *path, struct error *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return error_errno(err, "cannot look at '%s'", path);
	if (S_ISLNK(st.st_mode))
		return error_set(err, ERROR_CONFIG, "'%s' is a symbolic link: remove it", path);
	if (!S_ISDIR(st.st_mode))
		return error_set(err, ERROR_CONFIG, "'%s' is not a directory: remove it", path);
	if (st.st_uid != getuid())
		return error_set(err, ERROR_CONFIG, "'%s' belongs to uid %u: remove it", path,
				 (unsigned)st.st_uid);
	if (st.st_mode & 022)
		return error_set(err, ERROR_CONFIG, "others can write to '%s': chmod 700 '%s'", path, path);
	return true;
}

/* mkdir() that is content with what is there; some file systems say EROFS or EACCES of that, too. */
static bool make_dir(const char *path, struct error *err)
{
	int why;

	if (mkdir(path, 0700) == 0)
		return true;
	why = errno;
	if (why == EEXIST || access(path, F_OK) == 0)
		return true;
	errno = why;
	return error_errno(err, "cannot make directory '%s'", path);
}

static bool make_parents(const char *path, struct error *err)
{
	_cleanup_free_ char *parent = xstrdup(path);

	for (char *slash = strchr(parent + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (!make_dir(parent, err))
			return false;
		*slash = '/';
	}
	return true;
}

/* Without slashes at the end, behind which lstat() would follow a symlink. */
bool fs_make_private_dir(const char *given, struct error *err)
{
	_cleanup_free_ char *path = xstrdup(given);
	size_t len = strlen(path);

	if (path[0] != '/')
		return error_set(err, ERROR_CONFIG, "'%s' is not an absolute path: begin it with '/'", path);
	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	if (!make_parents(path, err))
		return false;
	if (mkdir(path, 0700) == 0)
		return true;
	if (errno != EEXIST)
		return error_errno(err, "cannot make directory '%s'", path);
	return check_private_dir(path, err);
}

/* Appends what comes next; the a full buffer reads on for one byte, which tells a file of max bytes from a
 * longer one. */
static bool read_some(int fd, const char *path, struct buffer *buffer, bool *ret_is_end, struct error *err)
{
	size_t room = buffer->max - buffer->len;
	char beyond;
	ssize_t n;

	if (!buffer_reserve(buffer, room < READ_CHUNK ? room : READ_CHUNK))
		return error_set(err, ERROR_INTERNAL, "no memory for '%s'", path);
	room = buffer_room(buffer);
	do
		n = room ? read(fd, buffer->data + buffer->len, room) : read(fd, &beyond, 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_errno(err, "cannot read '%s'", path);
	if (n > 0 && room == 0)
		return error_set(err, ERROR_CONFIG, "'%s' has more than %zu bytes: is it the right file?",
				 path, buffer->max);
	buffer->len += (size_t)n;
	buffer->data[buffer->len] = '\0';
	*ret_is_end = n == 0;
	return true;
}

bool fs_read_rest(int fd, const char *path, struct buffer *buffer, struct error *err)
{
	bool is_end = false;

	while (!is_end) {
		if (!read_some(fd, path, buffer, &is_end, err))
			return false;
	}
	return true;
}

bool fs_read(const char *path, struct buffer *buffer, bool *ret_exists, struct error *err)
{
	/* A FIFO that nobody writes to must not hold up anyone. */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		*ret_exists = false;
		return true;
	}
	if (fd < 0)
		return error_errno(err, "cannot open '%s'", path);
	if (!fs_read_rest(fd, path, buffer, err))
		return false;
	*ret_exists = true;
	return true;
}

bool fs_is_link(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
}

void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
