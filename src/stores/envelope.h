#pragma once
/*
 * What stands in a keyring item: "iamic:1:GENERATION:SECRET", one line of text where the secret is one.
 *
 * A generation among the attributes would make another item at each save, on services that tell items apart
 * by them; and whoever types into an item by hand most likely spoils the beginning.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

/* False when it does not fit. generation is not negative. */
bool envelope_append(struct buffer *out, int64_t generation, const struct buffer *secret) MUST_CHECK;

/* The secret is a part of data. Anything that is not an envelope is ERROR_STORE, whose message quotes nothing
 * of it. */
bool envelope_parse(const char *data, size_t len, int64_t *ret_generation, const char **ret_secret,
		    size_t *ret_len, struct error *err) MUST_CHECK;
