/*
 * Times whole processes, with less of its own around them than a script would have.
 *
 *   launch pairs N A… -- B…
 *       A and B in turn, N times each: a line "NANOSECONDS_OF_A NANOSECONDS_OF_B" for each pair.
 *   launch ready N A… -- B…
 *       The same, but A is a service: its time is that until it says READY=1; then it is ended.
 *   launch crowd N OUTPUT A…
 *       N times A, released at once: a line for each with the nanoseconds until its end. What they print is
 *       appended to OUTPUT.
 *
 * A process counts from before its fork to after its end, its output read from a pipe up to EOF.
 */
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static pid_t start(char **argv, int out)
{
	posix_spawn_file_actions_t actions;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	pid_t pid;
	int r = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
	if (r != 0)
		errx(1, "%s: %s", argv[0], strerror(r));
	posix_spawn_file_actions_destroy(&actions);
	return pid;
}

static void must_end_well(pid_t pid, const char *name)
{
	int status;
	if (waitpid(pid, &status, 0) != pid)
		err(1, "waitpid");
	if (status != 0)
		errx(1, "%s ended with status %#x", name, (unsigned)status);
}

static int64_t time_run(char **argv)
{
	int ends[2];
	int64_t began = now_ns();
	if (pipe2(ends, O_CLOEXEC) < 0)
		err(1, "pipe");
	pid_t pid = start(argv, ends[1]);
	close(ends[1]);
	char bytes[65536];
	while (read(ends[0], bytes, sizeof(bytes)) > 0)
		;
	close(ends[0]);
	must_end_well(pid, argv[0]);
	return now_ns() - began;
}

static int notify_socket(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const char *path = getenv("NOTIFY_SOCKET");
	if (!path || strlen(path) >= sizeof(address.sun_path))
		errx(1, "NOTIFY_SOCKET must be set");
	memcpy(address.sun_path, path, strlen(path));
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		err(1, "%s", path);
	return fd;
}

static int64_t time_ready(char **argv, int notify)
{
	int64_t began = now_ns();
	pid_t pid = start(argv, STDERR_FILENO);
	char text[4096] = "";
	while (!strstr(text, "READY=1")) {
		struct pollfd wait = {.fd = notify, .events = POLLIN};
		if (poll(&wait, 1, 10000) != 1)
			errx(1, "%s: not ready after 10 s", argv[0]);
		ssize_t n = recv(notify, text, sizeof(text) - 1, 0);
		text[n > 0 ? n : 0] = '\0';
	}
	int64_t took = now_ns() - began;
	kill(pid, SIGTERM);
	must_end_well(pid, argv[0]);
	while (recv(notify, text, sizeof(text), MSG_DONTWAIT) > 0)
		;
	return took;
}

static int run_pairs(int count, char **first, bool ready)
{
	char **second = first;
	while (*second && strcmp(*second, "--") != 0)
		second++;
	if (!*second || !second[1])
		errx(2, "two commands wanted, with -- between them");
	*second++ = NULL;
	int notify = ready ? notify_socket() : -1;
	for (int i = 0; i < count; i++) {
		int64_t a = ready ? time_ready(first, notify) : time_run(first);
		printf("%lld %lld\n", (long long)a, (long long)time_run(second));
	}
	return 0;
}

/* A child that waits until the other end of the pipe is closed, and then becomes the command. */
static pid_t start_waiting(char **argv, int gate[2], int out)
{
	pid_t pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid > 0)
		return pid;
	close(gate[1]);
	char byte;
	while (read(gate[0], &byte, 1) > 0)
		;
	close(gate[0]);
	dup2(out, STDOUT_FILENO);
	execv(argv[0], argv);
	_exit(127);
}

static int run_crowd(int count, const char *output, char **argv)
{
	int gate[2];
	int out = open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (out < 0 || pipe2(gate, O_CLOEXEC) < 0)
		err(1, "%s", output);
	for (int i = 0; i < count; i++)
		start_waiting(argv, gate, out);
	usleep(300000); /* all of them wait by now */
	int64_t began = now_ns();
	close(gate[1]);
	int bad = 0, status;
	for (int i = 0; i < count; i++) {
		if (wait(&status) < 0)
			err(1, "wait");
		printf("%lld\n", (long long)(now_ns() - began));
		bad += status != 0;
	}
	if (bad > 0)
		errx(1, "%d of %d failed", bad, count);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 5)
		errx(2, "usage: launch pairs|ready N A… -- B…, or launch crowd N OUTPUT A…");
	int count = (int)strtol(argv[2], NULL, 10);
	if (strcmp(argv[1], "crowd") == 0)
		return run_crowd(count, argv[3], argv + 4);
	return run_pairs(count, argv + 3, strcmp(argv[1], "ready") == 0);
}
