/*
 *     client ── fork ──► detach_run() ── fork, exec ──► iamicd --started-by-client
 *       ▲                    │ ends as iamicd ends        │ stderr, until it is ready
 *       ├────────────────────┘                            │
 *       └── pipe ◄────────────────────────────────────────┘
 *
 * The daemon is the child of a child, so that it is nobody's business once the client has become another
 * program. The socket says that it is ready; the pipe's end says that it is time to look, and what came
 * through it is the reason when the daemon has ended instead.
 */
#include "ipc/start.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "build-config.h"
#include "ipc/detach.h"
#include "ipc/socket.h"

#define PROGRAM       IAMIC_BINDIR "/iamicd"
#define PAUSE_MAX_MS  20
#define READS_MAX     256 /* more than a pipe holds; who writes on after its end is not listened to */
#define STATUS_SIGNAL 128

struct starter {
	pid_t pid;                 /* of the one that ends as iamicd ends */
	int output;                /* iamicd's stderr; -1 when it has been read to its end */
	struct sigaction on_child; /* the client's own, meanwhile replaced */
	size_t len;
	char text[1024]; /* the end of what it wrote */
};

/* Never one of the standard descriptors, which the child puts in order. */
static bool make_pipe(int ret[2])
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	for (int i = 0; i < 2; i++) {
		ret[i] = fcntl(ends[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(ends[i]);
	}
	if (ret[0] >= 0 && ret[1] >= 0 && fcntl(ret[0], F_SETFL, O_NONBLOCK) == 0)
		return true;
	closep(&ret[0]);
	closep(&ret[1]);
	return false;
}

/*
 * All signals are blocked meanwhile: a handler of the client's must not run in the child. SIGCHLD may have
 * come to us ignored, and then no status would be kept for us.
 */
static bool starter_begin(struct starter *ret, struct error *err)
{
	static char program[] = PROGRAM,
		    option[] = "--started-by-client", *const argv[] = {program, option, NULL};
	const struct sigaction keep_status = {.sa_handler = SIG_DFL};
	struct sigaction on_child;
	pid_t client = getpid(), pid;
	sigset_t all, before;
	int ends[2];

	if (!make_pipe(ends))
		return error_errno(err, "cannot start a daemon: cannot make a pipe");
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	sigaction(SIGCHLD, &keep_status, &on_child);
	pid = fork();
	if (pid == 0)
		detach_run(program, argv, ends[1], client);
	if (pid < 0)
		error_fill_errno(err, "cannot start a daemon: cannot fork");
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	*ret = (struct starter){.pid = pid, .output = ends[0], .on_child = on_child};
	return pid > 0;
}

/* What is between us and the daemon has done its work, whatever the daemon does. */
static void starter_done(struct starter *starter)
{
	closep(&starter->output);
	if (starter->pid > 0) {
		kill(starter->pid, SIGKILL);
		while (waitpid(starter->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	sigaction(SIGCHLD, &starter->on_child, NULL);
}

/* Takes a part of what is there; of a long text the end remains. False: nothing there, or nothing any more.
 */
static bool starter_read(struct starter *starter)
{
	size_t half = sizeof(starter->text) / 2;
	ssize_t n;

	if (starter->output < 0)
		return false;
	if (starter->len == sizeof(starter->text) - 1) {
		starter->len -= half;
		memmove(starter->text, starter->text + half, starter->len);
	}
	n = read(starter->output, starter->text + starter->len, sizeof(starter->text) - 1 - starter->len);
	if (n > 0)
		starter->len += (size_t)n;
	if (n == 0) {
		closep(&starter->output);
		starter->output = -1;
	}
	return n > 0;
}

/* Until there is something to read, or for pause_ms. */
static void starter_wait(struct starter *starter, int pause_ms)
{
	struct pollfd poll_fd = {.fd = starter->output, .events = POLLIN};

	if (poll(&poll_fd, 1, pause_ms) > 0)
		starter_read(starter);
}

static bool starter_has_ended(struct starter *starter, int *ret_status)
{
	if (waitpid(starter->pid, ret_status, WNOHANG) != starter->pid)
		return false;
	starter->pid = 0;
	for (int i = 0; i < READS_MAX && starter_read(starter); i++)
		;
	return true;
}

/* The last line that it wrote, fit to be shown, without the name in front; empty if there is none. */
static const char *starter_last_line(struct starter *starter)
{
	static const char prefix[] = "iamicd: ";
	char *line;

	while (starter->len > 0 && strchr("\n \t\r", starter->text[starter->len - 1]))
		starter->len--;
	starter->text[starter->len] = '\0';
	line = memrchr(starter->text, '\n', starter->len);
	line = line ? line + 1 : starter->text;
	text_make_message(line);
	return strncmp(line, prefix, sizeof(prefix) - 1) == 0 ? line + sizeof(prefix) - 1 : line;
}

/* "already running: pid 123, socket /run/user/1000/iamic/socket" */
static bool parse_elsewhere(const char *line, char ret_path[static IAMIC_SOCKET_PATH_MAX + 1])
{
	static const char begin[] = "already running: pid ", middle[] = ", socket /";
	const char *path;

	if (strncmp(line, begin, sizeof(begin) - 1) != 0)
		return false;
	path = strstr(line, middle);
	if (!path)
		return false;
	path += sizeof(middle) - 2;
	if (strlen(path) > IAMIC_SOCKET_PATH_MAX)
		return false;
	memcpy(ret_path, path, strlen(path) + 1);
	return true;
}

/* A status that says what a person can do is passed on; to a client the others mean: no daemon. */
static enum error_kind kind_of_status(int status)
{
	switch (status) {
	case ERROR_DENIED:
	case ERROR_CONFIG:
	case ERROR_STORE:
		return (enum error_kind)status;
	default:
		return ERROR_UNAVAILABLE;
	}
}

static enum start_outcome explain_end(struct starter *starter, int wait_status,
				      char ret_elsewhere[static IAMIC_SOCKET_PATH_MAX + 1], struct error *err)
{
	int status =
		WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : STATUS_SIGNAL + WTERMSIG(wait_status);
	const char *line = starter_last_line(starter);

	if (status == 0 && parse_elsewhere(line, ret_elsewhere))
		return START_ELSEWHERE;
	if (*line)
		error_fill(err, kind_of_status(status), "iamicd did not start: %s", line);
	else if (status > STATUS_SIGNAL)
		error_fill(err, ERROR_UNAVAILABLE,
			   "iamicd did not start: signal %d ended it: run '%s' to see why",
			   status - STATUS_SIGNAL, PROGRAM);
	else
		error_fill(err, kind_of_status(status),
			   "iamicd did not start: it ended with status %d and gave no reason: run '%s' to "
			   "see why",
			   status, PROGRAM);
	return START_FAILED;
}

enum start_outcome start_daemon(const char *path, uint64_t deadline_usec, int *ret_fd,
				char ret_elsewhere[static IAMIC_SOCKET_PATH_MAX + 1], struct error *err)
{
	_cleanup_(starter_done) struct starter starter = {.output = -1};
	int status = 0;

	sigaction(SIGCHLD, NULL, &starter.on_child);
	if (!starter_begin(&starter, err))
		return START_FAILED;
	for (int pause_ms = 1;; pause_ms = pause_ms < PAUSE_MAX_MS ? pause_ms * 2 : PAUSE_MAX_MS) {
		bool has_ended = starter_has_ended(&starter, &status);

		/* In this order: a daemon that has ended may have been ready before. */
		switch (socket_connect(path, deadline_usec, ret_fd, err)) {
		case CONNECT_OK:
			return START_READY;
		case CONNECT_FAILED:
			return START_FAILED;
		case CONNECT_ABSENT:
			break;
		}
		if (has_ended)
			return explain_end(&starter, status, ret_elsewhere, err);
		if (clock_boot_usec() >= deadline_usec) {
			error_fill(err, ERROR_TIMED_OUT,
				   "iamicd was started but is not ready yet: try again");
			return START_TIMED_OUT;
		}
		starter_wait(&starter, pause_ms);
	}
}
