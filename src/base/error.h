#pragma once
/*
 * Why something failed, in words a person can act on.
 *
 * A function that can fail returns bool and takes a struct error * last; on false it has filled the error, on
 * true it has not touched it. The kind is for programs: its number is the exit status, and ipc/error_name.h
 * gives its name on the socket. The message is for people: it names the object and what to do next, and never
 * holds a secret. A condition that the caller is expected to meet is not an error but an outcome, and running
 * out of memory is neither: see xalloc.h.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"

enum error_kind {
	ERROR_NONE = 0,
	ERROR_INTERNAL = 1,       /* a system call or library failed, or a bug of ours */
	ERROR_USAGE = 2,          /* the command line is wrong; never on the socket */
	ERROR_LOGIN_REQUIRED = 3, /* no usable token: a person must sign in */
	ERROR_DENIED = 4,         /* AWS, or the person, said no */
	ERROR_UNAVAILABLE = 5,    /* daemon, AWS or proxy not reachable, or not understood */
	ERROR_TIMED_OUT = 6,      /* it took too long */
	ERROR_CONFIG = 7,         /* the configuration is wrong or lacks what was asked for */
	ERROR_STORE = 8,          /* the keyring is locked or broken */
	ERROR_LOCKED = 9,         /* iamic itself is locked */
};

struct error {
	enum error_kind kind;
	int64_t retry_at; /* ERROR_UNAVAILABLE: seconds since the epoch when asking again makes sense; 0:
			     unknown */
	char message[512];
};

static inline bool error_is_set(void)
{
	return false;
}

/*
 * All three are false, so that a failing function can end in one line; as macros, so that the compiler knows
 * it too and can tell which outputs are set.
 */
#define error_set(err, kind, ...) (error_fill(err, kind, __VA_ARGS__), error_is_set())
/* ERROR_INTERNAL with the message, followed by ": " and the words for errno. */
#define error_errno(err, ...) (error_fill_errno(err, __VA_ARGS__), error_is_set())
/* Puts "PREFIX: " in front of the message; what no longer fits is cut at the end. */
#define error_prefix(err, ...) (error_put_before(err, __VA_ARGS__), error_is_set())

void error_fill(struct error *err, enum error_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void error_fill_errno(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
void error_put_before(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
