#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "check.h"
#include "daemon/program.h"

/* A process that goes by that name until it is let go. */
static pid_t start(const char *name, int *ret_hold)
{
	int hold[2], ready[2];
	char byte;
	pid_t pid;

	CHECK(pipe(hold) == 0 && pipe(ready) == 0);
	pid = fork();
	if (pid == 0) {
		close(hold[1]);
		prctl(PR_SET_NAME, name);
		_exit(write(ready[1], "", 1) != 1 || read(hold[0], &byte, 1) != 0);
	}
	CHECK(read(ready[0], &byte, 1) == 1);
	close(hold[0]);
	close(ready[0]);
	close(ready[1]);
	*ret_hold = hold[1];
	return pid;
}

static void end(pid_t pid, int hold)
{
	int status;

	close(hold);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
}

static void a_program_is_its_path(void)
{
	_cleanup_free_ char *text = NULL;
	char path[4096] = "";
	pid_t pid;
	int hold;

	pid = start("another-name", &hold);
	text = program_of(pid);
	CHECK(readlink("/proc/self/exe", path, sizeof(path) - 1) > 0);
	CHECK_STR(text, path);
	end(pid, hold);
}

/* What one can call oneself must not be taken for what stands behind it. */
static void a_shim_is_shown_with_what_runs_it(const char *name, const char *shown)
{
	_cleanup_free_ char *text = NULL, *wanted = xasprintf("%s > iamic-credential-process", shown);
	pid_t pid;
	int hold;

	prctl(PR_SET_NAME, name);
	pid = start("iamic-credential-process", &hold);
	text = program_of(pid);
	CHECK_STR(text, wanted);
	end(pid, hold);
	usleep(120 * 1000); /* what was known of a parent has been forgotten */
}

static void nobody_is_nothing(void)
{
	pid_t pid;
	int hold;

	pid = start("gone", &hold);
	end(pid, hold);
	CHECK(!program_of(pid));
	CHECK(!program_of(0));
}

int main(void)
{
	a_program_is_its_path();
	a_shim_is_shown_with_what_runs_it("aws", "aws");
	a_shim_is_shown_with_what_runs_it("x) S 1 (", "x) S 1 (");
	a_shim_is_shown_with_what_runs_it("a\n\033[2J", "a??[2J");
	nobody_is_nothing();
	return 0;
}
