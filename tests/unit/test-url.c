#include "aws/url.h"

#include "base/cleanup.h"
#include "base/xalloc.h"
#include "check.h"

static void an_origin_is_scheme_host_and_port(void)
{
	static const struct {
		const char *url, *origin, *host;
	} rows[] = {
		{"https://Portal.Example.com/start#/", "https://portal.example.com", "portal.example.com"},
		{"HTTPS://h:443?x", "https://h", "h"},
		{"https://h:8443", "https://h:8443", "h"},
		{"https://h:", "https://h", "h"},
		{"http://127.0.0.1:80/", "http://127.0.0.1", "127.0.0.1"},
		{"http://127.0.0.1:443/", "http://127.0.0.1:443", "127.0.0.1"},
		{"http://[::1]:99/x", "http://[::1]:99", "::1"},
		{"https://h#@evil", "https://h", "h"},
		{"https://user@h/", NULL, NULL},
		{"https://user:pass@h/", NULL, NULL},
		{"https://h:0/", NULL, NULL},
		{"https://h:65536/", NULL, NULL},
		{"https://h:123456/", NULL, NULL},
		{"https://h:8x/", NULL, NULL},
		{"https:///path", NULL, NULL},
		{"https://", NULL, NULL},
		{"https://h\\@evil/", NULL, NULL},
		{"https://h evil/", NULL, NULL},
		{"https://[::1/", NULL, NULL},
		{"https://[]/", NULL, NULL},
		{"https://[::1]evil/", NULL, NULL},
		{"ftp://h/", NULL, NULL},
		{"//h/", NULL, NULL},
		{"https:/h", NULL, NULL},
		{"", NULL, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_free_ char *origin = url_origin(rows[i].url), *host = url_host(rows[i].url);

		CHECK((origin != NULL) == (rows[i].origin != NULL));
		CHECK((host != NULL) == (rows[i].host != NULL));
		if (!origin)
			continue;
		CHECK_STR(origin, rows[i].origin);
		CHECK_STR(host, rows[i].host);
	}
}

static void plain_http_is_for_loopback_only(void)
{
	static const char *const good[] = {"https://x.awsapps.com/start",
					   "https://x.awsapps.com/start#/",
					   "https://h:8443",
					   "http://127.0.0.1:9/x",
					   "http://127.255.0.1",
					   "http://localhost:1",
					   "http://LOCALHOST",
					   "http://[::1]:5/",
					   "https://h/\xc3\xa9"};
	static const char *const bad[] = {"http://x.awsapps.com/start",
					  "http://127.0.0.1.evil.com/",
					  "http://localhost.evil.com/",
					  "http://128.0.0.1/",
					  "http://127.1/",
					  "http://0x7f.0.0.1/",
					  "http://0177.0.0.1/",
					  "http://[::2]/",
					  "http://[::ffff:127.0.0.1]/",
					  "http://localhost@evil.com/",
					  "http://127.0.0.1\\@evil.com/",
					  "https://h/\x1b[2J",
					  "https://h/a b",
					  "https://h/start # comment",
					  "https://h/\n",
					  "https://h/\xc2\x9b",
					  "https://h/\xe2\x80\xae",
					  "https://h/\xff",
					  "javascript:alert(1)",
					  "file:///etc/passwd",
					  "awsapps.com/start",
					  ""};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		CHECK(url_is_acceptable(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK(!url_is_acceptable(bad[i]));
}

static void an_address_has_at_most_2048_bytes(void)
{
	char url[2050] = "https://h/";

	memset(url + strlen(url), 'x', 2048 - strlen(url));
	CHECK(strlen(url) == 2048);
	CHECK(url_is_acceptable(url));
	url[2048] = 'x';
	CHECK(!url_is_acceptable(url));
}

static void a_query_is_percent_encoded(void)
{
	_cleanup_free_ char *url =
		url_with_query("https://h/x", (const char *const[]){"role_name", "a+b=c&d \xc3\xa9~", "no",
								    NULL, "n\n", "", NULL});
	_cleanup_free_ char *more = url_with_query("https://h/x?y=1", (const char *const[]){"z", "2", NULL});
	_cleanup_free_ char *none = url_with_query("https://h/x", (const char *const[]){NULL});

	CHECK_STR(url, "https://h/x?role_name=a%2Bb%3Dc%26d%20%C3%A9~&n%0A=");
	CHECK_STR(more, "https://h/x?y=1&z=2");
	CHECK_STR(none, "https://h/x");
}

int main(void)
{
	an_origin_is_scheme_host_and_port();
	plain_http_is_for_loopback_only();
	an_address_has_at_most_2048_bytes();
	a_query_is_percent_encoded();
	return 0;
}
