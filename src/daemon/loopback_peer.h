#pragma once
/*
 * Whose program is at the other end of a connection over loopback. TCP itself does not tell; the kernel's
 * tables (proc(5), /proc/net/tcp and tcp6) do, for as long as the other end is open.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/types.h>

enum loopback_owner {
	LOOPBACK_OWNER_OURS,
	LOOPBACK_OWNER_OTHER,
	LOOPBACK_OWNER_UNKNOWN, /* the other end is closed, or no table can be read */
};

/* Open, so that they can be read when no more descriptors are to be had; -1 for one that is not there. */
struct loopback_tables {
	int tcp, tcp6;
};

struct loopback_tables loopback_tables_open(void);
void loopback_tables_close(struct loopback_tables *tables);

/* root counts as us: it has everything anyway, and is who forwards ports into WSL and containers. */
enum loopback_owner loopback_owner_of(const struct loopback_tables *tables, int fd);

/* Of one table: whether an open socket goes from peer to here, and whose it is. Pure. */
bool loopback_table_find(const char *table, const struct sockaddr_in *peer, const struct sockaddr_in *here,
			 uid_t *ret);
