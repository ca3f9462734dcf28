#include "aws/arn.h"

#include "base/xalloc.h"
#include "check.h"

#define HEX      "0123456789abcdef"
#define TOO_LONG HEX HEX HEX HEX "0" /* 65 */

static void a_reserved_role_is_a_permission_set(void)
{
	static const char *const rows[][2] = {
		{"arn:aws:iam::000123456789:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_" HEX,
		 "Admin"},
		{"arn:aws:iam::000123456789:role/aws-reserved/sso.amazonaws.com/eu-west-1/"
		 "AWSReservedSSO_Admin_" HEX,
		 "Admin"},
		{"arn:aws-us-gov:iam::000123456789:role/aws-reserved/sso.amazonaws.com/us-gov-west-1/"
		 "AWSReservedSSO_a_b__" HEX,
		 "a_b_"},
		{"arn:aws-cn:iam::000123456789:role/aws-reserved/sso.amazonaws.com/"
		 "AWSReservedSSO_+=,.@-_" HEX,
		 "+=,.@-"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *name = NULL;
		char account_id[ACCOUNT_ID_LEN + 1];

		CHECK(arn_is_permission_set(rows[i][0], account_id, &name));
		CHECK_STR(account_id, "000123456789");
		CHECK_STR(name, rows[i][1]);
	}
}

static void any_other_text_is_none(void)
{
	static const char *const rows[] = {
		"",
		"arn:aws:iam::",
		"arn:aws:iam::000123456789:role/Admin",
		"arn:aws:iam::000123456789:role/AWSReservedSSO_Admin_" HEX,
		"arn:aws:iam::00012345678:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_" HEX,
		"arn:aws:iam::00012345678x:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_" HEX,
		"arn:aws:sts::000123456789:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_" HEX,
		"arn:evil:iam::000123456789:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_" HEX,
		"arn:aws:iam::000123456789:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123",
		"arn:aws:iam::000123456789:role/aws-reserved/sso.amazonaws.com/"
		"AWSReservedSSO_Admin_0123456789abcdeg",
		"arn:aws:iam::000123456789:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_" HEX
		"/x",
		"arn:aws:iam::000123456789:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO__" HEX,
		"arn:aws:iam::000123456789:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_a b_" HEX,
		"arn:aws:iam::000123456789:role/aws-reserved/sso.amazonaws.com/a/b/AWSReservedSSO_Admin_" HEX,
		"arn:aws:iam::000123456789:role/aws-reserved/sso.amazonaws.com/../AWSReservedSSO_Admin_" HEX,
		"arn:aws:iam::000123456789:role/aws-reserved/sso.amazonaws.com/Other_Admin_" HEX,
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char account_id[ACCOUNT_ID_LEN + 1];
		char *name = NULL;

		CHECK(!arn_is_permission_set(rows[i], account_id, &name));
		CHECK(!name);
	}
}

static void a_role_has_an_account_and_a_name(void)
{
	static const char *const rows[][2] = {
		{"arn:aws:iam::000123456789:role/Deploy", "Deploy"},
		{"arn:aws-cn:iam::000123456789:role/a/b-c/+=,.@-_", "+=,.@-_"},
		{"arn:aws:iam::000123456789:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_" HEX,
		 "AWSReservedSSO_Admin_" HEX},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *name = NULL;
		char account_id[ACCOUNT_ID_LEN + 1];

		CHECK(arn_is_role(rows[i][0], account_id, &name));
		CHECK_STR(account_id, "000123456789");
		CHECK_STR(name, rows[i][1]);
	}
}

static void what_is_no_role_is_none(void)
{
	static const char *const rows[] = {
		"",
		"arn:aws:iam::",
		"arn:aws:iam::000123456789:role",
		"arn:aws:iam::000123456789:role/",
		"arn:aws:iam::000123456789:role/a/",
		"arn:aws:iam::000123456789:role/a b",
		"arn:aws:iam::000123456789:role/a\x1b/b",
		"arn:aws:iam::000123456789:role/a b/c",
		"arn:aws:iam::000123456789:user/x",
		"arn:aws:iam::00012345678:role/x",
		"arn:aws:iam::00012345678x:role/x",
		"arn:aws:iam:us-east-1:000123456789:role/x",
		"arn:aws:sts::000123456789:assumed-role/x/y",
		"arn:evil:iam::000123456789:role/x",
		"arn:aws:iam::000123456789:role/" TOO_LONG,
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char account_id[ACCOUNT_ID_LEN + 1];
		char *name = NULL;

		CHECK(!arn_is_role(rows[i], account_id, &name));
		CHECK(!name);
	}
}

int main(void)
{
	a_role_has_an_account_and_a_name();
	what_is_no_role_is_none();
	a_reserved_role_is_a_permission_set();
	any_other_text_is_none();
	return 0;
}
