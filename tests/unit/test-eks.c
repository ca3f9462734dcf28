#include "aws/eks.h"

#include "aws.h"
#include "base/xalloc.h"
#include "check.h"

#define EXPECTED                                                                                             \
	"k8s-aws-v1.aHR0cHM6Ly9zdHMudXMtZWFzdC0xLmFtYXpvbmF3cy5jb20vP0FjdGlvbj1HZXRDYWxsZXJJZGVud"           \
	"Gl0eSZWZXJzaW9uPTIwMTEtMDYtMTUmWC1BbXotQWxnb3JpdGhtPUFXUzQtSE1BQy1TSEEyNTYmWC1BbXotQ3JlZ"           \
	"GVudGlhbD1BU0lBRVhBTVBMRSUyRjIwMjYwMTMxJTJGdXMtZWFzdC0xJTJGc3RzJTJGYXdzNF9yZXF1ZXN0JlgtQ"           \
	"W16LURhdGU9MjAyNjAxMzFUMTIwMDAwWiZYLUFtei1FeHBpcmVzPTYwJlgtQW16LVNlY3VyaXR5LVRva2VuPXRvJ"           \
	"TJGa2VuJTJCJTNEJlgtQW16LVNpZ25lZEhlYWRlcnM9aG9zdCUzQngtazhzLWF3cy1pZCZYLUFtei1TaWduYXR1c"           \
	"mU9YmJlNzI5YTJlYmZkZmJiZTM4MWNkMGIyMTgwMjQ3ZjM4ZWEzNmI3Mzk4YzkwZDdmNTBiNjYxYzQ1NzY3NjE5Z"           \
	"A"

static struct role_keys *some_keys(const char *token)
{
	struct role_keys *keys = xcalloc(1, sizeof(*keys));

	keys->access_key_id = secret_new("ASIAEXAMPLE", 11);
	keys->secret_access_key = secret_new("secret", 6);
	keys->session_token = secret_new(token, strlen(token));
	return keys;
}

static bool make(const char *endpoint, const char *cluster, const char *token, struct buffer *out,
		 struct error *err)
{
	_cleanup_(role_keys_freep) struct role_keys *keys = some_keys(token);

	return eks_token_append(out, endpoint, "us-east-1", cluster, keys, 1769860800, err);
}

/* The address was signed by botocore, too, with these keys at that time. */
static void a_token_is_a_signed_address(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(8192, &buffer_heap);
	struct error err;

	CHECK(make("https://sts.us-east-1.amazonaws.com", "prod", "to/ken+=", &out, &err));
	CHECK_STR(out.data, EXPECTED);
}

static void names_that_no_cluster_has_are_refused(void)
{
	static const char *const names[] = {"", "a b", "-a", "_a", "a\nb", "a/b", "\xc3\xa9"};
	char longest[102] = {0};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(8192, &buffer_heap);
		struct error err = {0};

		CHECK(!make("https://sts", names[i], "t", &out, &err) && err.kind == ERROR_CONFIG &&
		      out.len == 0);
	}
	memset(longest, 'a', 101);
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(8192, &buffer_heap);
	struct error err = {0};

	CHECK(!make("https://sts", longest, "t", &out, &err));
	longest[100] = '\0';
	CHECK(make("https://sts", longest, "t", &out, &err));
}

static void a_token_that_no_address_holds_is_an_error(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(8192, &buffer_heap);
	_cleanup_free_ char *token = xcalloc(1, 20001);
	struct error err = {0};

	memset(token, 't', 20000);
	CHECK(!make("https://sts", "prod", token, &out, &err) && err.kind == ERROR_UNAVAILABLE);
}

int main(void)
{
	use_memory_as_the_daemon_does();
	a_token_is_a_signed_address();
	names_that_no_cluster_has_are_refused();
	a_token_that_no_address_holds_is_an_error();
	return 0;
}
