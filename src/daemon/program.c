#include "daemon/program.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "base/xalloc.h"

#define SHIM         "iamic-credential-process"
#define NAME_MAX_LEN 15 /* of what the kernel keeps */
#define KNOWN_USEC   (100 * USEC_PER_MSEC)

struct process {
	char name[64]; /* of a script its own, and not its interpreter's */
	pid_t parent;
};

/* "PID (NAME) STATE PARENT ...": in the name anything may stand. */
static bool read_stat(pid_t pid, struct process *ret)
{
	_cleanup_close_ int fd = -1;
	char path[64], text[512];
	const char *begin, *end;
	int parent;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	begin = strchr(text, '(');
	end = strrchr(text, ')');
	if (!begin || !end || sscanf(end, ") %*c %d", &parent) != 1)
		return false;
	snprintf(ret->name, sizeof(ret->name), "%.*s", (int)(end - begin - 1), begin + 1);
	ret->parent = parent;
	return true;
}

/* Of other users' processes, and of those that cannot be dumped, it is not told. */
static bool read_path(pid_t pid, char *ret, size_t size)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	n = readlink(path, ret, size - 1);
	if (n <= 0)
		return false;
	ret[n] = '\0';
	return true;
}

static bool is_named_like(const char *path, const char *name)
{
	const char *slash = strrchr(path, '/');

	return strncmp(slash ? slash + 1 : path, name, strlen(name)) == 0;
}

/* Who asks for credentials is "aws", not "python3.11". */
static char *describe_parent(pid_t pid)
{
	struct process process;
	char path[PATH_MAX];

	if (pid <= 1 || !read_stat(pid, &process))
		return NULL;
	return xstrdup(read_path(pid, path, sizeof(path)) && is_named_like(path, process.name)
			       ? path
			       : process.name);
}

/* Whoever runs one of them runs many at times. */
static const char *known_parent(pid_t pid)
{
	static struct {
		pid_t pid;
		uint64_t at_usec;
		char *text;
	} known;
	uint64_t now = clock_boot_usec();

	if (known.pid != pid || now - known.at_usec > KNOWN_USEC) {
		free(known.text);
		known.pid = pid;
		known.at_usec = now;
		known.text = describe_parent(pid);
	}
	return known.text;
}

char *program_of(pid_t pid)
{
	const char *parent = NULL;
	struct process process;
	char path[PATH_MAX];
	char *text;

	if (!read_stat(pid, &process))
		return NULL;
	if (strncmp(process.name, SHIM, NAME_MAX_LEN) == 0)
		parent = known_parent(process.parent);
	if (parent)
		text = xasprintf("%s > " SHIM, parent);
	else
		text = xstrdup(read_path(pid, path, sizeof(path)) ? path : process.name);
	text_make_printable(text);
	return text;
}
