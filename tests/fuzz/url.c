/* Addresses from people, files and servers; proxies, and what is reached without them. */
#include "aws/url.h"
#include "aws/proxy.h"

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
	if (proxy_is_acceptable(url)) {
		_cleanup_free_ char *shown = url_without_user(url);

		REQUIRE(proxy_is_acceptable(shown) && !proxy_has_user(shown) && !text_has_controls(shown));
	}
	(void)proxy_is_bypassed(url, "192.0.2.1");
	(void)proxy_is_bypassed(url, "sts.amazonaws.com");
	return 0;
}
