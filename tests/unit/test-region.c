#include "aws/region.h"

#include "base/cleanup.h"
#include "check.h"

static void a_region_has_the_form_of_a_host_label(void)
{
	static const char *const good[] = {"us-east-1", "us-gov-west-1", "eusc-de-east-1",
					   "xx-new-9",  "aws-global",    "abcdefgh-0123456789abcdef-x-y-z"};
	static const char *const bad[] = {"",
					  "us",
					  "u-east-1",
					  "us-",
					  "us--1",
					  "-us-east-1",
					  "us-east-1-",
					  "US-EAST-1",
					  "us_east_1",
					  "us-east-1 ",
					  " us-east-1",
					  "us-east-1\n",
					  "us-east-1.evil.com",
					  "us-east-1/",
					  "us-east-1#@evil",
					  "us-east-1:443",
					  "abcdefghi-east-1",
					  "us-abcdefghijklmnopq-1",
					  "a1-east-1",
					  "us-a-b-c-d-e",
					  "us-\xc3\xa9st-1",
					  "us-east-1 # Virginia",
					  "%75s-east-1"};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		CHECK(region_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK(!region_is_valid(bad[i]));
		CHECK(!region_partition(bad[i]));
	}
}

static void a_partition_takes_regions_that_are_new(void)
{
	static const struct {
		const char *region, *partition, *suffix, *dual_stack;
	} rows[] = {
		{"us-east-1", "aws", "amazonaws.com", "api.aws"},
		{"eu-west-42", "aws", "amazonaws.com", "api.aws"},
		{"mx-central-1", "aws", "amazonaws.com", "api.aws"},
		{"il-central-1", "aws", "amazonaws.com", "api.aws"},
		{"cn-northwest-1", "aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
		{"us-gov-east-1", "aws-us-gov", "amazonaws.com", "api.aws"},
		{"eusc-de-east-1", "aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"},
		{"us-iso-west-1", "aws-iso", "c2s.ic.gov", "api.aws.ic.gov"},
		{"us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"},
		{"eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
		{"us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct partition *partition = region_partition(rows[i].region);

		CHECK(partition);
		CHECK_STR(partition->name, rows[i].partition);
		CHECK_STR(partition->dns_suffix, rows[i].suffix);
		CHECK_STR(partition->dual_stack_dns_suffix, rows[i].dual_stack);
	}
}

static void a_region_of_no_partition_has_none(void)
{
	static const char *const none[] = {"aws-global",     "xx-east-1",    "us-east",
					   "us-east-x",      "us-east-1-x",  "us-gov-1x",
					   "eusc-fr-east-1", "us-gov-a-b-1", "usa-east-1"};

	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		CHECK(!region_partition(none[i]));
}

static void a_refusal_says_where_and_moves_no_cursor(void)
{
	struct error err = {0};

	CHECK(region_check("us-east-1", "cfg:1", &err));
	CHECK(err.kind == ERROR_NONE);
	CHECK(!region_check("us-east-1\x1b[2J", "cfg:12", &err));
	CHECK(err.kind == ERROR_CONFIG);
	CHECK_STR(err.message, "cfg:12: 'us-east-1?[2J' is not a region of AWS: write one like us-east-1");
}

int main(void)
{
	a_region_has_the_form_of_a_host_label();
	a_partition_takes_regions_that_are_new();
	a_region_of_no_partition_has_none();
	a_refusal_says_where_and_moves_no_cursor();
	return 0;
}
