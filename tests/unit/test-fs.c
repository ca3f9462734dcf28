#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/xalloc.h"
#include "check.h"

static char root[] = "/tmp/iamic-test-fs-XXXXXX";

static char *in_root(const char *name)
{
	return xasprintf("%s/%s", root, name);
}

static void write_file(const char *path, const char *data, size_t len)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && write(fd, data, len) == (ssize_t)len);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	CHECK(lstat(path, &st) == 0);
	return st.st_mode & 07777;
}

static void home_must_be_an_absolute_path(void)
{
	static const char *const bad[] = {NULL, "", "home", "./x"};
	const char *home = NULL;
	struct error err;

	CHECK(setenv("HOME", "/home/x", 1) == 0);
	CHECK(fs_home(&home, &err));
	CHECK_STR(home, "/home/x");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK(bad[i] ? setenv("HOME", bad[i], 1) == 0 : unsetenv("HOME") == 0);
		CHECK(!fs_home(&home, &err));
		CHECK(err.kind == ERROR_CONFIG && strstr(err.message, "HOME"));
	}
}

static void folders_follow_xdg(void)
{
	_cleanup_free_ char *given = NULL, *relative = NULL, *absent = NULL;
	char *nowhere = NULL;
	struct error err;

	CHECK(setenv("HOME", "/home/x", 1) == 0);
	CHECK(setenv("XDG_STATE_HOME", "/state", 1) == 0);
	CHECK(fs_xdg("XDG_STATE_HOME", ".local/state", &given, &err));
	CHECK_STR(given, "/state");
	CHECK(setenv("XDG_STATE_HOME", "state", 1) == 0); /* the specification: relative paths are ignored */
	CHECK(fs_xdg("XDG_STATE_HOME", ".local/state", &relative, &err));
	CHECK_STR(relative, "/home/x/.local/state");
	CHECK(unsetenv("XDG_STATE_HOME") == 0);
	CHECK(fs_xdg("XDG_STATE_HOME", ".local/state", &absent, &err));
	CHECK_STR(absent, "/home/x/.local/state");
	CHECK(unsetenv("HOME") == 0);
	CHECK(!fs_xdg("XDG_STATE_HOME", ".local/state", &nowhere, &err));
	CHECK(!nowhere && err.kind == ERROR_CONFIG);
}

static void a_private_folder_is_made_with_its_parents(void)
{
	_cleanup_free_ char *path = in_root("a/b/c"), *parent = in_root("a");
	struct error err;

	umask(0);
	CHECK(fs_make_private_dir(path, &err));
	CHECK(mode_of(path) == 0700 && mode_of(parent) == 0700);
	CHECK(fs_make_private_dir(path, &err));
}

static void expect_refusal(const char *path, enum error_kind kind, const char *word)
{
	struct error err = {0};

	CHECK(!fs_make_private_dir(path, &err));
	if (err.kind != kind || !strstr(err.message, word) || !strstr(err.message, path)) {
		fprintf(stderr, "kind %d: %s\n", err.kind, err.message);
		exit(1);
	}
}

static void a_folder_that_others_can_write_is_refused(void)
{
	_cleanup_free_ char *path = in_root("shared");

	CHECK(mkdir(path, 0700) == 0 && chmod(path, 0770) == 0);
	expect_refusal(path, ERROR_CONFIG, "chmod 700");
	CHECK(chmod(path, 0702) == 0);
	expect_refusal(path, ERROR_CONFIG, "chmod 700");
	CHECK(chmod(path, 0755) == 0);
	CHECK(fs_make_private_dir(path, &(struct error){0}));
}

static void a_symlink_is_refused_whatever_stands_behind_it(void)
{
	_cleanup_free_ char *path = in_root("link"), *slashed = in_root("link/"), *target = in_root("target");

	CHECK(mkdir(target, 0700) == 0 && symlink(target, path) == 0);
	expect_refusal(path, ERROR_CONFIG, "symbolic link");
	CHECK(!fs_make_private_dir(slashed, &(struct error){0}));
}

