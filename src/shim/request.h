#pragma once
/* The shim's only request, printed without a JSON library. Pure. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"

struct request {
	const char *profile; /* or NULL; as are the rest */
	const char *session, *account_id, *role_name, *role_arn;
	uint64_t timeout_ms;
	uint64_t login_ms;
};

/* With its NUL, which *ret_len counts; false when it does not fit. The texts must be UTF-8. */
bool request_format(const struct request *request, char *buffer, size_t size, size_t *ret_len) MUST_CHECK;
