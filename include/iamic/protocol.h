#pragma once
/*
 * What crosses the socket between iamicd and its clients, beside the interface in io.iamic.Agent.varlink:
 * names, limits and the meaning of exit statuses. Framing is varlink's: JSON objects, a NUL byte after each.
 */
#include <stddef.h>

#define IAMIC_INTERFACE         "io.iamic.Agent"
#define IAMIC_SERVICE_INTERFACE "org.varlink.service"

/* Below the runtime folder; see iamicd(8) for how that is chosen. */
#define IAMIC_SOCKET_FOLDER   "iamic"
#define IAMIC_SOCKET_NAME     "socket"
#define IAMIC_SOCKET_PATH_MAX 107 /* bytes, without the NUL that sun_path ends with */

#define IAMIC_REQUEST_MAX        (64 * 1024)       /* bytes, the NUL not counted */
#define IAMIC_REPLY_MAX          (4 * 1024 * 1024) /* bytes; lists send a page a reply */
#define IAMIC_CREDENTIALS_MAX    (16 * 1024)       /* bytes of GetCredentials' reply */
#define IAMIC_REQUEST_DEADLINE_S 10                /* from a request's first byte to its last */

#define IAMIC_TIMEOUT_DEFAULT_MS      10000
#define IAMIC_WAITING_CREDENTIALS_MAX 1024 /* GetCredentials calls that wait at the same time */

/* Exit statuses of every program, and with them the errors on the socket. 130 is Ctrl-C. */
#define IAMIC_EXIT_OK             0
#define IAMIC_EXIT_INTERNAL       1
#define IAMIC_EXIT_USAGE          2
#define IAMIC_EXIT_LOGIN_REQUIRED 3
#define IAMIC_EXIT_DENIED         4
#define IAMIC_EXIT_UNAVAILABLE    5
#define IAMIC_EXIT_TIMED_OUT      6
#define IAMIC_EXIT_CONFIG         7
#define IAMIC_EXIT_STORE          8
#define IAMIC_EXIT_LOCKED         9
#define IAMIC_EXIT_EXEC_FAILED    125 /* iamic exec, which otherwise ends as its program does */
#define IAMIC_EXIT_INTERRUPTED    130
