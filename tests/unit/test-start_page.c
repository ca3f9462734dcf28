#include "aws/start_page.h"

#include "base/xalloc.h"
#include "check.h"

static const struct {
	const char *html, *region;
} pages[] = {
	{"<!DOCTYPE html><html><meta charset=\"utf-8\"><meta name=\"region\" content=\"us-west-2\"/>",
	 "us-west-2"},
	{"<META\n CONTENT = 'eu-west-1'\n NAME = 'region' >", "eu-west-1"},
	{"<meta name=region content=us-gov-west-1>", "us-gov-west-1"},
	{"<meta data-x=\"a > b\" name=\"region\" content=\"cn-north-1\">", "cn-north-1"},
	{"<meta name=\"geo.region\" content=\"DE\"><meta name=region content=\"eu-south-2\">", "eu-south-2"},
	{"<script id=\"env\" type=text>{\"locale\":\"en\",\"region\":\"ap-southeast-7\"}</script>",
	 "ap-southeast-7"},
	{"<script>var a = 1 < 2;</script><script id=env>\n{\"region\":\"eusc-de-east-1\"}\n</SCRIPT>",
	 "eusc-de-east-1"},
	{"<meta name=\"region\" content=\"India\"><script id=\"env\">{\"region\":\"us-east-1\"}</script>",
	 "us-east-1"},
	/* What is no region, and what is no end of a tag, of a script or of JSON. */
	{"<meta name=\"region\" content=\"evil.example/\">", NULL},
	{"<meta name=\"region\" content=\"us-east-1.evil.example\">", NULL},
	{"<meta name=\"region\">", NULL},
	{"<meta name=\"region\" content=\"us-east-1\"", NULL},
	{"<meta name=\"region\" content=\"us-east-1>", NULL},
	{"<metadata name=\"region\" content=\"us-east-1\">", NULL},
	{"<meta", NULL},
	{"<meta ", NULL},
	{"<meta name =", NULL},
	{"<meta =us-east-1 name=region =>", NULL},
	{"<script id=\"env\">{\"region\":\"us-east-1\"}", NULL},
	{"<script id=\"env\">{\"region\":7}</script>", NULL},
	{"<script id=\"env\">[\"us-east-1\"]</script>", NULL},
	{"<script id=\"env\">nonsense</script>", NULL},
	{"<script id=\"other\">{\"region\":\"us-east-1\"}</script>", NULL},
	{"us-east-1", NULL},
	{"", NULL},
};

int main(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		_cleanup_free_ char *region = start_page_region(pages[i].html);

		CHECK(!region == !pages[i].region);
		if (region)
			CHECK_STR(region, pages[i].region);
	}
	return 0;
}
