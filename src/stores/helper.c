#include "stores/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/environ.h"
#include "base/text.h"
#include "base/xalloc.h"

#define EXIT_INTERNAL 1
#define EXIT_USAGE    2
#define READ_SIZE     4096
#define LINE_SIZE     512

/* A descriptor 0, 1 or 2 that is closed would be the next file or socket that a library opens, and be printed
 * into. */
static void open_stdio(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			_exit(EXIT_INTERNAL);
	}
}

void helper_harden(void)
{
	const struct rlimit none = {0, 0};

	environ_scrub();
	umask(077);
	open_stdio();
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &none);
	signal(SIGPIPE, SIG_IGN);
}

static const struct helper_verb *find_verb(const struct helper *helper, const char *name)
{
	for (size_t i = 0; i < helper->n_verbs; i++) {
		if (strcmp(helper->verbs[i].name, name) == 0)
			return &helper->verbs[i];
	}
	return NULL;
}

static void print_usage(const struct helper *helper)
{
	fprintf(stderr, "usage: %s", helper->program);
	for (size_t i = 0; i < helper->n_verbs; i++)
		fprintf(stderr, "%c%s", i ? '|' : ' ', helper->verbs[i].name);
	fputs("\niamicd runs it, with a request on stdin; see iamic-store(7).\n", stderr);
}

/* Straight into the buffer's memory: a copy on the way would be one that nobody erases. */
static bool read_stdin(struct buffer *data, struct error *err)
{
	for (;;) {
		size_t room = data->max - data->len < READ_SIZE ? data->max - data->len : READ_SIZE;
		char probe;
		ssize_t n;

		if (!buffer_reserve(data, room))
			return error_set(err, ERROR_INTERNAL, "there is no memory for the request");
		n = room ? read(STDIN_FILENO, data->data + data->len, room)
			 : read(STDIN_FILENO, &probe, sizeof(probe));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_errno(err, "cannot read the request");
		if (n == 0)
			return true;
		if (room == 0)
			return error_set(err, ERROR_INTERNAL, "the request is longer than %d bytes",
					 STORE_MESSAGE_MAX);
		data->len += (size_t)n;
		data->data[data->len] = '\0';
	}
}

static bool answer(const struct helper *helper, const struct helper_verb *verb, struct store_reply *reply,
		   struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer data = BUFFER_INIT(STORE_MESSAGE_MAX, helper->memory);
	_cleanup_(store_request_donep) struct store_request request = {
		.secret = BUFFER_INIT(0, &buffer_heap),
		.key = BUFFER_INIT(0, &buffer_heap),
	};

	return read_stdin(&data, err) &&
	       store_request_parse(data.data ? data.data : "", data.len, helper->memory, &request, err) &&
	       verb->run(&request, reply, err);
}

static bool print_buffer(const struct buffer *data)
{
	for (size_t done = 0; done < data->len;) {
		ssize_t n = write(STDOUT_FILENO, data->data + done, data->len - done);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			done += (size_t)n;
	}
	return true;
}

static void reply_init(struct store_reply *reply, const struct helper *helper)
{
	*reply = (struct store_reply){
		.state = STORE_REPLY_FAILED,
		.secret = BUFFER_INIT(STORE_MESSAGE_MAX, helper->memory),
		.key = BUFFER_INIT(STORE_MESSAGE_MAX, helper->memory),
	};
}

static int print_reply(const struct helper *helper, struct store_reply *reply)
{
	_cleanup_(buffer_clearp) struct buffer data = BUFFER_INIT(STORE_MESSAGE_MAX, helper->memory);

	if (!store_reply_append(&data, reply)) {
		buffer_clear(&data);
		store_reply_done(reply);
		helper_reply(reply, STORE_REPLY_FAILED, "what is kept there is not text, or too long");
		if (!store_reply_append(&data, reply))
			return EXIT_INTERNAL;
	}
	return print_buffer(&data) ? EXIT_SUCCESS : EXIT_INTERNAL;
}

int helper_run(const struct helper *helper, int argc, char **argv)
{
	const struct helper_verb *verb = argc == 2 ? find_verb(helper, argv[1]) : NULL;
	_cleanup_(store_reply_donep) struct store_reply reply;
	struct error err;

	reply_init(&reply, helper);
	if (!verb) {
		print_usage(helper);
		return EXIT_USAGE;
	}
	if (!answer(helper, verb, &reply, &err)) {
		store_reply_done(&reply);
		helper_reply(&reply, STORE_REPLY_FAILED, "%s", err.message);
	}
	return print_reply(helper, &reply);
}

bool helper_reply(struct store_reply *reply, enum store_reply_state state, const char *format, ...)
{
	char line[LINE_SIZE];
	va_list args;

	reply->state = state;
	freep(&reply->message);
	reply->message = NULL;
	if (!format)
		return true;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	text_make_message(line);
	reply->message = xstrdup(line);
	return true;
}
