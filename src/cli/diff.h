#pragma once
/*
 * What changes between two texts, as diff -u shows it and patch(1) takes it. Pure.
 *
 * Lines are what ends in LF; bytes are given as they are.
 */
#include <stddef.h>

#include "base/buffer.h"

struct diff_text {
	const char *name; /* "/dev/null": there is none */
	const char *data;
	size_t len;
};

/* Appends nothing where both are the same. False: it does not fit. */
bool diff_unified(const struct diff_text *old_text, const struct diff_text *new_text,
		  struct buffer *ret) MUST_CHECK;
