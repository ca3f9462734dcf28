#pragma once
/* What runs as a process, for those who read of it. */
#include <sys/types.h>

/*
 * The path of its program, else the name that it goes by; printable. iamic-credential-process runs for
 * another one, which stands in front: "aws > iamic-credential-process". NULL: the process is gone, or hidden
 * from us. Waits for nothing, and is quick: a thousand may ask at once.
 */
char *program_of(pid_t pid);
