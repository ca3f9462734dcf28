#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/xalloc.h"
#include "check.h"
#include "stores/private_file.h"

static char root[] = "/tmp/iamic-test-private-XXXXXX";

static char *in_root(const char *name)
{
	return xasprintf("%s/%s", root, name);
}

static struct buffer bytes(const char *text)
{
	struct buffer b = BUFFER_INIT(64, &buffer_heap);

	CHECK(buffer_append_text(&b, text));
	return b;
}

static void replace(const char *path, const char *text)
{
	_cleanup_(buffer_clearp) struct buffer data = bytes(text);
	struct error err;

	CHECK(private_file_replace(path, &data, &err));
}

static void check_content(const char *path, const char *text)
{
	_cleanup_(buffer_clearp) struct buffer data = BUFFER_INIT(64, &buffer_heap);
	struct error err;
	bool exists;

	CHECK(private_file_read(path, &data, &exists, &err) && exists);
	CHECK_STR(data.data, text);
}

static void check_refused(const char *path, const char *why)
{
	_cleanup_(buffer_clearp) struct buffer data = BUFFER_INIT(64, &buffer_heap);
	struct error err = {0};
	bool exists;

	CHECK(!private_file_read(path, &data, &exists, &err));
	if (!strstr(err.message, why) || !strstr(err.message, path)) {
		fprintf(stderr, "'%s' does not say '%s'\n", err.message, why);
		exit(1);
	}
}

static size_t n_entries(void)
{
	DIR *dir = opendir(root);
	size_t n = 0;

	CHECK(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void a_file_is_made_and_replaced_and_leaves_nothing_beside_it(void)
{
	_cleanup_free_ char *path = in_root("a"), *stale = in_root("a.new");
	struct stat st;

	umask(0);
	replace(path, "one");
	check_content(path, "one");
	CHECK(lstat(path, &st) == 0 && (st.st_mode & 07777) == 0600);
	CHECK(symlink("/etc/passwd", stale) == 0); /* planted, or left by one that was killed */
	replace(path, "two");
	check_content(path, "two");
	CHECK(n_entries() == 1 && unlink(path) == 0);
}

static void a_file_that_is_not_there_is_no_error(void)
{
	_cleanup_(buffer_clearp) struct buffer data = BUFFER_INIT(64, &buffer_heap);
	_cleanup_free_ char *path = in_root("absent");
	struct error err;
	bool exists = true;

	CHECK(private_file_read(path, &data, &exists, &err) && !exists);
}

static void what_is_not_ours_alone_is_refused(void)
{
	_cleanup_free_ char *path = in_root("b"), *link = in_root("link"), *fifo = in_root("fifo");
	static const mode_t bad[] = {0640, 0660, 0604, 0601, 0777};

	replace(path, "text");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK(chmod(path, bad[i]) == 0);
		check_refused(path, "chmod 600");
	}
	CHECK(chmod(path, 0400) == 0);
	check_content(path, "text");
	CHECK(symlink(path, link) == 0 && mkfifo(fifo, 0600) == 0);
	check_refused(link, "symbolic link");
	check_refused(fifo, "is not a file");
	check_refused(root, "is not a file");
	CHECK(unlink(path) == 0 && unlink(link) == 0 && unlink(fifo) == 0);
}

static void a_file_over_the_maximum_is_refused(void)
{
	_cleanup_free_ char *path = in_root("large");
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	CHECK(fd >= 0 && ftruncate(fd, 64) == 0);
	check_content(path, "");
	CHECK(ftruncate(fd, 65) == 0);
	check_refused(path, "more than 64 bytes");
	CHECK(ftruncate(fd, (off_t)1 << 40) == 0);
	check_refused(path, "more than 64 bytes");
	CHECK(unlink(path) == 0);
}

static void what_is_created_overwrites_nothing(void)
{
	_cleanup_(buffer_clearp) struct buffer one = bytes("one"), two = bytes("two");
	_cleanup_free_ char *path = in_root("key");
	struct error err;

	CHECK(private_file_create(path, &one, &err));
	CHECK(!private_file_create(path, &two, &err));
	check_content(path, "one");
	CHECK(n_entries() == 1 && unlink(path) == 0);
}

static void a_folder_that_cannot_be_written_is_named(void)
{
	_cleanup_(buffer_clearp) struct buffer data = bytes("one");
	_cleanup_free_ char *path = in_root("no/such/folder/file");
	struct error err;
	int fd;

	CHECK(!private_file_replace(path, &data, &err));
	CHECK(strstr(err.message, "cannot write in") && strstr(err.message, "no/such/folder'"));
	CHECK(!private_file_lock(path, &fd, &err));
	CHECK(strstr(err.message, "no/such/folder'"));
}

static void what_is_set_aside_takes_no_name_that_is_taken(void)
{
	_cleanup_free_ char *path = in_root("s");
	char *names[] = {in_root("s.old"), in_root("s.old.2"), in_root("s.old.3")};
	struct error err;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_free_ char *aside = NULL;

		replace(path, names[i]);
		CHECK(private_file_set_aside(path, "old", &aside, &err));
		CHECK_STR(aside, names[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		check_content(names[i], names[i]);
		CHECK(unlink(names[i]) == 0);
		free(names[i]);
	}
}

int main(void)
{
	CHECK(mkdtemp(root));
	a_file_is_made_and_replaced_and_leaves_nothing_beside_it();
	a_file_that_is_not_there_is_no_error();
	what_is_not_ours_alone_is_refused();
	a_file_over_the_maximum_is_refused();
	what_is_created_overwrites_nothing();
	a_folder_that_cannot_be_written_is_named();
	what_is_set_aside_takes_no_name_that_is_taken();
	CHECK(n_entries() == 0 && rmdir(root) == 0);
	return 0;
}
