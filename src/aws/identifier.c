#include "aws/identifier.h"

#include <string.h>

#define ROLE_NAME_MAX_LEN 32

bool account_id_is_valid(const char *text)
{
	return strlen(text) == ACCOUNT_ID_LEN && strspn(text, "0123456789") == ACCOUNT_ID_LEN;
}

bool role_name_is_valid(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-");

	return n > 0 && n <= ROLE_NAME_MAX_LEN && text[n] == '\0';
}
