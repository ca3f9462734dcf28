/*
 * The client against a server that is a child of the test. Each exchange is done three times: the server
 * sends byte by byte, all replies in one write, and one and a half of them before the rest.
 */
#include "ipc/client.h"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "check.h"
#include "iamic/protocol.h"
#include "ipc/message.h"
#include "ipc/socket.h"

enum cut { BYTE_BY_BYTE, ALL_AT_ONCE, ONE_AND_A_HALF, N_CUTS };

static char folder[] = "/tmp/iamic-XXXXXX";
static char path[64];
static struct error err;
static pid_t server;

static uint64_t in_ms(unsigned ms)
{
	return clock_boot_usec() + ms * USEC_PER_MSEC;
}

static void send_piece(int fd, const char *data, size_t len)
{
	if (!socket_send(fd, data, len, in_ms(10000), &err))
		_exit(1);
}

static void send_cut(int fd, const char *data, size_t len, enum cut cut)
{
	size_t first = strlen(data) + 1, middle = first + (len - first) / 2;

	switch (cut) {
	case BYTE_BY_BYTE:
		for (size_t i = 0; i < len; i++)
			send_piece(fd, data + i, 1);
		break;
	case ONE_AND_A_HALF:
		send_piece(fd, data, middle);
		poll(NULL, 0, 20);
		send_piece(fd, data + middle, len - middle);
		break;
	default:
		send_piece(fd, data, len);
	}
}

/* Answers each request with the same bytes; without any, closes instead. */
static _Noreturn void serve(int listener, const char *data, size_t len, enum cut cut)
{
	int fd = -1;

	while (fd < 0) {
		if (!socket_wait(listener, POLLIN, in_ms(10000), "connect", &err))
			_exit(1);
		fd = accept(listener, NULL, NULL);
	}
	for (;;) {
		char byte;

		do {
			if (read(fd, &byte, 1) <= 0)
				_exit(0);
		} while (byte);
		if (len == 0)
			_exit(0);
		send_cut(fd, data, len, cut);
	}
}

static struct client *start(const char *data, size_t len, enum cut cut)
{
	_cleanup_close_ int listener = -1;
	struct client *client;

	CHECK(socket_listen(path, &listener, &err));
	server = fork();
	if (server == 0)
		serve(listener, data, len, cut);
	CHECK(client_open(in_ms(10000), &client, &err));
	return client;
}

static void stop(struct client *client)
{
	client_close(client);
	CHECK(waitpid(server, NULL, 0) == server);
}

static int member(const json_t *parameters, const char *name)
{
	return (int)json_integer_value(json_object_get(parameters, name));
}

static void replies_come_one_after_the_other(enum cut cut)
{
	static const char text[] =
		"{\"parameters\":{\"n\":1},\"continues\":true}\0{\"parameters\":{\"n\":2}}";
	struct client *client = start(text, sizeof(text), cut);
	json_t *parameters;
	bool continues;

	CHECK(client_send(client, "ListAccounts", json_pack("{s:s}", "session", "corp"), true, &err));
	for (int n = 1; n <= 2; n++) {
		CHECK(client_next(client, in_ms(10000), &parameters, &continues, &err));
		CHECK(member(parameters, "n") == n && continues == (n == 1));
		json_decref(parameters);
	}
	CHECK(!client_next(client, in_ms(0), &parameters, &continues, &err));
	CHECK(err.kind == ERROR_TIMED_OUT);
	stop(client);
}

/* What came beyond the first reply belongs to the next call. */
static void calls_take_a_reply_each(enum cut cut)
{
	static const char text[] = "{\"parameters\":{\"n\":1}}\0{\"parameters\":{\"n\":2}}";
	struct client *client = start(text, sizeof(text), cut);

	for (int n = 1; n <= 2; n++) {
		json_t *parameters;

		CHECK(client_call(client, "Status", NULL, in_ms(10000), &parameters, &err));
		CHECK(member(parameters, "n") == n);
		json_decref(parameters);
	}
	stop(client);
}

static void an_error_has_its_kind_and_its_parameters(enum cut cut)
{
	static const char text[] = "{\"error\":\"io.iamic.Agent.LoginRequired\",\"parameters\":{\"session\":"
				   "\"corp\",\"message\":\"sign in\","
				   "\"code\":\"ABCD-EFGH\"}}\0{\"parameters\":{}}";
	struct client *client = start(text, sizeof(text), cut);
	json_t *parameters;

	CHECK(!client_error_parameters(client));
	CHECK(!client_call(client, "Status", NULL, in_ms(10000), &parameters, &err));
	CHECK(err.kind == ERROR_LOGIN_REQUIRED);
	CHECK_STR(err.message, "sign in");
	CHECK_STR(json_string_value(json_object_get(client_error_parameters(client), "code")), "ABCD-EFGH");
	CHECK(client_call(client, "Status", NULL, in_ms(10000), &parameters, &err));
	CHECK(!client_error_parameters(client));
	json_decref(parameters);
	stop(client);
}

static void fail_with(const char *reply, enum error_kind kind, const char *message)
{
	struct client *client = start(reply, strlen(reply) + 1, ALL_AT_ONCE);
	json_t *parameters;

	CHECK(!client_call(client, "Status", NULL, in_ms(10000), &parameters, &err));
	CHECK(err.kind == kind);
	CHECK_STR(err.message, message);
	stop(client);
}

