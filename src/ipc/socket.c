#include "ipc/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "iamic/protocol.h"

#define TEMPORARY_NAME_LEN 6 /* no longer than "socket", so that its path fits wherever the socket's does */
#define TEMPORARY_TRIES    16
#define POLL_MAX_MS        60000

static bool fill_address(const char *path, struct sockaddr_un *ret, struct error *err)
{
	size_t n = strlen(path);

	if (n == 0 || n > IAMIC_SOCKET_PATH_MAX)
		return error_set(err, ERROR_CONFIG,
				 "the socket's path '%.200s' has %zu bytes: at most %d can be used", path, n,
				 IAMIC_SOCKET_PATH_MAX);
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	memcpy(ret->sun_path, path, n);
	return true;
}

/*
 * A full queue of the listener makes a non-blocking connect() fail at once, and poll() cannot wait for room;
 * a blocking one with a send timeout can.
 */
static int connect_patiently(int fd, const struct sockaddr_un *address, uint64_t deadline_usec)
{
	int flags = fcntl(fd, F_GETFL), result;

	if (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return -1;
	do {
		uint64_t now = clock_boot_usec(), left = deadline_usec > now ? deadline_usec - now : 0;
		struct timeval timeout = {(time_t)(left / USEC_PER_SEC), (suseconds_t)(left % USEC_PER_SEC)};

		errno = EAGAIN;
		result = left == 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0
				 ? -1
				 : connect(fd, (const struct sockaddr *)address, sizeof(*address));
	} while (result < 0 && errno == EINTR);
	return result < 0 ? -1 : fcntl(fd, F_SETFL, flags);
}

enum connect_outcome socket_connect(const char *path, uint64_t deadline_usec, int *ret_fd, struct error *err)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_un address;
	int result;

	if (!fill_address(path, &address, err))
		return CONNECT_FAILED;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		error_fill_errno(err, "cannot make a socket");
		return CONNECT_FAILED;
	}
	result = connect(fd, (struct sockaddr *)&address, sizeof(address));
	if (result < 0 && (errno == EAGAIN || errno == EINTR))
		result = connect_patiently(fd, &address, deadline_usec);
	if (result < 0 && (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR))
		return CONNECT_ABSENT;
	if (result < 0 && errno == EAGAIN) {
		error_fill(err, ERROR_TIMED_OUT,
			   "the daemon at '%s' is too busy to take a connection: try again", path);
		return CONNECT_FAILED;
	}
	if (result < 0) {
		error_fill_errno(err, "cannot connect to '%s'", path);
		err->kind = ERROR_UNAVAILABLE;
		return CONNECT_FAILED;
	}
	*ret_fd = fd;
	fd = -1;
	return CONNECT_OK;
}

bool socket_peer(int fd, uid_t *ret_uid, pid_t *ret_pid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
		return false;
	*ret_uid = peer.uid;
	*ret_pid = peer.pid;
	return true;
}

/* A lent socket in a container belongs to someone whose uid there is another: who lends says which. */
static bool is_lender(uid_t uid)
{
	const char *text = getenv("IAMIC_SOCKET_UID");
	unsigned long value;
	char *end;

	if (!text || text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	return errno == 0 && *end == '\0' && value == uid;
}

bool socket_check_peer(int fd, const char *path, struct error *err)
{
	uid_t uid;
	pid_t pid;

	if (!socket_peer(fd, &uid, &pid))
		return error_errno(err, "cannot tell whose daemon listens on '%s'", path);
	if (uid == getuid() || is_lender(uid))
		return true;
	return error_set(err, ERROR_UNAVAILABLE,
			 "the daemon at '%s' belongs to uid %u, and you are %u: run as uid %u", path,
			 (unsigned)uid, (unsigned)getuid(), (unsigned)uid);
}

static bool random_name(char ret[static TEMPORARY_NAME_LEN + 1], struct error *err)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuv";
	unsigned char bytes[TEMPORARY_NAME_LEN - 1];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return error_errno(err, "cannot get random bytes");
	ret[0] = '.';
	for (size_t i = 0; i < sizeof(bytes); i++)
		ret[i + 1] = letters[bytes[i] % 32];
	ret[TEMPORARY_NAME_LEN] = '\0';
	return true;
}

