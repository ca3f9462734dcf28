#pragma once
/* What AWS takes for an account id and for the name of a permission set. */
#include <stdbool.h>

#define ACCOUNT_ID_LEN 12

bool account_id_is_valid(const char *text); /* 12 digits */
bool role_name_is_valid(const char *text);  /* [\w+=,.@-]{1,32} in ASCII */
