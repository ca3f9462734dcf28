/*
 * iamic-credential-process: asks the daemon once, prints what it says.
 *
 * SDKs start it whenever they lack credentials, and someone waits each time: it links libc alone, and a warm
 * answer costs little more than a program that prints the same bytes. It never reads stdin, which may be a
 * person's pipe, and writes to stderr only when it fails: some SDKs take both outputs for one.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/environ.h"
#include "base/fs.h"
#include "base/text.h"
#include "build-config.h"
#include "iamic/protocol.h"
#include "ipc/connect.h"
#include "ipc/error_name.h"
#include "ipc/socket.h"
#include "shim/options.h"
#include "shim/reply.h"
#include "shim/request.h"

#define CONNECTIONS_MAX 3  /* a daemon that is leaving may close on us; the next one answers */
#define LEAVING_WAIT_MS 50 /* until then */
#define MARGIN_MAX_MS   250

enum outcome { OUTCOME_DONE, OUTCOME_FAILED, OUTCOME_CLOSED /* before the first byte of a reply */ };

static char request_text[IAMIC_REQUEST_MAX + 1];
static char received[IAMIC_CREDENTIALS_MAX + 1];

static bool write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* One line; its status is the error's. */
static int complain(struct error *err)
{
	static const char hint[] = ": see 'iamic-credential-process --help'";
	char line[sizeof(err->message) + sizeof(hint) + 16];

	text_make_printable(err->message);
	snprintf(line, sizeof(line), "iamic: %s%s\n", err->message, err->kind == ERROR_USAGE ? hint : "");
	write_all(STDERR_FILENO, line, strlen(line));
	return (int)err->kind;
}

/* Whoever closed the pipe knows it; that a disk is full has to be told. */
static int print(const char *data, size_t len)
{
	struct error err;

	if (write_all(STDOUT_FILENO, data, len))
		return IAMIC_EXIT_OK;
	if (errno == EPIPE || errno == EBADF)
		return IAMIC_EXIT_INTERNAL;
	error_fill_errno(&err, "cannot write to stdout");
	return complain(&err);
}

/* The daemon gives up a little before us, for it knows what it waits for. */
static uint64_t daemon_timeout_ms(const struct request *request, uint64_t deadline_usec)
{
	uint64_t now = clock_boot_usec(),
		 left_ms = now < deadline_usec ? (deadline_usec - now) / USEC_PER_MSEC : 0;
	uint64_t own_ms = left_ms > request->login_ms ? left_ms - request->login_ms : 0;
	uint64_t margin_ms = own_ms / 8 < MARGIN_MAX_MS ? own_ms / 8 : MARGIN_MAX_MS;

	return own_ms > margin_ms ? own_ms - margin_ms : 1;
}

static bool ask(int fd, struct request request, uint64_t deadline_usec, struct error *err)
{
	size_t len;

	request.timeout_ms = daemon_timeout_ms(&request, deadline_usec);
	if (!request_format(&request, request_text, sizeof(request_text), &len))
		return error_set(err, ERROR_USAGE, "the options have more than %d bytes", IAMIC_REQUEST_MAX);
	return socket_send(fd, request_text, len, deadline_usec, err);
}

static enum outcome receive(int fd, uint64_t deadline_usec, struct reply *reply, struct error *err)
{
	for (;;) {
		enum reply_state state;
		ssize_t n;

		if (!socket_wait(fd, POLLIN, deadline_usec, "answer", err))
			return OUTCOME_FAILED;
		n = recv(fd, received, sizeof(received), 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n <= 0) {
			error_fill(err, ERROR_UNAVAILABLE, ERROR_NAME_NO_REPLY);
			return reply->len == 0 ? OUTCOME_CLOSED : OUTCOME_FAILED;
		}
		state = reply_feed(reply, received, (size_t)n);
		if (state == REPLY_CREDENTIALS)
			return OUTCOME_DONE;
		if (state == REPLY_ERROR) {
			*err = reply->error;
			return OUTCOME_FAILED;
		}
	}
}

/*
 * A person who signs in is waited for, a daemon that does not come up is not. The connection is closed before
 * anything is printed: where stdout is closed, the socket has its number.
 */
static enum outcome exchange(const struct request *request, uint64_t deadline_usec, struct reply *reply,
			     struct error *err)
{
	_cleanup_close_ int fd = -1;

	if (!connect_daemon(deadline_usec - request->login_ms * USEC_PER_MSEC, &fd, err))
		return OUTCOME_FAILED;
	if (!ask(fd, *request, deadline_usec, err))
		return err->kind == ERROR_UNAVAILABLE ? OUTCOME_CLOSED : OUTCOME_FAILED;
	return receive(fd, deadline_usec, reply, err);
}

static int run(const struct request *request, struct error *err)
{
	static struct reply reply;
	uint64_t deadline_usec =
		clock_boot_usec() + (request->timeout_ms + request->login_ms) * USEC_PER_MSEC;
	enum outcome outcome = exchange(request, deadline_usec, &reply, err);

	for (int i = 1; outcome == OUTCOME_CLOSED && i < CONNECTIONS_MAX; i++) {
		poll(NULL, 0, LEAVING_WAIT_MS);
		outcome = exchange(request, deadline_usec, &reply, err);
	}
	if (outcome != OUTCOME_DONE)
		return complain(err);
	return print(reply.document, reply.document_len);
}

/* A closed stdout is an exit status, not a signal; credentials go into no core file. */
static void prepare(void)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct rlimit core;

	sigaction(SIGPIPE, &ignore, NULL);
	if (getrlimit(RLIMIT_CORE, &core) == 0) {
		core.rlim_cur = 0;
		setrlimit(RLIMIT_CORE, &core);
	}
}

int main(int argc, char *argv[])
{
	static const char version[] = "iamic-credential-process " IAMIC_VERSION "\n";
	struct options options;
	struct error err;

	environ_scrub();
	prepare();
	if (!options_parse(argc, argv, &options, &err))
		return complain(&err);
	switch (options.action) {
	case OPTIONS_HELP:
		return print(options_help, strlen(options_help));
	case OPTIONS_VERSION:
		return print(version, sizeof(version) - 1);
	case OPTIONS_RUN:
		break;
	}
	return run(&options.request, &err);
}
