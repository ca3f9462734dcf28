#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "check.h"

/* Under ASan too much memory is to be NULL, as it is without. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static volatile size_t most = SIZE_MAX;

static void what_is_copied_is_owned(void)
{
	_cleanup_free_ char *a = xstrdup("abc"), *b = xstrndup("abcdef", 3), *c = xasprintf("%s-%d", a, 7);
	char *slot = NULL;

	CHECK_STR(a, "abc");
	CHECK_STR(b, "abc");
	CHECK_STR(c, "abc-7");
	CHECK(!xstrdup_or_null(NULL));
	xstrdup_to(&slot, "one");
	CHECK_STR(slot, "one");
	xstrdup_to(&slot, slot);
	CHECK_STR(slot, "one");
	xstrdup_to(&slot, NULL);
	CHECK(!slot);
}

static void memory_is_zero_and_arrays_grow(void)
{
	_cleanup_free_ int *array = xcalloc(4, sizeof(*array));

	CHECK(array[0] == 0 && array[3] == 0);
	array[3] = 7;
	array = xreallocarray(array, 1000, sizeof(*array));
	CHECK(array[3] == 7);
	array = xreallocarray(array, 0, sizeof(*array));
	CHECK(array);
}

static void take_leaves_null_behind(void)
{
	char *from = xstrdup("x");
	_cleanup_free_ char *to = TAKE(from);

	CHECK(!from);
	CHECK_STR(to, "x");
}

static void ask_for_too_much(int how)
{
	void *p = how == 0   ? xcalloc(most, 2)
		  : how == 1 ? xcalloc(1, most / 2)
			     : xreallocarray(NULL, most, 2);

	free(p);
}

static void out_of_memory_says_so_and_aborts(void)
{
	static const struct rlimit no_core = {0, 0};

	for (int how = 0; how < 3; how++) {
		char said[4096] = "";
		int out[2], status;
		pid_t pid;

		CHECK(pipe(out) == 0);
		pid = fork();
		CHECK(pid >= 0);
		if (pid == 0) {
			setrlimit(RLIMIT_CORE, &no_core);
			dup2(out[1], STDERR_FILENO);
			ask_for_too_much(how);
			_exit(0);
		}
		close(out[1]);
		for (size_t n = 0; n < sizeof(said) - 1;) {
			ssize_t got = read(out[0], said + n, sizeof(said) - 1 - n);

			if (got <= 0)
				break;
			n += (size_t)got;
		}
		close(out[0]);
		CHECK(waitpid(pid, &status, 0) == pid);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
		CHECK(strstr(said, "iamic: out of memory\n"));
	}
}

int main(void)
{
	what_is_copied_is_owned();
	memory_is_zero_and_arrays_grow();
	take_leaves_null_behind();
	out_of_memory_says_so_and_aborts();
	return 0;
}
