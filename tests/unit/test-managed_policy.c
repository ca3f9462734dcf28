#include "aws/managed_policy.h"

#include "base/xalloc.h"
#include "check.h"

static void a_name_becomes_the_arn_of_its_partition(void)
{
	static const char *const rows[][3] = {
		{"ReadOnlyAccess", "aws", "arn:aws:iam::aws:policy/ReadOnlyAccess"},
		{"Billing", "aws", "arn:aws:iam::aws:policy/job-function/Billing"},
		{"ViewOnlyAccess", "aws-cn", "arn:aws-cn:iam::aws:policy/job-function/ViewOnlyAccess"},
		{"job-function/Billing", "aws", "arn:aws:iam::aws:policy/job-function/Billing"},
		{"service-role/X", "aws-us-gov", "arn:aws-us-gov:iam::aws:policy/service-role/X"},
		{"arn:aws-cn:iam::aws:policy/a/B", "aws", "arn:aws-cn:iam::aws:policy/a/B"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *arn = managed_policy_arn(rows[i][0], rows[i][1]);

		CHECK(managed_policy_is_valid(rows[i][0]));
		CHECK_STR(arn, rows[i][2]);
	}
	CHECK_STR(managed_policy_name("arn:aws:iam::aws:policy/job-function/Billing"), "Billing");
	CHECK_STR(managed_policy_name("x"), "x");
}

/* A policy of one's own is attached in another way, which names it and not its ARN. */
static void what_is_none_of_awss_own_is_refused(void)
{
	static const char *const rows[] = {
		"",
		"a b",
		"/a",
		"a/",
		"a//b",
		"\u00fc",
		"a:b",
		"arn:aws:iam::111122223333:policy/Mine",
		"arn:aws:iam::aws:role/X",
		"arn:aws:iam::aws:policy/",
		"arn:AWS:iam::aws:policy/X",
		"arn:aws:iam::aws:policy/a b",
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		CHECK(!managed_policy_is_valid(rows[i]));
}

int main(void)
{
	a_name_becomes_the_arn_of_its_partition();
	what_is_none_of_awss_own_is_refused();
	return 0;
}
