#include "ipc/socket.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "check.h"
#include "iamic/protocol.h"
#include "ipc/socket_place.h"

static char folder[] = "/tmp/iamic-XXXXXX";
static char path[64];
static struct error err;

static uint64_t in_ms(unsigned ms)
{
	return clock_boot_usec() + ms * USEC_PER_MSEC;
}

static size_t files_in_folder(void)
{
	DIR *dir = opendir(folder);
	size_t n = 0;

	CHECK(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n - 2;
}

static void who_sees_the_socket_can_connect(void)
{
	_cleanup_close_ int listener = -1, fd = -1;
	struct stat st;
	uid_t uid;
	pid_t pid;

	umask(0);
	CHECK(socket_listen(path, &listener, &err));
	CHECK(stat(path, &st) == 0 && S_ISSOCK(st.st_mode) && (st.st_mode & 07777) == 0600);
	CHECK(files_in_folder() == 1);
	CHECK(socket_connect(path, in_ms(0), &fd, &err) == CONNECT_OK);
	CHECK(fcntl(fd, F_GETFL) & O_NONBLOCK && fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK(fcntl(listener, F_GETFL) & O_NONBLOCK && fcntl(listener, F_GETFD) & FD_CLOEXEC);
	CHECK(socket_check_peer(fd, path, &err));
	CHECK(socket_peer(fd, &uid, &pid) && uid == getuid() && pid == getpid());
}

static void a_new_socket_takes_the_place_of_the_old(void)
{
	_cleanup_close_ int first = -1, second = -1, fd = -1;
	_cleanup_close_ int accepted = -1;

	CHECK(socket_listen(path, &first, &err));
	CHECK(socket_listen(path, &second, &err));
	CHECK(files_in_folder() == 1);
	CHECK(socket_connect(path, in_ms(0), &fd, &err) == CONNECT_OK);
	CHECK(accept(first, NULL, NULL) < 0);
	accepted = accept(second, NULL, NULL);
	CHECK(accepted >= 0);
}

static void nobody_there_is_no_error(void)
{
	int fd = -1;

	err = (struct error){.kind = ERROR_NONE};
	unlink(path);
	CHECK(socket_connect(path, in_ms(0), &fd, &err) == CONNECT_ABSENT);
	closep(&(int){open(path, O_WRONLY | O_CREAT, 0600)});
	CHECK(socket_connect(path, in_ms(0), &fd, &err) == CONNECT_ABSENT);
	unlink(path);
	{
		_cleanup_close_ int listener = -1;

		CHECK(socket_listen(path, &listener, &err));
	}
	CHECK(socket_connect(path, in_ms(0), &fd, &err) == CONNECT_ABSENT); /* what a killed daemon leaves */
	CHECK(fd == -1 && err.kind == ERROR_NONE);
}

static void another_kind_of_socket_is_unavailable(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int datagram = socket(AF_UNIX, SOCK_DGRAM, 0);
	int fd = -1;

	unlink(path);
	memcpy(address.sun_path, path, strlen(path));
	CHECK(bind(datagram, (struct sockaddr *)&address, sizeof(address)) == 0);
	CHECK(socket_connect(path, in_ms(0), &fd, &err) == CONNECT_FAILED);
	CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, path));
	unlink(path);
}

static void a_path_that_is_too_long_is_refused(void)
{
	char name[IAMIC_SOCKET_PATH_MAX + 2];
	int fd = -1;

	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	CHECK(socket_connect(name, in_ms(0), &fd, &err) == CONNECT_FAILED);
	CHECK(err.kind == ERROR_CONFIG);
	CHECK(!socket_listen(name, &fd, &err));
	CHECK(err.kind == ERROR_CONFIG);
	CHECK(!socket_listen("relative", &fd, &err));
	CHECK(err.kind == ERROR_CONFIG);
	CHECK(socket_connect("", in_ms(0), &fd, &err) == CONNECT_FAILED);
}

