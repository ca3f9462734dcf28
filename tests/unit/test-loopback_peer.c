#include "daemon/loopback_peer.h"

#include <arpa/inet.h>
#include <unistd.h>

#include "check.h"

#define HEAD                                                                                                 \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
#define TAIL " 1 0000000000000000 20 4 30 10 -1\n"

static struct sockaddr_in end(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* As Linux on a little-endian machine writes it. */
static void whose_it_is_stands_in_the_table(void)
{
	static const struct {
		const char *name, *line;
		bool is_found;
		uid_t uid;
	} cases[] = {
		{"one's own",
		 "   0: 0100007F:1F90 0100007F:2382 01 00000000:00000000 00:00000000 00000000  1000 "
		 "       0 4711" TAIL,
		 true, 1000},
		{"after a timer",
		 " 12: 0100007F:1F90 0100007F:2382 01 00000000:00000010 02:000A7214 00000000 "
		 "65534        0 4711" TAIL,
		 true, 65534},
		{"over IPv6",
		 "   0: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:2382 "
		 "01 00000000:00000000 00:00000000 00000000  1001        0 4711" TAIL,
		 true, 1001},
		{"our own end",
		 "   0: 0100007F:2382 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  "
		 "1000        0 4711" TAIL,
		 false, 0},
		{"closed",
		 "   0: 0100007F:1F90 0100007F:2382 06 00000000:00000000 03:000016C2 00000000     0 "
		 "       0 0 3 0000000000000000\n",
		 false, 0},
		{"half a line", "   0: 0100007F:1F90 0100007F:2382 01 00000000:", false, 0},
		{"nothing", "", false, 0},
	};
	const struct sockaddr_in peer = end(0x1f90), here = end(0x2382);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char table[1024];
		uid_t uid = 0;

		snprintf(table, sizeof(table), HEAD "%s", cases[i].line);
		if (loopback_table_find(table, &peer, &here, &uid) != cases[i].is_found ||
		    uid != cases[i].uid)
			CHECK_STR("found wrongly", cases[i].name);
	}
}

int main(void)
{
	if (htonl(1) != 1) /* the table has addresses in the machine's own order */
		whose_it_is_stands_in_the_table();
	return 0;
}
