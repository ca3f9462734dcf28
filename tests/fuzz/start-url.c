/* A start URL as a person types it, and in the next line where its host says that it leads. */
#include "aws/start_url.h"

#include "aws/config_word.h"
#include "aws/region.h"
#include "aws/url.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = text_of(data, size), *target = NULL;
	char *location = text, *typed = strsep(&location, "\n");
	_cleanup_free_ char *url = start_url_complete(typed);
	_cleanup_free_ char *region = start_url_region(url), *name = start_url_session_name(url);
	struct error err;

	REQUIRE(!region || (region_partition(region) && start_url_is_aws(url)));
	REQUIRE(config_name_is_plain(name));
	REQUIRE(!(start_url_may_lead_on(url) && start_url_is_aws(url)));
	if (!location)
		return 0;
	if (!start_url_of_redirect(url, location, &target, &err)) {
		require_printable_error(&err);
		return 0;
	}
	REQUIRE(url_is_acceptable(target) && start_url_is_aws(target) && !strpbrk(target, "?#"));
	return 0;
}