/* The path of the temporary socket must not be the one that does not fit. */
static void the_longest_path_can_be_used(void)
{
	char name[IAMIC_SOCKET_PATH_MAX + 1];
	_cleanup_close_ int listener = -1, fd = -1;
	int folder_len;

	folder_len = snprintf(name, sizeof(name), "%s/%0*d", folder,
			      (int)(IAMIC_SOCKET_PATH_MAX - sizeof("/socket") - strlen(folder)), 0);
	CHECK(mkdir(name, 0700) == 0);
	CHECK(snprintf(name + folder_len, sizeof(name) - (size_t)folder_len, "/socket") == 7);
	CHECK(strlen(name) == IAMIC_SOCKET_PATH_MAX);
	CHECK(socket_listen(name, &listener, &err));
	CHECK(socket_connect(name, in_ms(0), &fd, &err) == CONNECT_OK);
	CHECK(unlink(name) == 0);
	name[folder_len] = '\0';
	CHECK(rmdir(name) == 0);
}

static void a_place_that_cannot_be_used_leaves_nothing_behind(void)
{
	int fd = -1;

	CHECK(!socket_listen("/tmp/iamic-no-such-folder/socket", &fd, &err));
	CHECK(strstr(err.message, "/tmp/iamic-no-such-folder/socket"));
	unlink(path);
	CHECK(mkdir(path, 0700) == 0);
	CHECK(!socket_listen(path, &fd, &err));
	CHECK(files_in_folder() == 1);
	CHECK(rmdir(path) == 0);
}

/* Fills the queue of a listener that takes nobody; returns how many got in. */
static size_t fill_queue(int fds[], size_t n)
{
	size_t i = 0;

	while (i < n && socket_connect(path, in_ms(20), &fds[i], &err) == CONNECT_OK)
		i++;
	return i;
}

static void a_full_queue_is_waited_for(void)
{
	_cleanup_close_ int listener = -1, late = -1;
	uint64_t before = clock_boot_usec();
	int fds[64], status;
	size_t n;
	pid_t pid;

	CHECK(socket_listen(path, &listener, &err));
	CHECK(listen(listener, 1) == 0);
	n = fill_queue(fds, ARRAY_SIZE(fds));
	CHECK(n > 0 && n < ARRAY_SIZE(fds));
	CHECK(err.kind == ERROR_TIMED_OUT && clock_boot_usec() - before >= 20 * USEC_PER_MSEC);
	pid = fork();
	if (pid == 0) {
		poll(NULL, 0, 100);
		_exit(accept(listener, NULL, NULL) < 0);
	}
	CHECK(socket_connect(path, in_ms(10000), &late, &err) == CONNECT_OK);
	CHECK(fcntl(late, F_GETFL) & O_NONBLOCK);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	while (n > 0)
		close(fds[--n]);
}

static void bytes_go_out_as_the_peer_takes_them(void)
{
	enum { SIZE = 4 << 20 };
	char *data = calloc(1, SIZE);
	size_t received = 0;
	int ends[2], status;
	pid_t pid;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
	CHECK(!socket_send(ends[0], data, SIZE, in_ms(20), &err));
	CHECK(err.kind == ERROR_TIMED_OUT);
	close(ends[0]);
	close(ends[1]);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
	pid = fork();
	if (pid == 0) {
		close(ends[1]);
		_exit(!socket_send(ends[0], data, SIZE, in_ms(10000), &err));
	}
	close(ends[0]);
	while (received < SIZE) {
		ssize_t n;

		CHECK(socket_wait(ends[1], POLLIN, in_ms(10000), "send", &err));
		n = read(ends[1], data, 10000);
		CHECK(n > 0);
		received += (size_t)n;
	}
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	close(ends[1]);
	free(data);
}

