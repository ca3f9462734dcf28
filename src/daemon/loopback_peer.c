#include "daemon/loopback_peer.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/fs.h"

#define TABLE_MAX (8 * 1024 * 1024) /* 50,000 connections */

#define LINE_SIZE 256

/* "0100007F:1F90", as the tables write an address; what came over IPv6 has more in front of it. */
#define END_SIZE sizeof("0100007F:1F90")

static void format_end(const struct sockaddr_in *address, char ret[static END_SIZE])
{
	snprintf(ret, END_SIZE, "%08X:%04X", address->sin_addr.s_addr, ntohs(address->sin_port));
}

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* The program has closed a socket that has no inode, and the kernel shows those as root's. */
static bool is_from(const char *line, const char *from, const char *to, uid_t *ret)
{
	char local[64], remote[64];
	unsigned long inode;
	unsigned uid;

	if (sscanf(line, " %*u: %63s %63s %*x %*x:%*x %*x:%*x %*x %u %*u %lu", local, remote, &uid, &inode) !=
		    4 ||
	    !ends_with(local, from) || !ends_with(remote, to) || inode == 0)
		return false;
	*ret = uid;
	return true;
}

bool loopback_table_find(const char *table, const struct sockaddr_in *peer, const struct sockaddr_in *here,
			 uid_t *ret)
{
	char from[END_SIZE], to[END_SIZE], line[LINE_SIZE];

	format_end(peer, from);
	format_end(here, to);
	while (*table) {
		size_t len = strcspn(table, "\n");

		snprintf(line, sizeof(line), "%.*s", (int)len, table);
		if (is_from(line, from, to, ret))
			return true;
		table += len + (table[len] == '\n');
	}
	return false;
}

struct loopback_tables loopback_tables_open(void)
{
	return (struct loopback_tables){open("/proc/self/net/tcp", O_RDONLY | O_CLOEXEC),
					open("/proc/self/net/tcp6", O_RDONLY | O_CLOEXEC)};
}

void loopback_tables_close(struct loopback_tables *tables)
{
	closep(&tables->tcp);
	closep(&tables->tcp6);
}

static bool look_in(int fd, const struct sockaddr_in *peer, const struct sockaddr_in *here, uid_t *ret)
{
	_cleanup_(buffer_clearp) struct buffer table = BUFFER_INIT(TABLE_MAX, &buffer_heap);
	struct error ignored;

	return fd >= 0 && lseek(fd, 0, SEEK_SET) == 0 && fs_read_rest(fd, "table", &table, &ignored) &&
	       table.data && loopback_table_find(table.data, peer, here, ret);
}

enum loopback_owner loopback_owner_of(const struct loopback_tables *tables, int fd)
{
	struct sockaddr_in peer, here;
	socklen_t peer_len = sizeof(peer), here_len = sizeof(here);
	uid_t uid;

	if (getpeername(fd, (struct sockaddr *)&peer, &peer_len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&here, &here_len) < 0)
		return LOOPBACK_OWNER_UNKNOWN;
	if (!look_in(tables->tcp, &peer, &here, &uid) && !look_in(tables->tcp6, &peer, &here, &uid))
		return LOOPBACK_OWNER_UNKNOWN;
	return uid == getuid() || uid == 0 ? LOOPBACK_OWNER_OURS : LOOPBACK_OWNER_OTHER;
}
