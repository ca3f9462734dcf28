#pragma once
/*
 * The random key, where no better one is: 32 bytes in $XDG_DATA_HOME/iamic/key, another folder than that of
 * the file it opens. Never overwritten.
 */
#include <stdbool.h>

#include "base/buffer.h"
#include "base/error.h"

/* ret_path also when it is not there (ret_exists). */
bool random_key_read(struct buffer *ret, char **ret_path, bool *ret_exists, struct error *err) MUST_CHECK;
bool random_key_make(struct buffer *ret, struct error *err) MUST_CHECK;