/* Beside path, so that a rename() puts it there. */
static bool bind_temporary(int fd, const char *path, struct sockaddr_un *ret_address, struct error *err)
{
	int folder_len = (int)(strrchr(path, '/') - path);

	for (int i = 0; i < TEMPORARY_TRIES; i++) {
		char name[TEMPORARY_NAME_LEN + 1], temporary[IAMIC_SOCKET_PATH_MAX + TEMPORARY_NAME_LEN + 2];

		if (!random_name(name, err))
			return false;
		snprintf(temporary, sizeof(temporary), "%.*s/%s", folder_len, path, name);
		if (!fill_address(temporary, ret_address, err))
			return false;
		if (bind(fd, (struct sockaddr *)ret_address, sizeof(*ret_address)) == 0)
			return true;
		if (errno != EADDRINUSE)
			return error_errno(err, "cannot make the socket '%s'", path);
	}
	return error_set(err, ERROR_INTERNAL, "cannot make the socket '%s': no free name beside it", path);
}

bool socket_check_path(const char *path, struct error *err)
{
	struct sockaddr_un address;

	if (!fill_address(path, &address, err))
		return false;
	if (path[0] != '/')
		return error_set(err, ERROR_CONFIG, "the socket's path '%s' is not absolute", path);
	return true;
}

/* rename() where nothing may be yet. */
static int move_to_nothing(const char *from, const char *to)
{
	return link(from, to) == 0 ? unlink(from) : -1;
}

static bool listen_at(const char *path, mode_t mode, int (*move)(const char *from, const char *to),
		      int *ret_fd, struct error *err)
{
	_cleanup_close_ int fd = -1;
	struct sockaddr_un address;

	if (!socket_check_path(path, err))
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return error_errno(err, "cannot make a socket");
	if (!bind_temporary(fd, path, &address, err))
		return false;
	if (chmod(address.sun_path, mode) < 0 || listen(fd, SOMAXCONN) < 0 ||
	    move(address.sun_path, path) < 0) {
		error_fill_errno(err, "cannot listen on '%s'", path);
		unlink(address.sun_path);
		return false;
	}
	*ret_fd = fd;
	fd = -1;
	return true;
}

bool socket_listen(const char *path, int *ret_fd, struct error *err)
{
	return listen_at(path, 0600, rename, ret_fd, err);
}

bool socket_listen_new(const char *path, mode_t mode, int *ret_fd, struct error *err)
{
	return listen_at(path, mode, move_to_nothing, ret_fd, err);
}

bool socket_wait(int fd, short events, uint64_t deadline_usec, const char *doing, struct error *err)
{
	struct pollfd poll_fd = {.fd = fd, .events = events};
	uint64_t now = clock_boot_usec(), left_ms;

	if (now >= deadline_usec)
		return error_set(err, ERROR_TIMED_OUT, "the daemon took too long to %s: try again", doing);
	left_ms = (deadline_usec - now) / USEC_PER_MSEC + 1;
	if (poll(&poll_fd, 1, left_ms < POLL_MAX_MS ? (int)left_ms : POLL_MAX_MS) < 0 && errno != EINTR)
		return error_errno(err, "cannot wait for the daemon");
	return true;
}

/* Whoever turns us away says why, and does not wait to be asked. */
static bool has_been_answered(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

bool socket_send(int fd, const char *data, size_t len, uint64_t deadline_usec, struct error *err)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			if (!socket_wait(fd, POLLOUT, deadline_usec, "take the request", err))
				return false;
		} else if (errno == EPIPE && has_been_answered(fd)) {
			return true;
		} else if (errno != EINTR) {
			error_fill_errno(err, "cannot send to the daemon");
			err->kind = ERROR_UNAVAILABLE;
			return false;
		}
	}
	return true;
}
