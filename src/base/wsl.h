#pragma once
#include <stdbool.h>

/* Whether this is the Windows Subsystem for Linux, where programs of another system come in over loopback. */
bool wsl_is_here(void);