static void every_error_says_something(void)
{
	fail_with("{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":{\"method\":\"x\"}}",
		  ERROR_UNAVAILABLE, "the running daemon is older: systemctl --user restart iamicd");
	fail_with("{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{\"parameter\":"
		  "\"session\"}}",
		  ERROR_USAGE, "the daemon does not take this 'session': give another");
	fail_with("{\"error\":\"io.iamic.Agent.Locked\"}", ERROR_LOCKED,
		  "the daemon answered 'io.iamic.Agent.Locked': try again");
	fail_with("{\"error\":\"io.iamic.Agent.Denied\",\"parameters\":{\"message\":\"a\\u001b[2J\"}}",
		  ERROR_DENIED, "a?[2J");
	fail_with("{\"parameters\":{},\"continues\":true}", ERROR_UNAVAILABLE,
		  "the daemon answers 'Status' in parts, unasked: try again");
	fail_with("hunter2", ERROR_UNAVAILABLE,
		  "the daemon's reply is not a JSON object: try again, or end the daemon");
}

static void when_to_ask_again_is_passed_on(void)
{
	fail_with("{\"error\":\"io.iamic.Agent.Unavailable\",\"parameters\":{\"message\":\"away\","
		  "\"retryAt\":\"1970-01-01T00:01:00Z\"}}",
		  ERROR_UNAVAILABLE, "away");
	CHECK(err.retry_at == 60);
	fail_with("{\"error\":\"io.iamic.Agent.Unavailable\",\"parameters\":{\"message\":\"away\","
		  "\"retryAt\":\"soon\"}}",
		  ERROR_UNAVAILABLE, "away");
	CHECK(err.retry_at == 0);
}

static void a_daemon_that_ends_is_unavailable(void)
{
	struct client *client = start(NULL, 0, ALL_AT_ONCE);
	json_t *parameters;

	CHECK(!client_call(client, "Status", NULL, in_ms(10000), &parameters, &err));
	CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, "ended before it answered"));
	CHECK(!client_call(client, "Status", NULL, in_ms(10000), &parameters, &err));
	CHECK(err.kind == ERROR_UNAVAILABLE);
	stop(client);
}

/* After its time is up a call can go on being waited for. */
static void a_silent_daemon_takes_no_longer_than_the_deadline(void)
{
	static const char half[] = "{\"parameters\":{\"n\":1}";
	struct client *client = start(half, sizeof(half) - 1, ALL_AT_ONCE);
	uint64_t before = clock_boot_usec();
	json_t *parameters;
	bool continues;

	CHECK(client_send(client, "Status", NULL, false, &err));
	for (unsigned i = 1; i <= 2; i++) {
		CHECK(!client_next(client, in_ms(50), &parameters, &continues, &err));
		CHECK(err.kind == ERROR_TIMED_OUT);
		CHECK(clock_boot_usec() - before >= i * 50 * USEC_PER_MSEC);
	}
	CHECK(clock_boot_usec() - before < 5 * USEC_PER_SEC);
	stop(client);
}

/* A reply of n bytes without its NUL. */
static struct client *start_with_size(size_t n)
{
	static const char head[] = "{\"parameters\":{\"x\":\"", tail[] = "\"}}";
	char *text = malloc(n + 1);
	struct client *client;

	memset(text, 'x', n);
	memcpy(text, head, sizeof(head) - 1);
	memcpy(text + n - (sizeof(tail) - 1), tail, sizeof(tail));
	client = start(text, n + 1, ALL_AT_ONCE);
	free(text);
	return client;
}

static void four_megabytes_are_taken_and_no_byte_more(void)
{
	struct client *client = start_with_size(IAMIC_REPLY_MAX);
	json_t *parameters;

	CHECK(client_call(client, "Status", NULL, in_ms(10000), &parameters, &err));
	json_decref(parameters);
	stop(client);
	for (size_t more = 1; more <= 1 << 20; more <<= 20) {
		client = start_with_size(IAMIC_REPLY_MAX + more);
		CHECK(!client_call(client, "Status", NULL, in_ms(10000), &parameters, &err));
		CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, "more than 4194304 bytes"));
		stop(client);
	}
}

static void a_request_that_is_too_long_is_not_sent(void)
{
	static char text[IAMIC_REQUEST_MAX];
	struct client *client = start("{}", 3, ALL_AT_ONCE);
	json_t *parameters;

	memset(text, 'x', sizeof(text) - 1);
	CHECK(!client_call(client, "Status", json_pack("{s:s}", "x", text), in_ms(10000), &parameters, &err));
	CHECK(err.kind == ERROR_USAGE);
	CHECK(client_call(client, "Status", NULL, in_ms(10000), &parameters, &err));
	json_decref(parameters);
	stop(client);
}

static void closing_nothing_is_allowed(void)
{
	CHECK(!client_close(NULL));
}

int main(void)
{
	CHECK(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/socket", folder);
	setenv("IAMIC_SOCKET", path, 1);
	for (enum cut cut = BYTE_BY_BYTE; cut < N_CUTS; cut++) {
		replies_come_one_after_the_other(cut);
		calls_take_a_reply_each(cut);
		an_error_has_its_kind_and_its_parameters(cut);
	}
	every_error_says_something();
	when_to_ask_again_is_passed_on();
	a_daemon_that_ends_is_unavailable();
	a_silent_daemon_takes_no_longer_than_the_deadline();
	four_megabytes_are_taken_and_no_byte_more();
	a_request_that_is_too_long_is_not_sent();
	closing_nothing_is_allowed();
	unlink(path);
	CHECK(rmdir(folder) == 0);
	return 0;
}
