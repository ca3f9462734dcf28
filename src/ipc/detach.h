#pragma once
/* From a client's child to a daemon that has nothing of the client but its environment. libc only. */
#include <sys/types.h>

/*
 * Runs in a child that was forked for it, with all signals blocked, and never returns. The program is its
 * child in turn, in a session of its own, in "/", with stdin and stdout on /dev/null, output as stderr, no
 * other descriptor, signals and soft limits as at login, and the environment without credentials, AWS_PROFILE
 * and what a service manager told the client alone. Ends as the program ends (128 + N for signal N), or at
 * once when the client does: the program goes on then.
 */
_Noreturn void detach_run(const char *program, char *const argv[], int output, pid_t client);
