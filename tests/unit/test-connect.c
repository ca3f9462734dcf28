/* Connecting, and the notes of failed starts. Starting itself needs programs:
 * tests/integration/test_start.py. */
#include "ipc/connect.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "check.h"
#include "ipc/socket.h"
#include "ipc/start_lock.h"

static char folder[] = "/tmp/iamic-XXXXXX";
static char path[64], lock_path[64];
static struct error err;

static uint64_t soon(void)
{
	return clock_boot_usec() + USEC_PER_SEC;
}

static void a_daemon_that_listens_is_connected_to(void)
{
	_cleanup_close_ int listener = -1, fd = -1;

	CHECK(socket_listen(path, &listener, &err));
	CHECK(connect_daemon(soon(), &fd, &err));
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK);
	unlink(path);
}

static void for_an_address_that_was_set_no_daemon_is_started(void)
{
	int fd = -1;

	CHECK(!connect_daemon(soon(), &fd, &err));
	CHECK(err.kind == ERROR_UNAVAILABLE);
	CHECK(strstr(err.message, path) && strstr(err.message, "(from IAMIC_SOCKET)"));
	CHECK(access(lock_path, F_OK) < 0);
}

static int open_lock(void)
{
	int fd = -1;

	CHECK(start_lock_open(path, &fd, &err));
	return fd;
}

static void one_at_a_time_has_the_lock(void)
{
	_cleanup_close_ int first = open_lock(), second = open_lock();
	struct stat st;

	CHECK(stat(lock_path, &st) == 0 && (st.st_mode & 07777) == 0600);
	CHECK(fcntl(first, F_GETFD) & FD_CLOEXEC);
	CHECK(start_lock_try(first));
	CHECK(!start_lock_try(second));
	close(first);
	first = -1;
	CHECK(start_lock_try(second));
}

static void a_lock_that_is_a_link_is_not_followed(void)
{
	int fd = -1;

	unlink(lock_path);
	CHECK(symlink("/tmp/iamic-nowhere", lock_path) == 0);
	CHECK(!start_lock_open(path, &fd, &err));
	CHECK(err.kind == ERROR_CONFIG && strstr(err.message, lock_path));
	CHECK(access("/tmp/iamic-nowhere", F_OK) < 0);
	unlink(lock_path);
}

static void a_note_is_read_as_it_was_written(void)
{
	_cleanup_close_ int fd = open_lock();
	uint64_t before = clock_boot_usec();
	struct start_note note;
	char longest[START_NOTE_TEXT_SIZE];

	CHECK(!start_note_read(fd, &note));
	start_note_write(fd, ERROR_CONFIG, "a reason: 7");
	CHECK(start_note_read(fd, &note));
	CHECK(note.kind == ERROR_CONFIG && note.time_usec >= before && note.time_usec <= clock_boot_usec());
	CHECK_STR(note.text, "a reason: 7");
	start_note_write(fd, ERROR_NONE, "/x");
	CHECK(start_note_read(fd, &note));
	CHECK(note.kind == ERROR_NONE);
	CHECK_STR(note.text, "/x");
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	start_note_write(fd, ERROR_INTERNAL, longest);
	CHECK(start_note_read(fd, &note));
	CHECK_STR(note.text, longest);
	start_note_clear(fd);
	CHECK(!start_note_read(fd, &note));
}

static void a_note_that_is_not_whole_does_not_count(void)
{
	static const char whole[] = "123456 5 iamicd did not start\n";
	static const char *const cases[] = {"\n",       "x\n",     "5\n",      "5 \n",       "5 5\n",
					    "5 10 x\n", "5 x 5\n", "5 5x y\n", "5 5 x\ny\n", "5 5 x\n\n",
					    "-\n",      " 5 5 x",  "5 5 x"};
	_cleanup_close_ int fd = open_lock();
	struct start_note note;

	for (size_t i = 0; i < sizeof(whole); i++) {
		start_note_clear(fd);
		CHECK(pwrite(fd, whole, i, 0) == (ssize_t)i);
		CHECK(start_note_read(fd, &note) == (i == sizeof(whole) - 1));
	}
	CHECK(pwrite(fd, "", 1, 3) == 1);
	CHECK(!start_note_read(fd, &note));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		start_note_clear(fd);
		CHECK(pwrite(fd, cases[i], strlen(cases[i]), 0) == (ssize_t)strlen(cases[i]));
		CHECK(!start_note_read(fd, &note));
	}
}

static void a_file_of_any_size_is_no_note(void)
{
	_cleanup_close_ int fd = open_lock();
	char junk[10000];
	struct start_note note;

	memset(junk, '7', sizeof(junk));
	CHECK(pwrite(fd, junk, sizeof(junk), 0) == sizeof(junk));
	CHECK(!start_note_read(fd, &note));
}

int main(void)
{
	CHECK(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	snprintf(lock_path, sizeof(lock_path), "%s/socket.lock", folder);
	setenv("IAMIC_SOCKET", path, 1);
	a_daemon_that_listens_is_connected_to();
	for_an_address_that_was_set_no_daemon_is_started();
	one_at_a_time_has_the_lock();
	a_lock_that_is_a_link_is_not_followed();
	a_note_is_read_as_it_was_written();
	a_note_that_is_not_whole_does_not_count();
	a_file_of_any_size_is_no_note();
	unlink(lock_path);
	CHECK(rmdir(folder) == 0);
	return 0;
}
