/* Addresses from people, files and servers. */
#include "aws/url.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *url = text_of(data, size);
	_cleanup_free_ char *origin = url_origin(url), *host = url_host(url);
	const char *const query[] = {"name", url, NULL};
	_cleanup_free_ char *longer = url_with_query(url, query);

	REQUIRE(!origin == !host);
	REQUIRE(strncmp(longer, url, strlen(url)) == 0);
	if (url_is_acceptable(url)) {
		_cleanup_free_ char *origin_again = NULL;

		REQUIRE(origin && url_is_acceptable(origin) && !text_has_controls(host));
		REQUIRE(strncmp(origin, "https://", 8) == 0 || host_is_loopback(host));
		origin_again = url_origin(origin);
		REQUIRE(strcmp(origin_again, origin) == 0);
	}
	return 0;
}
