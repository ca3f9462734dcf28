#include "cli/share_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/output.h"

#define INSIDE "/run/iamic.sock" /* where a container finds it */
#define REMOTE "/tmp/iamic.sock"

static void print_roles(const json_t *roles)
{
	struct table table = {.n_columns = 3, .indent = 2};
	const json_t *role;
	size_t i;

	for (int pass = 0; pass < 2; pass++) {
		json_array_foreach (roles, i, role) {
			const char *cells[] = {agent_text(role, "profile"), agent_text(role, "accountId"),
					       agent_text(role, "roleName")};

			if (pass == 0)
				table_fit(&table, cells);
			else
				table_row(&table, cells);
		}
	}
}

/* A line to be typed is left whole, however narrow the terminal is. */
static void print_container(const char *program, const char *options, const char *path, uid_t uid_inside)
{
	printf("%s run %s-v %s:" INSIDE " -e IAMIC_SOCKET=" INSIDE " -e IAMIC_SOCKET_UID=%u IMAGE\n", program,
	       options, path, (unsigned)uid_inside);
}

/* Docker's containers know the uids of this machine, and are root unless told otherwise. */
static void print_docker(const char *path, uid_t uid)
{
	_cleanup_free_ char *user = uid == 0 ? xstrdup("") : xasprintf("--user %u ", (unsigned)uid);

	puts("\nin a container of Docker:");
	print_container("docker", user, path, getuid());
}

/* Those that one runs oneself have us for their root. */
static void print_podman(const char *path)
{
	puts("\nin one of podman:");
	print_container("podman", "", path, 0);
}

static void print_ssh(const char *path)
{
	puts("\non another machine:");
	printf("ssh -R " REMOTE ":%s HOST\nexport IAMIC_SOCKET=" REMOTE "\n", path);
}

static void print_other_user(const char *path, uid_t uid)
{
	printf("\nfor uid %u:\n", (unsigned)uid);
	printf("export IAMIC_SOCKET=%s IAMIC_SOCKET_UID=%u\n", path, (unsigned)getuid());
}

void share_print(const json_t *reply, const char *path, uid_t uid)
{
	_cleanup_free_ char *name = printable(agent_text(reply, "name")), *word = shell_word(path);
	char text[TIME_TEXT_SIZE];
	int64_t until = 0;

	(void)agent_time(reply, "until", &until);
	printf("lent as '%s' until %s, or until Ctrl-C:\n", name, time_text(until, agent_now(reply), text));
	print_roles(json_object_get(reply, "roles"));
	print_docker(word, uid);
	if (uid == getuid()) {
		print_podman(word);
		print_ssh(word);
	} else if (uid != 0) {
		print_other_user(word, uid);
	}
}
