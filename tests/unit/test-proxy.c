#include "aws/proxy.h"

#include "base/xalloc.h"
#include "check.h"

static void addresses_of_proxies_are_taken(void)
{
	static const char *const good[] = {
		"http://proxy.example.com:3128",
		"proxy:3128",
		"proxy",
		"HTTP://proxy:3128/",
		"https://proxy",
		"socks5h://127.0.0.1:1080",
		"http://[fd00::1]:3128",
		"http://alice:hunter2@proxy:3128",
		"alice:hunter2@proxy:3128",
		"http://alice@proxy",
		"http://DOMAIN%5Calice:p%40ss%25@proxy:3128",
		"http://alice:a!$&'()*+,;=-._~:b@proxy",
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		CHECK(proxy_is_acceptable(good[i]));
	CHECK(!proxy_is_tls("http://https") && proxy_is_tls("HTTPS://proxy"));
	CHECK(proxy_has_user("http://a@p") && proxy_has_user("a:b@p") && !proxy_has_user("http://p/"));
}

static void what_libcurl_would_quote_or_not_understand_is_refused(void)
{
	static const char *const bad[] = {
		"",
		"http://",
		"http:/proxy",
		"ftp://proxy",
		"://proxy",
		"http://proxy:0",
		"http://proxy:99999",
		"http://proxy:port",
		"http://proxy?x",
		"http://proxy/a#b",
		"http://alice:p@ss@proxy",
		"http://alice:p/ss@proxy",
		"http://alice:p%zz@proxy",
		"http://alice:p%4@proxy",
		"http://alice:p%00@proxy",
		"http://alice:p ss@proxy",
		"http://proxy three",
		"http://alice:hunter2@",
	};
	char long_one[3000];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (proxy_is_acceptable(bad[i])) {
			fprintf(stderr, "'%s' is taken\n", bad[i]);
			exit(1);
		}
	}
	memset(long_one, 'a', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	CHECK(!proxy_is_acceptable(long_one));
}

static void loopback_hosts_never_go_through_a_proxy(void)
{
	CHECK(proxy_is_bypassed(NULL, "localhost"));
	CHECK(proxy_is_bypassed("", "127.8.9.10"));
	CHECK(proxy_is_bypassed("example.com", "::1"));
	CHECK(!proxy_is_bypassed(NULL, "localhost.example.com"));
	CHECK(!proxy_is_bypassed(NULL, "128.0.0.1"));
}

static void hosts_of_the_list_are_reached_without_it(void)
{
	static const struct {
		const char *no_proxy, *host;
		bool is_bypassed;
	} cases[] = {
		{"*", "sts.amazonaws.com", true},
		{"a, *", "10.0.0.1", true},
		{"amazonaws.com", "amazonaws.com", true},
		{"amazonaws.com", "sts.amazonaws.com", true},
		{".amazonaws.com", "sts.amazonaws.com", true},
		{".amazonaws.com", "amazonaws.com", true},
		{"AmazonAWS.com.", "sts.amazonaws.com", true},
		{"amazonaws.com", "sts.amazonaws.com.", true},
		{"amazonaws.com", "evilamazonaws.com", false},
		{"sts.amazonaws.com", "amazonaws.com", false},
		{"a.b,,  amazonaws.com\tc", "sts.amazonaws.com", true},
		{"", "sts.amazonaws.com", false},
		{".", "sts.amazonaws.com", false},
		{"[]", "sts.amazonaws.com", false},
		{"10.0.0.0/8", "10.1.2.3", true},
		{"10.0.0.0/8", "11.1.2.3", false},
		{"10.0.0.0/9", "10.127.0.0", true},
		{"10.0.0.0/9", "10.128.0.0", false},
		{"0.0.0.0/0", "8.8.8.8", true},
		{"192.0.2.1", "192.0.2.1", true},
		{"192.0.2.1", "192.0.2.11", false},
		{"192.0.2.1/33", "192.0.2.1", false},
		{"192.0.2.1/", "192.0.2.1", false},
		{"192.0.2.1/x", "192.0.2.1", false},
		{"2.1", "192.0.2.1", false},
		{"fd00::/8", "fd12::1", true},
		{"fd00::/8", "fe00::1", false},
		{"[fd00::1]", "fd00::1", true},
		{"fd00:0::1", "fd00::1", true},
		{"10.0.0.0/8", "fd00::1", false},
		{"::/0", "10.0.0.1", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (proxy_is_bypassed(cases[i].no_proxy, cases[i].host) != cases[i].is_bypassed) {
			fprintf(stderr, "'%s' of '%s': not %d\n", cases[i].host, cases[i].no_proxy,
				cases[i].is_bypassed);
			exit(1);
		}
	}
}

int main(void)
{
	addresses_of_proxies_are_taken();
	what_libcurl_would_quote_or_not_understand_is_refused();
	loopback_hosts_never_go_through_a_proxy();
	hosts_of_the_list_are_reached_without_it();
	return 0;
}
