#pragma once
/* The roles that Identity Center makes in an account, by their ARN (PROTOCOL 7.2). Pure. */
#include <stdbool.h>

#include "aws/target.h"

/*
 * arn:PART:iam::ACCOUNT:role/aws-reserved/sso.amazonaws.com/[REGION/]AWSReservedSSO_NAME_16HEX is the
 * permission set NAME in that account. False for any other text.
 */
bool arn_is_permission_set(const char *arn, char ret_account_id[ACCOUNT_ID_LEN + 1], char **ret_role_name);