static void a_peer_that_is_gone_is_unavailable_not_a_signal(void)
{
	int ends[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
	close(ends[1]);
	CHECK(!socket_send(ends[0], "x", 1, in_ms(0), &err));
	CHECK(err.kind == ERROR_UNAVAILABLE);
	close(ends[0]);
}

static void what_a_peer_said_before_it_left_is_heard(void)
{
	int ends[2];
	char byte;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
	CHECK(write(ends[1], "!", 1) == 1);
	close(ends[1]);
	CHECK(socket_send(ends[0], "x", 1, in_ms(0), &err));
	CHECK(read(ends[0], &byte, 1) == 1 && byte == '!');
	close(ends[0]);
}

static void a_new_socket_takes_nothings_place(void)
{
	_cleanup_close_ int fd = -1, other = -1;
	struct socket_place place, same;
	struct stat st;

	unlink(path);
	umask(0);
	CHECK(socket_listen_new(path, 0666, &fd, &err));
	CHECK(stat(path, &st) == 0 && S_ISSOCK(st.st_mode) && (st.st_mode & 07777) == 0666);
	CHECK(socket_place_note(path, &place, &err) && socket_place_is_held(&place));
	CHECK(!socket_listen_new(path, 0600, &other, &err) && strstr(err.message, path));
	CHECK(files_in_folder() == 1 && socket_place_is_held(&place));
	CHECK(socket_listen(path, &other, &err)); /* this one does */
	CHECK(!socket_place_is_held(&place));
	socket_place_leave(&place);
	CHECK(socket_place_note(path, &same, &err));
	socket_place_leave(&same);
	CHECK(files_in_folder() == 0 && !socket_place_note(path, &place, &err));
}

/* A connection whose other end was made by a process of that user. */
static int connection_of(uid_t uid)
{
	char control[CMSG_SPACE(sizeof(int))] = {0}, byte;
	struct iovec part = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)};
	int channel[2], ends[2], fd;
	pid_t pid;

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, channel) == 0);
	pid = fork();
	if (pid == 0) {
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);

		if (setresuid(uid, uid, uid) < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
			_exit(1);
		*header = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
		memcpy(CMSG_DATA(header), &ends[0], sizeof(int));
		_exit(sendmsg(channel[1], &message, 0) != 1);
	}
	CHECK(recvmsg(channel[0], &message, MSG_CMSG_CLOEXEC) == 1);
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	CHECK(waitpid(pid, NULL, 0) == pid);
	close(channel[0]);
	close(channel[1]);
	return fd;
}

/* Only root can become someone else to try it. */
static void another_users_daemon_is_not_trusted(void)
{
	static const char *const wrong[] = {
		"", "12346", "12345x", "-1", " 12345", "4294979641", "99999999999999999999999999"};
	_cleanup_close_ int fd = -1;

	if (getuid() != 0)
		return;
	fd = connection_of(12345);
	CHECK(!socket_check_peer(fd, path, &err));
	CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, "run as uid 12345"));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		setenv("IAMIC_SOCKET_UID", wrong[i], 1);
		CHECK(!socket_check_peer(fd, path, &err));
	}
	setenv("IAMIC_SOCKET_UID", "12345", 1);
	CHECK(socket_check_peer(fd, path, &err));
	unsetenv("IAMIC_SOCKET_UID");
}

int main(void)
{
	CHECK(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	who_sees_the_socket_can_connect();
	a_new_socket_takes_the_place_of_the_old();
	nobody_there_is_no_error();
	another_kind_of_socket_is_unavailable();
	a_path_that_is_too_long_is_refused();
	the_longest_path_can_be_used();
	a_place_that_cannot_be_used_leaves_nothing_behind();
	a_full_queue_is_waited_for();
	bytes_go_out_as_the_peer_takes_them();
	a_peer_that_is_gone_is_unavailable_not_a_signal();
	what_a_peer_said_before_it_left_is_heard();
	a_new_socket_takes_nothings_place();
	another_users_daemon_is_not_trusted();
	unlink(path);
	CHECK(rmdir(folder) == 0);
	return 0;
}
