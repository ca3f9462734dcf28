#include "aws/console.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/xalloc.h"
#include "check.h"

static void a_service_is_shown_in_its_region(void)
{
	static const struct {
		const char *what, *region, *partition_region, *address;
	} rows[] = {
		{NULL, NULL, "us-east-1", "https://console.aws.amazon.com/console/home"},
		{NULL, "eu-west-1", "eu-west-1",
		 "https://eu-west-1.console.aws.amazon.com/console/home?region=eu-west-1"},
		{"s3", "eu-west-1", "eu-west-1",
		 "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1"},
		{"s3", NULL, "us-east-1", "https://console.aws.amazon.com/s3/home"},
		{"dynamodb", "us-east-2", "us-east-2",
		 "https://us-east-2.console.aws.amazon.com/dynamodbv2/home?region=us-east-2"},
		{"logs", "us-east-2", "us-east-2",
		 "https://us-east-2.console.aws.amazon.com/cloudwatch/"
		 "home?region=us-east-2#logsV2:log-groups"},
		{"logs", NULL, "us-east-2",
		 "https://console.aws.amazon.com/cloudwatch/home#logsV2:log-groups"},
		{"ec2", "cn-north-1", "cn-north-1",
		 "https://cn-north-1.console.amazonaws.cn/ec2/home?region=cn-north-1"},
		{"ec2", NULL, "us-gov-west-1", "https://console.amazonaws-us-gov.com/ec2/home"},
		{"ec2", NULL, "eusc-de-east-1", "https://console.amazonaws-eusc.eu/ec2/home"},
		{"https://eu-west-1.console.aws.amazon.com/s3/buckets?x=y#z", "us-east-1", "us-east-1",
		 "https://eu-west-1.console.aws.amazon.com/s3/buckets?x=y#z"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *address = NULL;
		struct error err;

		CHECK(console_destination(rows[i].what, rows[i].region, rows[i].partition_region, &address,
					  &err));
		CHECK_STR(address, rows[i].address);
	}
}

static void what_is_neither_service_nor_address_is_refused(void)
{
	static const struct {
		const char *what, *region;
		enum error_kind kind;
	} rows[] = {
		{"S3", "us-east-1", ERROR_USAGE},
		{"", "us-east-1", ERROR_USAGE},
		{"a/b", "us-east-1", ERROR_USAGE},
		{"http://console.aws.amazon.com/", "us-east-1", ERROR_USAGE},
		{"https://user@console.aws.amazon.com/", "us-east-1", ERROR_USAGE},
		{"javascript://x", "us-east-1", ERROR_USAGE},
		{"s3", "us-iso-east-1", ERROR_CONFIG},
		{NULL, "us-iso-east-1", ERROR_CONFIG},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *address = NULL;
		struct error err = {0};

		CHECK(!console_destination(rows[i].what, NULL, rows[i].region, &address, &err) && !address);
		CHECK(err.kind == rows[i].kind && *err.message);
	}
	CHECK(console_is_known("us-gov-west-1") && !console_is_known("us-iso-east-1"));
}

static void the_portals_link_names_account_and_role(void)
{
	static const char *const starts[] = {
		"https://d-1.awsapps.com/start", "https://d-1.awsapps.com/start/",
		"https://d-1.awsapps.com/start#", "https://d-1.awsapps.com/start/#/"};

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		_cleanup_free_ char *link = console_portal_link(starts[i], "012345678901", "A+B", NULL);

		CHECK_STR(link,
			  "https://d-1.awsapps.com/start/#/console?account_id=012345678901&role_name=A%2BB");
	}
	_cleanup_free_ char *link = console_portal_link(starts[0], "012345678901", "A", "https://c/?a=b&c#d");

	CHECK_STR(link, "https://d-1.awsapps.com/start/#/console?account_id=012345678901&role_name=A&"
			"destination=https%3A%2F%2Fc%2F%3Fa%3Db%26c%23d");
}

int main(void)
{
	a_service_is_shown_in_its_region();
	what_is_neither_service_nor_address_is_refused();
	the_portals_link_names_account_and_role();
	return 0;
}
