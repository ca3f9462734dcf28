#include "stores/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/lock.h"
#include "base/replace.h"
#include "base/xalloc.h"

#define LOCK_PATIENCE_S 5  /* the daemon waits 10 */
#define NAMES_ASIDE     99 /* more machines than one home has seen */

static char *folder_of(const char *path)
{
	return xstrndup(path, (size_t)(strrchr(path, '/') - path));
}

static bool cannot_write(const char *path, struct error *err)
{
	int why = errno;
	_cleanup_free_ char *folder = folder_of(path);

	errno = why;
	return error_errno(err, "cannot write in '%s'", folder);
}

/* ---- reading ---- */

static bool check_private(int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_errno(err, "cannot look at '%s'", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, ERROR_STORE, "'%s' is not a file: remove it", path);
	if (st.st_uid != getuid())
		return error_set(err, ERROR_STORE, "'%s' belongs to uid %u: remove it", path,
				 (unsigned)st.st_uid);
	if (st.st_mode & 077)
		return error_set(err, ERROR_STORE, "others may use '%s': chmod 600 '%s'", path, path);
	return true;
}

static bool read_all(int fd, const char *path, struct buffer *ret, struct error *err)
{
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st) < 0)
		return error_errno(err, "cannot look at '%s'", path);
	if (!buffer_reserve(ret, (size_t)st.st_size))
		return error_set(err, ERROR_STORE, "'%s' has more than %zu bytes: move it away", path,
				 ret->max);
	for (off_t got = 0; got < st.st_size; got += n) {
		n = read(fd, ret->data + ret->len, (size_t)(st.st_size - got));
		if (n < 0)
			return error_errno(err, "cannot read '%s'", path);
		if (n == 0)
			break; /* it has become shorter, which whoever reads it finds out */
		ret->len += (size_t)n;
	}
	ret->data[ret->len] = '\0';
	return true;
}

bool private_file_read(const char *path, struct buffer *ret, bool *ret_exists, struct error *err)
{
	/* A FIFO that nobody writes to must not hold up anyone. */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 && errno == ENOENT) {
		*ret_exists = false;
		return true;
	}
	if (fd < 0 && errno == ELOOP)
		return error_set(err, ERROR_STORE, "'%s' is a symbolic link: remove it", path);
	if (fd < 0)
		return error_errno(err, "cannot open '%s'", path);
	if (!check_private(fd, path, err) || !read_all(fd, path, ret, err))
		return false;
	*ret_exists = true;
	return true;
}

/* ---- writing ---- */

bool private_file_replace(const char *path, const struct buffer *data, struct error *err)
{
	_cleanup_free_ char *fresh = xasprintf("%s.new", path);

	return replace_file(path, fresh, data, NULL) || cannot_write(path, err);
}

bool private_file_create(const char *path, const struct buffer *data, struct error *err)
{
	_cleanup_free_ char *fresh = xasprintf("%s.new", path);

	return replace_nothing(path, fresh, data) || cannot_write(path, err);
}

bool private_file_set_aside(const char *path, const char *suffix, char **ret_path, struct error *err)
{
	for (int n = 1; n <= NAMES_ASIDE; n++) {
		_cleanup_free_ char *aside =
			n == 1 ? xasprintf("%s.%s", path, suffix) : xasprintf("%s.%s.%d", path, suffix, n);

		if (replace_rename_to_nothing(path, aside)) {
			*ret_path = TAKE(aside);
			return true;
		}
		if (errno != EEXIST)
			return cannot_write(path, err);
	}
	return error_set(err, ERROR_STORE,
			 "there are %d files '%s.%s' already: remove those that nobody needs", NAMES_ASIDE,
			 path, suffix);
}

/* ---- one writer at a time ---- */

bool private_file_lock(const char *path, int *ret_fd, struct error *err)
{
	_cleanup_free_ char *lock = xasprintf("%s.lock", path);
	_cleanup_close_ int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);

	if (fd < 0)
		return cannot_write(path, err);
	if (!lock_wait(fd, LOCK_PATIENCE_S))
		return errno == EINTR ? error_set(err, ERROR_STORE,
						  "another program has held '%s' for %d s: try again", lock,
						  LOCK_PATIENCE_S)
				      : error_errno(err, "cannot lock '%s'", lock);
	*ret_fd = fd;
	fd = -1;
	return true;
}
