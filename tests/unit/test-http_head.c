#include "daemon/http_head.h"

#include "base/cleanup.h"
#include "base/xalloc.h"
#include "check.h"

static enum http_head_progress parse(char *data, struct http_head *head)
{
	return http_head_parse(data, strlen(data), head);
}

static void a_browser_is_understood(void)
{
	_cleanup_free_ char *data = xstrdup("GET /oauth/callback?code=a%2Bb&state=x HTTP/1.1\r\n"
					    "Host: 127.0.0.1:8400\r\n"
					    "sec-ch-ua: \"Chromium\";v=\"120\"\r\n"
					    "X-Empty:\r\n"
					    "Accept:\t text/html \t\r\n\r\nbody");
	struct http_head head;

	CHECK(parse(data, &head) == HTTP_HEAD_WHOLE);
	CHECK_STR(head.method, "GET");
	CHECK_STR(head.path, "/oauth/callback");
	CHECK_STR(head.query, "code=a%2Bb&state=x");
	CHECK(head.n_headers == 4);
	CHECK_STR(http_head_get(&head, "HOST"), "127.0.0.1:8400");
	CHECK_STR(http_head_get(&head, "accept"), "text/html");
	CHECK_STR(http_head_get(&head, "x-empty"), "");
	CHECK(!http_head_get(&head, "origin"));
}

static void what_lacks_may_lack(void)
{
	_cleanup_free_ char *data = xstrdup("POST / HTTP/1.0\r\n\r\n");
	struct http_head head;

	CHECK(parse(data, &head) == HTTP_HEAD_WHOLE);
	CHECK_STR(head.method, "POST");
	CHECK_STR(head.path, "/");
	CHECK_STR(head.query, "");
	CHECK(head.n_headers == 0 && !http_head_get(&head, "host"));
}

static void a_header_that_stands_twice_counts_for_nothing(void)
{
	_cleanup_free_ char *data = xstrdup("GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n");
	struct http_head head;

	CHECK(parse(data, &head) == HTTP_HEAD_WHOLE);
	CHECK(!http_head_get(&head, "Host"));
}

static void it_may_come_in_pieces(void)
{
	static const char whole[] = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";
	struct http_head head;

	for (size_t n = 0; n < strlen(whole); n++) {
		_cleanup_free_ char *data = xstrndup(whole, n);

		CHECK(parse(data, &head) == HTTP_HEAD_MORE);
		CHECK(strncmp(data, whole, n) == 0);
	}
}

static void what_is_no_request_is_refused(void)
{
	static const char *const cases[] = {
		"\r\n\r\n",
		"GET\r\n\r\n",
		"GET /\r\n\r\n",
		"GET / HTTP/2\r\n\r\n",
		"GET  / HTTP/1.1\r\n\r\n",
		" / HTTP/1.1\r\n\r\n",
		"G(T / HTTP/1.1\r\n\r\n",
		"GET http://127.0.0.1/ HTTP/1.1\r\n\r\n",
		"GET * HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1 \r\n\r\n",
		"GET / HTTP/1.1\r\nHost\r\n\r\n",
		"GET / HTTP/1.1\r\n: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
		"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
		"GET / HTTP/1.1\r\nA: b\nHost: c\r\n\r\n",
		"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
		"GET /\x1b[2J HTTP/1.1\r\n\r\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_free_ char *data = xstrdup(cases[i]);
		struct http_head head;

		if (parse(data, &head) != HTTP_HEAD_BAD) {
			fprintf(stderr, "taken: %s\n", cases[i]);
			exit(1);
		}
	}
}

static void a_nul_is_refused_wherever_it_stands(void)
{
	char begun[] = "GET /\0x", whole[] = "GET / HTTP/1.1\r\nA: \0\r\n\r\n";
	struct http_head head;

	CHECK(http_head_parse(begun, sizeof(begun) - 1, &head) == HTTP_HEAD_BAD);
	CHECK(http_head_parse(whole, sizeof(whole) - 1, &head) == HTTP_HEAD_BAD);
}

static void there_is_a_limit(void)
{
	_cleanup_free_ char *data = xcalloc(1, HTTP_HEAD_MAX + 1), *headers = xcalloc(1, 8192);
	struct http_head head;

	memset(data, 'x', HTTP_HEAD_MAX - 1);
	CHECK(http_head_parse(data, HTTP_HEAD_MAX - 1, &head) == HTTP_HEAD_MORE);
	data[HTTP_HEAD_MAX - 1] = 'x';
	CHECK(http_head_parse(data, HTTP_HEAD_MAX, &head) == HTTP_HEAD_BAD);
	for (int n = HTTP_HEAD_HEADERS; n <= HTTP_HEAD_HEADERS + 1; n++) {
		char *p = stpcpy(headers, "GET / HTTP/1.1\r\n");

		for (int i = 0; i < n; i++)
			p = stpcpy(p, "a: b\r\n");
		stpcpy(p, "\r\n");
		CHECK(parse(headers, &head) == (n == HTTP_HEAD_HEADERS ? HTTP_HEAD_WHOLE : HTTP_HEAD_BAD));
	}
}

int main(void)
{
	a_browser_is_understood();
	what_lacks_may_lack();
	a_header_that_stands_twice_counts_for_nothing();
	it_may_come_in_pieces();
	what_is_no_request_is_refused();
	a_nul_is_refused_wherever_it_stands();
	there_is_a_limit();
	return 0;
}
