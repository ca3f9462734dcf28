#pragma once
/*
 * The options by which a verb is told which role it is about; member is a struct target (aws/target.h) in the
 * struct that its options fill.
 */
#include "aws/target.h"
#include "cli/options.h"

#define ROLE_OPTIONS(type, member)                                                                           \
	{.name = "profile",                                                                                  \
	 .value = "NAME",                                                                                    \
	 .offset = offsetof(type, member.profile),                                                           \
	 .parse = option_text,                                                                               \
	 .help = "the role of this profile (AWS_PROFILE, else default)"},                                    \
		{.name = "sso-session",                                                                      \
		 .value = "NAME",                                                                            \
		 .offset = offsetof(type, member.session),                                                   \
		 .parse = option_text,                                                                       \
		 .help = "the session of the role that these name:"},                                        \
		{.name = "account-id",                                                                       \
		 .value = "ID",                                                                              \
		 .offset = offsetof(type, member.account_id),                                                \
		 .parse = option_account_id,                                                                 \
		 .help = "the account, 12 digits"},                                                          \
		{.name = "role-name",                                                                        \
		 .value = "NAME",                                                                            \
		 .offset = offsetof(type, member.role_name),                                                 \
		 .parse = option_role_name,                                                                  \
		 .help = "the role, which is the permission set's name"},                                    \
	{                                                                                                    \
		.name = "role-arn", .value = "ARN", .offset = offsetof(type, member.role_arn),               \
		.parse = option_role_arn, .help = "the role by its ARN; one to assume from the others"       \
	}
