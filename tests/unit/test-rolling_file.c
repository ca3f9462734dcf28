#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/rolling_file.h"
#include "base/xalloc.h"
#include "check.h"

static char folder[] = "/tmp/iamic-rolling-XXXXXX", *path, *old;

static void append(const char *lines)
{
	struct error err;

	CHECK(rolling_file_append(path, lines, strlen(lines), 20, &err));
}

static void check_file(const char *name, const char *wanted)
{
	struct buffer text = BUFFER_INIT(1024, &buffer_heap);
	struct error err;
	bool exists;

	CHECK(fs_read(name, &text, &exists, &err) && exists);
	CHECK_STR(text.data, wanted);
	buffer_clear(&text);
}

static void put(const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void clear(void)
{
	unlink(path);
	unlink(old);
}

static void it_grows_until_its_cap(void)
{
	struct stat st;

	append("one\n");
	append("two\nthree\n");
	check_file(path, "one\ntwo\nthree\n");
	append("four\n");
	check_file(path, "one\ntwo\nthree\nfour\n");
	CHECK(access(old, F_OK) < 0);
	append("five\n");
	check_file(path, "five\n");
	check_file(old, "one\ntwo\nthree\nfour\n");
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	append("six and seven\n");
	append("eight\n");
	check_file(old, "five\nsix and seven\n");
	clear();
}

static void what_is_longer_than_the_cap_is_there_all_the_same(void)
{
	append("a line of more than 20 bytes\n");
	append("x\n");
	check_file(path, "x\n");
	check_file(old, "a line of more than 20 bytes\n");
	clear();
}

static void half_a_line_does_not_spoil_the_next(void)
{
	struct stat st;

	put("who");
	append("whole\n");
	check_file(path, "who\nwhole\n");
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
	clear();
}

/* A file that may not grow is a full disk. */
static void nothing_is_half_written(void)
{
	struct rlimit limit, few;
	struct error err;

	CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
	few = (struct rlimit){.rlim_cur = 8, .rlim_max = limit.rlim_max};
	append("one\n");
	CHECK(setrlimit(RLIMIT_FSIZE, &few) == 0);
	CHECK(!rolling_file_append(path, "two\nthree\n", 10, 20, &err));
	CHECK(strstr(err.message, path) && strstr(err.message, "No space left"));
	check_file(path, "one\n");
	clear();
	CHECK(!rolling_file_append(path, "two\nthree\n", 10, 20, &err));
	CHECK(access(path, F_OK) < 0);
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static void what_is_no_file_is_left_alone(void)
{
	struct error err;

	CHECK(mkfifo(path, 0600) == 0 && !rolling_file_append(path, "x\n", 2, 20, &err));
	CHECK(strstr(err.message, path));
	clear();
	CHECK(symlink("/dev/full", path) == 0 && !rolling_file_append(path, "x\n", 2, 20, &err));
	clear();
	CHECK(mkdir(path, 0700) == 0 && !rolling_file_append(path, "x\n", 2, 20, &err));
	CHECK(rmdir(path) == 0);
}

int main(void)
{
	CHECK(mkdtemp(folder));
	path = xasprintf("%s/below/log", folder);
	old = rolling_file_old(path);
	it_grows_until_its_cap();
	what_is_longer_than_the_cap_is_there_all_the_same();
	half_a_line_does_not_spoil_the_next();
	nothing_is_half_written();
	what_is_no_file_is_left_alone();
	*strrchr(path, '/') = '\0';
	CHECK(rmdir(path) == 0 && rmdir(folder) == 0);
	free(path);
	free(old);
	return 0;
}
