#include "ipc/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"

#define STATUS_NOT_RUN    127
#define STATUS_SIGNAL     128
#define DESCRIPTORS_GUESS 65536 /* where the kernel cannot close a range */

extern char **environ;

/* The client's identity is not the daemon's business; what systemd tells one process is not another's. */
static const char *const unwanted[] = {
	"AWS_ACCESS_KEY_ID=",
	"AWS_SECRET_ACCESS_KEY=",
	"AWS_SESSION_TOKEN=",
	"AWS_SECURITY_TOKEN=",
	"AWS_CREDENTIAL_EXPIRATION=",
	"AWS_PROFILE=",
	"AWS_DEFAULT_PROFILE=",
	"NOTIFY_SOCKET=",
	"LISTEN_PID=",
	"LISTEN_FDS=",
	"LISTEN_FDNAMES=",
	"WATCHDOG_PID=",
	"WATCHDOG_USEC=",
	"JOURNAL_STREAM=",
	"INVOCATION_ID=",
};

/* One line, for the client to pass on. */
static _Noreturn void give_up(const char *doing, const char *object)
{
	char line[512];
	int n = snprintf(line, sizeof(line), "cannot %s '%.300s': %s\n", doing, object, strerror(errno));
	ssize_t ignored = write(STDERR_FILENO, line, n < (int)sizeof(line) ? (size_t)n : sizeof(line) - 1);

	(void)ignored;
	_exit(STATUS_NOT_RUN);
}

static void clean_environment(void)
{
	char **out = environ;

	for (char **in = environ; in && *in; in++) {
		bool is_wanted = true;

		for (size_t i = 0; i < ARRAY_SIZE(unwanted) && is_wanted; i++)
			is_wanted = strncmp(*in, unwanted[i], strlen(unwanted[i])) != 0;
		if (is_wanted)
			*out++ = *in;
	}
	if (out)
		*out = NULL;
}

/* output is none of the three; /dev/null may well be, when the client was started without them. */
static void take_stdio(int output)
{
	int null = open("/dev/null", O_RDWR | O_NOCTTY), saved = errno;

	if (null >= 0 && (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0))
		null = -1;
	if (dup2(output, STDERR_FILENO) < 0)
		_exit(STATUS_NOT_RUN);
	errno = saved;
	if (null < 0)
		give_up("open", "/dev/null");
}

static void close_others(void)
{
	if (close_range(STDERR_FILENO + 1, ~0U, 0) == 0)
		return;
	for (int fd = STDERR_FILENO + 1; fd < DESCRIPTORS_GUESS; fd++)
		close(fd);
}

/* exec() keeps what is ignored and what is blocked. */
static void reset_signals(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};

	for (int n = 1; n <= SIGRTMAX; n++)
		sigaction(n, &action, NULL);
	sigemptyset(&action.sa_mask);
	sigprocmask(SIG_SETMASK, &action.sa_mask, NULL);
}

/* A limit that a shell has set for the client's work would end the daemon some day for no visible reason. */
static void reset_limits(void)
{
	static const int resources[] = {RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_AS};
	struct rlimit limit;

	for (size_t i = 0; i < ARRAY_SIZE(resources); i++) {
		if (getrlimit(resources[i], &limit) < 0)
			continue;
		limit.rlim_cur = limit.rlim_max;
		setrlimit(resources[i], &limit);
	}
}

/* Stays behind to tell how it ended, but keeps nothing open: the client sees the program alone at the pipe.
 */
static _Noreturn void end_as(pid_t pid)
{
	int status;

	dup2(STDOUT_FILENO, STDERR_FILENO);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			_exit(STATUS_NOT_RUN);
	}
	_exit(WIFSIGNALED(status) ? STATUS_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status));
}

_Noreturn void detach_run(const char *program, char *const argv[], int output, pid_t client)
{
	pid_t pid;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != client)
		_exit(STATUS_NOT_RUN);
	take_stdio(output);
	close_others();
	reset_signals();
	reset_limits();
	clean_environment();
	setsid();
	if (chdir("/") < 0)
		give_up("change to", "/");
	pid = fork();
	if (pid < 0)
		give_up("fork for", program);
	if (pid > 0)
		end_as(pid);
	execv(program, argv);
	give_up("run", program);
}
