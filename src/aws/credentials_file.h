#pragma once
/*
 * AWS's shared credentials file, as far as it matters to who wants none: which of its profiles hold keys. Its
 * secrets are not looked at. Pure. Source: botocore, configloader.py.
 */
#include <stdbool.h>
#include <stddef.h>

#define CREDENTIALS_FILE_MAX (16 * 1024 * 1024) /* bytes; more is not looked at */

struct static_keys {
	const char *profile;
	unsigned line;      /* of aws_access_key_id */
	bool is_long_lived; /* of an IAM user, or of root: they last until somebody deletes them */
};

/* Called for each, in the file's order; what it gets is gone afterwards. */
typedef void (*static_keys_fn)(const struct static_keys *keys, void *userdata);
void credentials_file_visit(const char *data, size_t len, static_keys_fn fn, void *userdata);
/* Has it a section of that name? */
bool credentials_file_has(const char *data, size_t len, const char *profile);
