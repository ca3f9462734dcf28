#include "stores/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/fs.h"
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

/* close() tells what some network file systems keep back until then. */
static bool write_new(const char *path, const struct buffer *data)
{
	int fd;
	bool ok;

	if (unlink(path) < 0 && errno != ENOENT)
		return false;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return false;
	ok = write_all(fd, data) && fsync(fd) == 0;
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
	_cleanup_free_ char *folder = folder_of(path);
	_cleanup_close_ int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

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

static bool put(const char *path, const struct buffer *data, int (*move)(const char *, const char *),
		struct error *err)
{
	_cleanup_free_ char *fresh = xasprintf("%s.new", path);

	if (write_new(fresh, data) && move(fresh, path) == 0 && sync_folder(path))
		return true;
	cannot_write(path, err);
	unlink(fresh);
	return error_is_set();
}

bool private_file_replace(const char *path, const struct buffer *data, struct error *err)
{
	return put(path, data, rename, err);
}

bool private_file_create(const char *path, const struct buffer *data, struct error *err)
{
	return put(path, data, rename_to_nothing, err);
}

bool private_file_set_aside(const char *path, const char *suffix, char **ret_path, struct error *err)
{
	for (int n = 1; n <= NAMES_ASIDE; n++) {
		_cleanup_free_ char *aside =
			n == 1 ? xasprintf("%s.%s", path, suffix) : xasprintf("%s.%s.%d", path, suffix, n);

		if (rename_to_nothing(path, aside) == 0) {
			if (!sync_folder(path))
				return cannot_write(path, err);
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

static void on_alarm(int number)
{
	(void)number;
}

/* An alarm that repeats, for the first one may come before flock() has begun. Whoever started us may have
 * blocked it. */
static void set_alarm(time_t first_s)
{
	const struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART */
	const struct itimerval timer = {.it_value = {.tv_sec = first_s},
					.it_interval = {.tv_sec = first_s > 0}};

	sigset_t alarm_only;

	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	sigaction(SIGALRM, &action, NULL);
	sigprocmask(SIG_UNBLOCK, &alarm_only, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

bool private_file_lock(const char *path, int *ret_fd, struct error *err)
{
	_cleanup_free_ char *lock = xasprintf("%s.lock", path);
	_cleanup_close_ int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
	int status, why;

	if (fd < 0)
		return cannot_write(path, err);
	set_alarm(LOCK_PATIENCE_S);
	status = flock(fd, LOCK_EX);
	why = errno;
	set_alarm(0);
	if (status < 0 && why == EINTR)
		return error_set(err, ERROR_STORE, "another program has held '%s' for %d s: try again", lock,
				 LOCK_PATIENCE_S);
	errno = why;
	if (status < 0)
		return error_errno(err, "cannot lock '%s'", lock);
	*ret_fd = fd;
	fd = -1;
	return true;
}
