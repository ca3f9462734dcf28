/*
 *   fork, exec ──► (input written) ──► (output read to its end) ──► (ended) ──► reported
 *                        └──(deadline: killed)────────┴───────────────┘
 */
#include "daemon/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/secret.h"
#include "base/xalloc.h"
#include "daemon/timer.h"

#define READ_CHUNK         4096
#define ENVIRONMENT_MAX    64
#define NOFILE_IN_CHILDREN 1024

extern char **environ;

struct spawn {
	sd_event *event;
	char *program; /* for messages */
	pid_t pid;     /* 0: reaped, or never started */
	int in, out;   /* our ends; -1 when closed */
	struct buffer input, output;
	sd_event_source *in_source, *out_source, *child, *deadline;
	struct error err; /* kind ERROR_NONE: all well so far */
	spawn_fn fn;      /* NULL: nobody is interested any more */
	void *userdata;
};

static void spawn_done(struct spawn *spawn)
{
	sd_event_source_disable_unref(spawn->in_source);
	sd_event_source_disable_unref(spawn->out_source);
	sd_event_source_disable_unref(spawn->child);
	timer_disarm(&spawn->deadline);
	closep(&spawn->in);
	closep(&spawn->out);
	buffer_clear(&spawn->input);
	buffer_clear(&spawn->output);
	sd_event_unref(spawn->event);
	free(spawn->program);
	free(spawn);
}

/* The end, whatever it is: the owner is told, and frees; without an owner we do. */
static void report(struct spawn *spawn)
{
	if (!spawn->fn) {
		spawn_done(spawn);
		return;
	}
	spawn_fn fn = TAKE(spawn->fn);

	fn(spawn->err.kind ? NULL : &spawn->output, spawn->err.kind ? &spawn->err : NULL, spawn->userdata);
	/* may have freed spawn: nothing after this line */
}

/* ---- the child ---- */

static bool is_allowed(const char *entry)
{
	static const char *const names[] = {
		"HOME=",
		"PATH=",
		"LANG=",
		"XDG_",
		"DBUS_SESSION_BUS_ADDRESS=",
		"DISPLAY=",
		"WAYLAND_DISPLAY=",
		"CREDENTIALS_DIRECTORY=",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return true;
	}
	return false;
}

/* Pointers only: made before fork(), for after it nothing may be allocated. */
static void make_environment(const char *const *extra, const char *ret[static ENVIRONMENT_MAX + 1])
{
	size_t n = 0;

	for (; extra && *extra && n < ENVIRONMENT_MAX; extra++)
		ret[n++] = *extra;
	for (char **entry = environ; entry && *entry && n < ENVIRONMENT_MAX; entry++) {
		if (is_allowed(*entry))
			ret[n++] = *entry;
	}
	ret[n] = NULL;
}

