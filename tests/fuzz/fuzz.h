#pragma once
/*
 * What the fuzz targets share. Each file beside this one defines the entry point that libFuzzer calls, for
 * one parser; replay.c calls it on the files of tests/fuzz/corpus/NAME, in every build.
 *
 * A target asks for more than that nothing crashes: what was read must hold what its header promises, and an
 * error must be fit to be shown. Memory is plain heap, not the arena for secrets, so that AddressSanitizer
 * sees the ends of every block.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(cond)                                                                                        \
	do {                                                                                                 \
		if (!(cond)) {                                                                               \
			fprintf(stderr, "%s:%d: %s: not true: %s\n", __FILE__, __LINE__, __func__, #cond);   \
			abort();                                                                             \
		}                                                                                            \
	} while (0)

/* It says something, and no more than fits. */
static inline void require_error(const struct error *err)
{
	REQUIRE(err->kind != ERROR_NONE);
	REQUIRE(err->message[0] && memchr(err->message, '\0', sizeof(err->message)));
}

/* As above, in one line that no terminal obeys. */
static inline void require_printable_error(const struct error *err)
{
	require_error(err);
	REQUIRE(!text_has_controls(err->message));
}

/* The input as text: up to its first NUL. */
static inline char *text_of(const uint8_t *data, size_t size)
{
	return xstrndup((const char *)data, size);
}

/* What stands in front of the next line "---", which is skipped: parts of an input. The last part is all. */
static inline char *next_part(const uint8_t **data, size_t *size, size_t *ret_len)
{
	static const char between[] = "\n---\n";
	const uint8_t *end = *size ? memmem(*data, *size, between, strlen(between)) : NULL;
	size_t len = end ? (size_t)(end - *data) + 1 : *size;
	size_t skipped = end ? len + strlen("---\n") : len;
	char *part = xcalloc(1, len + 1);

	if (len)
		memcpy(part, *data, len);
	*data += skipped;
	*size -= skipped;
	*ret_len = len;
	return part;
}

/*
 * Where an input is cut follows from the input itself: so a file of the corpus is just what would be read,
 * and each mutation is cut elsewhere.
 */
struct dice {
	uint64_t state;
};

static inline struct dice dice_of(const uint8_t *data, size_t size)
{
	struct dice dice = {UINT64_C(0xcbf29ce484222325)};

	for (size_t i = 0; i < size; i++)
		dice.state = (dice.state ^ data[i]) * UINT64_C(0x100000001b3);
	return dice;
}

/* 1 to max. */
static inline size_t dice_roll(struct dice *dice, size_t max)
{
	dice->state = dice->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (size_t)(dice->state >> 33) % max + 1;
}
