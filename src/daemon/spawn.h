#pragma once
/*
 * A helper program run once: bytes in on stdin, bytes out from stdout, a deadline, an environment of
 * allow-listed variables, and nothing else of ours. Its stderr is /dev/null: what it has to say stands in its
 * reply.
 *
 * Owned by whoever started it; the callback runs exactly once, from the event loop. Freeing it before that
 * withdraws the interest: a helper that is already at work is left to finish within its deadline, since what
 * it writes may matter.
 */
#include <stdint.h>

#include <systemd/sd-event.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/error.h"

struct spawn;

/* output: what it wrote before it exited with 0, in secret memory; NULL with err set otherwise. */
typedef void (*spawn_fn)(const struct buffer *output, const struct error *err, void *userdata);

struct spawn_spec {
	const char *program;                  /* absolute path */
	const char *argument;                 /* its only one */
	const char *const *extra_environment; /* "NAME=value", NULL-terminated; or NULL */
	uint64_t timeout_usec;
	size_t output_max;
};

/* Takes the input's bytes. */
struct spawn *spawn_start(sd_event *event, const struct spawn_spec *spec, struct buffer *input_taken,
			  spawn_fn fn, void *userdata);
struct spawn *spawn_free(struct spawn *spawn);