static void what_is_no_folder_is_refused(void)
{
	_cleanup_free_ char *path = in_root("file"), *below = in_root("file/sub");

	write_file(path, "", 0);
	expect_refusal(path, ERROR_CONFIG, "not a directory");
	expect_refusal(below, ERROR_INTERNAL, "Not a directory");
}

static void a_folder_that_cannot_be_made_says_why(void)
{
	struct error err;

	CHECK(!fs_make_private_dir("/proc/iamic/x", &err));
	CHECK(err.kind == ERROR_INTERNAL);
	CHECK_STR(err.message, "cannot make directory '/proc/iamic': No such file or directory");
	CHECK(!fs_make_private_dir("", &err));
}

static void a_file_is_read_whole(void)
{
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(300000, &buffer_heap);
	_cleanup_free_ char *path = in_root("whole"), *data = xcalloc(200001, 1);
	struct error err;
	bool exists = false;

	memset(data, 'x', 200000);
	write_file(path, data, 200000);
	CHECK(fs_read(path, &b, &exists, &err));
	CHECK(exists && b.len == 200000);
	CHECK_STR(b.data, data);
}

static void a_file_that_is_not_there_is_no_error(void)
{
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(100, &buffer_heap);
	_cleanup_free_ char *path = in_root("absent"), *below = in_root("whole/absent");
	struct error err;
	bool exists = true;

	CHECK(fs_read(path, &b, &exists, &err));
	CHECK(!exists);
	exists = true;
	CHECK(fs_read(below, &b, &exists, &err));
	CHECK(!exists);
}

static void the_maximum_may_be_reached_and_not_passed(void)
{
	_cleanup_free_ char *path = in_root("limit");
	struct error err;
	bool exists;

	write_file(path, "12345678", 8);
	for (size_t max = 7; max <= 9; max++) {
		_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(max, &buffer_heap);
		bool ok = fs_read(path, &b, &exists, &err);

		CHECK(ok == (max >= 8));
		CHECK(ok ? b.len == 8 : err.kind == ERROR_CONFIG && strstr(err.message, "more than 7 bytes"));
	}
}

static void an_empty_file_is_empty_text(void)
{
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(100, &buffer_heap);
	struct error err;
	bool exists = false;

	CHECK(fs_read("/dev/null", &b, &exists, &err));
	CHECK(exists && b.len == 0);
	CHECK_STR(b.data, "");
}

static void what_is_no_file_is_an_error_and_never_waits(void)
{
	_cleanup_(buffer_clearp) struct buffer b = BUFFER_INIT(100, &buffer_heap);
	_cleanup_free_ char *fifo = in_root("fifo");
	struct error err;
	bool exists;

	CHECK(!fs_read(root, &b, &exists, &err));
	CHECK(strstr(err.message, root) && strstr(err.message, "Is a directory"));
	CHECK(!fs_read("/dev/zero", &b, &exists, &err));
	CHECK(err.kind == ERROR_CONFIG);
	buffer_clear(&b);
	CHECK(mkfifo(fifo, 0600) == 0);
	alarm(5);
	CHECK(fs_read(fifo, &b, &exists, &err));
	CHECK(b.len == 0);
	alarm(0);
}

static void descriptors_close_themselves(void)
{
	int kept;

	{
		_cleanup_close_ int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		_cleanup_close_ int none = -1;

		CHECK(fd >= 0 && none < 0);
		kept = fd;
	}
	CHECK(fcntl(kept, F_GETFD) < 0 && errno == EBADF);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int main(void)
{
	CHECK(mkdtemp(root));
	home_must_be_an_absolute_path();
	folders_follow_xdg();
	a_private_folder_is_made_with_its_parents();
	a_folder_that_others_can_write_is_refused();
	a_symlink_is_refused_whatever_stands_behind_it();
	what_is_no_folder_is_refused();
	a_folder_that_cannot_be_made_says_why();
	a_file_is_read_whole();
	a_file_that_is_not_there_is_no_error();
	the_maximum_may_be_reached_and_not_passed();
	an_empty_file_is_empty_text();
	what_is_no_file_is_an_error_and_never_waits();
	descriptors_close_themselves();
	CHECK(nftw(root, remove_entry, 8, FTW_DEPTH | FTW_PHYS) == 0);
	return 0;
}
