#include "cli/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "base/xalloc.h"

#define STATUS_NOT_THERE 127
#define SIGNALLED        128

void tool_answer_done(struct tool_answer *answer)
{
	free(answer->text);
	answer->text = NULL;
}

/* Some tell what they were asked for on stderr. */
static _Noreturn void become(const char *const *argv, int output)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(output, STDERR_FILENO);
	execvp(argv[0], (char *const *)(uintptr_t)argv); /* which changes none of them */
	_exit(STATUS_NOT_THERE);
}

/* false: nothing more is to be had. */
static bool read_some(int fd, struct buffer *text)
{
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n > 0)
		(void)!buffer_append(text, bytes, (size_t)n); /* who says too much still has to end */
	return n > 0;
}

/* false: the time is up. What it started may hold the pipe open for longer than itself. */
static bool listen_to(int fd, int pidfd, uint64_t until_usec, struct buffer *text)
{
	struct pollfd fds[] = {{.fd = pidfd, .events = POLLIN}, {.fd = fd, .events = POLLIN}};

	while (!(fds[0].revents & POLLIN)) {
		uint64_t now = clock_boot_usec();

		if (now >= until_usec)
			return false;
		if (poll(fds, ARRAY_SIZE(fds), (int)((until_usec - now) / USEC_PER_MSEC) + 1) < 0 &&
		    errno != EINTR)
			return false;
		if (fds[1].revents && !read_some(fd, text))
			fds[1].fd = -1;
	}
	while (fds[1].fd >= 0 && poll(&fds[1], 1, 0) == 1 && read_some(fd, text))
		;
	return true;
}

static int end_of(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return TOOL_SILENT;
	}
	if (WIFSIGNALED(status))
		return SIGNALLED + WTERMSIG(status);
	return WEXITSTATUS(status) == STATUS_NOT_THERE ? TOOL_NOT_THERE : WEXITSTATUS(status);
}

/* A list that is to be freed, of words that are not: they are in command, which is cut, and those of more. */
static const char **join(char *command, const char *const *more)
{
	const char **argv, **out;
	size_t n = 0;

	while (more && more[n])
		n++;
	argv = out = xcalloc(strlen(command) + n + 2, sizeof(*argv));
	for (char *word; (word = strsep(&command, " "));)
		*out++ = word;
	while (n-- > 0)
		*out++ = *more++;
	return argv;
}

static void run(const char *const *argv, uint64_t patience_usec, struct tool_answer *ret)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(TOOL_TEXT_MAX, &buffer_heap);
	_cleanup_close_ int from = -1, pidfd = -1;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return;
	from = ends[0];
	fcntl(from, F_SETFL, O_NONBLOCK);
	pid = fork();
	if (pid == 0)
		become(argv, ends[1]);
	close(ends[1]);
	if (pid < 0)
		return;
	pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0 || !listen_to(from, pidfd, clock_boot_usec() + patience_usec, &text)) {
		kill(pid, SIGKILL);
		(void)end_of(pid);
		return;
	}
	ret->status = end_of(pid);
	xstrdup_to(&ret->text, text.data ? text.data : "");
}

void tool_ask(const char *command, const char *const *more, uint64_t patience_usec, struct tool_answer *ret)
{
	_cleanup_free_ char *words = xstrdup(command);
	_cleanup_free_ const char **argv = join(words, more);

	*ret = (struct tool_answer){.status = TOOL_SILENT, .text = xstrdup("")};
	run(argv, patience_usec, ret);
}

char *tool_last_line(const struct tool_answer *answer)
{
	_cleanup_free_ char *text = xstrdup(answer->text);
	size_t len = strlen(text);
	char *line;

	while (len > 0 && strchr(" \r\n", text[len - 1]))
		text[--len] = '\0';
	line = strrchr(text, '\n');
	line = xstrdup(line ? line + 1 : text);
	text_make_printable(line);
	return line;
}