/* Between fork() and exec() only what is safe after a fork of a process with threads. */
static _Noreturn void run_child(const char *program, const char *argument, const char *const *environment,
				int in, int out)
{
	const char *const argv[] = {program, argument, NULL};
	struct rlimit files = {NOFILE_IN_CHILDREN, NOFILE_IN_CHILDREN}, now;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(127);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	if (getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_max > files.rlim_max) {
		files.rlim_max = now.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(program, (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)environment);
	_exit(127);
}

static bool fork_child(struct spawn *spawn, const struct spawn_spec *spec)
{
	const char *environment[ENVIRONMENT_MAX + 1];
	int in[2], out[2];

	make_environment(spec->extra_environment, environment);
	if (pipe2(in, O_CLOEXEC) < 0)
		return error_errno(&spawn->err, "cannot run '%s'", spec->program);
	if (pipe2(out, O_CLOEXEC) < 0) {
		error_fill_errno(&spawn->err, "cannot run '%s'", spec->program);
		close(in[0]);
		close(in[1]);
		return false;
	}
	spawn->in = in[1];
	spawn->out = out[0];
	fcntl(spawn->in, F_SETFL, O_NONBLOCK);
	fcntl(spawn->out, F_SETFL, O_NONBLOCK);
	spawn->pid = fork();
	if (spawn->pid == 0)
		run_child(spec->program, spec->argument, environment, in[0], out[1]);
	if (spawn->pid < 0) {
		error_fill_errno(&spawn->err, "cannot run '%s'", spec->program);
		spawn->pid = 0;
	}
	close(in[0]);
	close(out[1]);
	return spawn->pid > 0;
}

static void kill_child(struct spawn *spawn)
{
	if (spawn->pid > 0 && kill(-spawn->pid, SIGKILL) < 0)
		kill(spawn->pid, SIGKILL); /* it had no time to make its group */
}

/* ---- what it says ---- */

static void stop_reading(struct spawn *spawn)
{
	spawn->out_source = sd_event_source_disable_unref(spawn->out_source);
	closep(&spawn->out);
	spawn->out = -1;
}

/* False when there is nothing more to be had. */
static bool read_some(struct spawn *spawn)
{
	ssize_t n;

	if (spawn->out < 0)
		return false;
	if (!buffer_reserve(&spawn->output, READ_CHUNK)) {
		if (!spawn->err.kind)
			error_fill(&spawn->err, ERROR_STORE, "'%s' answered with too much", spawn->program);
		kill_child(spawn);
		stop_reading(spawn);
		return false;
	}
	n = read(spawn->out, spawn->output.data + spawn->output.len, READ_CHUNK);
	if (n > 0) {
		spawn->output.len += (size_t)n;
		spawn->output.data[spawn->output.len] = '\0';
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	stop_reading(spawn);
	return false;
}

static int on_readable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	(void)source;
	(void)fd;
	(void)revents;
	read_some(userdata);
	return 0;
}

static int on_writable(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct spawn *spawn = userdata;
	ssize_t n = 0;

	(void)source;
	(void)revents;
	if (spawn->input.len > 0)
		n = write(fd, spawn->input.data, spawn->input.len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n > 0)
		buffer_consume(&spawn->input, (size_t)n);
	if (n < 0 || spawn->input.len == 0) { /* all said, or it does not listen: its reply tells */
		spawn->in_source = sd_event_source_disable_unref(spawn->in_source);
		closep(&spawn->in);
		spawn->in = -1;
	}
	return 0;
}

static int on_ended(sd_event_source *source, const siginfo_t *info, void *userdata)
{
	struct spawn *spawn = userdata;

	(void)source;
	spawn->pid = 0;
	while (read_some(spawn))
		;
	if (!spawn->err.kind && info->si_code != CLD_EXITED)
		error_fill(&spawn->err, ERROR_STORE, "'%s' was ended by signal %d", spawn->program,
			   info->si_status);
	else if (!spawn->err.kind && info->si_status == 127)
		error_fill(&spawn->err, ERROR_STORE, "'%s' cannot be run: is it there, and executable?",
			   spawn->program);
	else if (!spawn->err.kind && info->si_status != 0)
		error_fill(&spawn->err, ERROR_STORE, "'%s' failed with exit status %d", spawn->program,
			   info->si_status);
	timer_disarm(&spawn->deadline);
	report(spawn); /* nothing after this line */
	return 0;
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct spawn *spawn = userdata;

	(void)source;
	(void)usec;
	timer_disarm(&spawn->deadline);
	error_fill(&spawn->err, ERROR_STORE, "'%s' has not answered in time", spawn->program);
	kill_child(spawn); /* on_ended() reports */
	return 0;
}

static int on_failed(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	report(userdata); /* nothing after this line */
	return 0;
}

struct spawn *spawn_start(sd_event *event, const struct spawn_spec *spec, struct buffer *input_taken,
			  spawn_fn fn, void *userdata)
{
	struct spawn *spawn = xcalloc(1, sizeof(*spawn));

	*spawn = (struct spawn){
		.event = sd_event_ref(event),
		.program = xstrdup(spec->program),
		.in = -1,
		.out = -1,
		.input = *input_taken,
		.output = BUFFER_INIT(spec->output_max, &secret_memory),
		.fn = fn,
		.userdata = userdata,
	};
	*input_taken = BUFFER_INIT(0, &buffer_heap);
	if (!fork_child(spawn, spec)) {
		spawn->err.kind = ERROR_STORE;
		timer_arm(event, &spawn->deadline, clock_boot_usec(), on_failed, spawn);
		return spawn;
	}
	if (sd_event_add_io(event, &spawn->in_source, spawn->in, EPOLLOUT, on_writable, spawn) < 0 ||
	    sd_event_add_io(event, &spawn->out_source, spawn->out, EPOLLIN, on_readable, spawn) < 0 ||
	    sd_event_add_child(event, &spawn->child, spawn->pid, WEXITED, on_ended, spawn) < 0)
		abort();
	timer_arm(event, &spawn->deadline, clock_boot_usec() + spec->timeout_usec, on_deadline, spawn);
	return spawn;
}

struct spawn *spawn_free(struct spawn *spawn)
{
	if (!spawn)
		return NULL;
	if (spawn->pid > 0 && spawn->fn) /* it reports to nobody, and is freed then */
		spawn->fn = NULL;
	else
		spawn_done(spawn);
	return NULL;
}
