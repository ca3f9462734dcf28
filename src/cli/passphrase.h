#pragma once
/* Asks for a passphrase at the terminal, without showing it. */
#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

#define PASSPHRASE_MAX 1024 /* bytes */

/*
 * Through /dev/tty, whatever stdin and stdout are. False with kind ERROR_NONE: Ctrl-C. Without a terminal
 * ERROR_USAGE says that one is needed.
 */
bool passphrase_ask(const char *prompt, struct buffer *ret, struct error *err) MUST_CHECK;
