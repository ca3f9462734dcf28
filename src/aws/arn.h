#pragma once
/* Roles by their ARN, and among them those that Identity Center makes in an account. Pure. */
#include <stdbool.h>

#include "aws/identifier.h"

/*
 * arn:PART:iam::ACCOUNT:role/aws-reserved/sso.amazonaws.com/[REGION/]AWSReservedSSO_NAME_16HEX is the
 * permission set NAME in that account. False for any other text.
 */
bool arn_is_permission_set(const char *arn, char ret_account_id[ACCOUNT_ID_LEN + 1], char **ret_role_name);
/* arn:PART:iam::ACCOUNT:role/[PATH/]NAME is the role NAME in that account. False for any other text. */
bool arn_is_role(const char *arn, char ret_account_id[ACCOUNT_ID_LEN + 1], char **ret_name);
