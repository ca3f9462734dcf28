#include "aws/pkce.h"

#include "aws.h"
#include "base/xalloc.h"

#define STATE "00000000-0000-4000-8000-000000000000"

static struct pkce a_pkce(void)
{
	static const unsigned char random[PKCE_RANDOM_LEN];
	struct pkce pkce;
	struct error err;

	CHECK(pkce_init(&pkce, random, &err));
	return pkce;
}

/* Made with openssl: printf %s VERIFIER | openssl dgst -sha256 -binary | basenc --base64url */
static void a_challenge_is_the_hash_of_the_verifier(void)
{
	unsigned char random[PKCE_RANDOM_LEN];
	struct pkce pkce;
	struct error err;

	for (size_t i = 0; i < sizeof(random); i++)
		random[i] = (unsigned char)(i * 37 + 11);
	CHECK(pkce_init(&pkce, random, &err));
	CHECK_STR(secret_text(pkce.verifier),
		  "CzBVep_E6Q4zWH2ix-wRNluApcrvFDleg6jN8hc8YYar0PUaP2SJrtP4HUJnjLHW");
	CHECK_STR(pkce.challenge, "1Ae1iipnwv7cgq6fKx2abNdEbhdHuQlmBzfgxvMYLcY");
	CHECK_STR(pkce.state, "fb20456a-8fb4-49fe-a348-6d92b7dc0126");
	pkce_done(&pkce);
	CHECK(!pkce.verifier);
}

static void a_full_arena_is_said(void)
{
	static const unsigned char random[PKCE_RANDOM_LEN];
	struct hoard hoard = {.n = 0};
	struct pkce pkce;
	struct error err;

	hoard_fill(&hoard);
	CHECK(!pkce_init(&pkce, random, &err) && err.kind == ERROR_UNAVAILABLE);
	hoard_release(&hoard);
}

static void the_address_says_what_aws_wants_to_know(void)
{
	struct pkce pkce = a_pkce();
	_cleanup_free_ char *url = pkce_authorize_url(&pkce, "https://oidc.eu-west-1.amazonaws.com",
						      "client-1_x==", "sso:account:access a:b",
						      "http://127.0.0.1:8400/oauth/callback");

	CHECK_STR(
		url,
		"https://oidc.eu-west-1.amazonaws.com/authorize?response_type=code&client_id="
		"client-1_x%3D%3D&redirect_uri=http%3A%2F%2F127.0.0.1%3A8400%2Foauth%2Fcallback&state=" STATE
		"&code_challenge_method=S256&scopes=sso%3Aaccount%3Aaccess%20a%3Ab&code_challenge="
		"1T7aemN8mcx_tWbZbp-hCb8VxHhBCj9etNTE4mzQgfY");
	CHECK(!strstr(url, secret_text(pkce.verifier)));
	pkce_done(&pkce);
}

static void a_code_is_taken(void)
{
	static const struct {
		const char *query, *code;
	} cases[] = {
		{"code=abc&state=" STATE, "abc"},
		{"state=" STATE "&code=abc", "abc"},
		{"code=a%2Bb%2f%3D.-_~&state=" STATE, "a+b/=.-_~"},
		{"code=abc&state=00000000%2d0000-4000-8000-000000000000", "abc"},
		{"code=abc&state=" STATE "&session_state=x&code2=y", "abc"},
		{"x&&code=abc&=&state=" STATE, "abc"},
		{"code=abc&state=" STATE "#fragment", "abc"},
	};
	struct pkce pkce = a_pkce();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(secret_freep) struct secret *code = NULL;
		struct error err;

		CHECK(pkce_read_redirect(&pkce, cases[i].query, &code, &err) == PKCE_GRANTED);
		CHECK_STR(secret_text(code), cases[i].code);
	}
	pkce_done(&pkce);
}

static void what_has_another_state_is_not_ours(void)
{
	static const char *const cases[] = {
		"",
		"code=abc",
		"error=access_denied",
		"code=abc&state=",
		"code=abc&state",
		"code=abc&state=00000000-0000-4000-8000-000000000001",
		"code=abc&state=" STATE "0",
		"code=abc&state=00000000-0000-4000-8000-00000000000",
		"code=abc&state=" STATE "&state=" STATE,
		"code=abc&state=" STATE "&state=x",
		"code=abc&state=%00" STATE,
		"code=abc&state=" STATE "%00",
		"code=abc&state=+" STATE,
		"code=abc&state=%0",
		"code=abc#state=" STATE,
		"code=abc&State=" STATE,
	};
	struct pkce pkce = a_pkce();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = {.kind = ERROR_NONE};
		struct secret *code = NULL;

		if (pkce_read_redirect(&pkce, cases[i], &code, &err) != PKCE_FOREIGN || code || err.kind) {
			fprintf(stderr, "taken for ours: %s\n", cases[i]);
			exit(1);
		}
	}
	pkce_done(&pkce);
}

static struct error refusal_of(const char *query)
{
	struct pkce pkce = a_pkce();
	struct secret *code = NULL;
	struct error err;

	if (pkce_read_redirect(&pkce, query, &code, &err) != PKCE_REFUSED || code) {
		fprintf(stderr, "not refused: %s\n", query);
		exit(1);
	}
	check_message(&err, "the browser came back");
	pkce_done(&pkce);
	return err;
}

static void a_redirect_without_a_code_is_refused(void)
{
	static const char *const cases[] = {
		"state=" STATE,
		"code=&state=" STATE,
		"code&state=" STATE,
		"code=a&code=b&state=" STATE,
		"code=a%00b&state=" STATE,
		"code=a%zz&state=" STATE,
		"code=a%2&state=" STATE,
		"code=a+b&state=" STATE,
		"code=a%0d%0ab&state=" STATE,
		"code=%c3%a9&state=" STATE,
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = refusal_of(cases[i]);

		CHECK(err.kind == ERROR_UNAVAILABLE && strstr(err.message, "without a code"));
	}
}

static void a_refusal_says_what_to_do(void)
{
	static const struct {
		const char *query;
		enum error_kind kind;
		const char *words;
	} cases[] = {
		{"error=access_denied&error_description=User+denied+the+request&state=" STATE, ERROR_DENIED,
		 "access_denied: User denied the request: the sign-in was denied"},
		{"error=unauthorized_client&state=" STATE, ERROR_DENIED, "iamic-login --device"},
		{"error=unsupported_response_type&state=" STATE, ERROR_DENIED, "iamic-login --device"},
		{"error=invalid_request&state=" STATE, ERROR_CONFIG, "sso_start_url"},
		{"error=invalid_scope&state=" STATE, ERROR_CONFIG, "sso_registration_scopes"},
		{"error=server_error&state=" STATE, ERROR_UNAVAILABLE, "try again"},
		{"error=%1b%5b2J&state=" STATE, ERROR_UNAVAILABLE, "came back with an error: try again"},
		{"error=&state=" STATE, ERROR_UNAVAILABLE, "an error"},
		{"error=access_denied&code=abc&state=" STATE, ERROR_DENIED, "denied"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct error err = refusal_of(cases[i].query);

		CHECK(err.kind == cases[i].kind && strstr(err.message, cases[i].words));
	}
}

static void words_from_elsewhere_are_fit_to_be_shown(void)
{
	struct error err = refusal_of("error=access_denied&error_description=%1B%5B2J%E2%80%AE%22%5C%0Ax"
				      "&state=" STATE);
	char query[4096] = "error=access_denied&state=" STATE "&error_description=";
	size_t n = strlen(query);

	CHECK(strstr(err.message, "?[2J?'/?x"));
	for (; n < sizeof(query) - 3; n += 2)
		memcpy(query + n, "a+", 3);
	err = refusal_of(query);
	CHECK(strstr(err.message, "the sign-in was denied"));
}

static void an_address_is_found_to_be_ours_by_its_beginning(void)
{
	static const char uri[] = "http://127.0.0.1:8400/oauth/callback";

	CHECK_STR(pkce_find_query("http://127.0.0.1:8400/oauth/callback?code=a", uri), "code=a");
	CHECK(!pkce_find_query("http://127.0.0.1:8400/oauth/callback", uri));
	CHECK(!pkce_find_query("http://127.0.0.1:8401/oauth/callback?code=a", uri));
	CHECK(!pkce_find_query("https://127.0.0.1:8400/oauth/callback?code=a", uri));
	CHECK(!pkce_find_query("http://127.0.0.1:8400/oauth/callback2?code=a", uri));
	CHECK(!pkce_find_query("code=a", uri));
	CHECK(!pkce_find_query("", uri));
}

int main(void)
{
	use_memory_as_the_daemon_does();
	a_challenge_is_the_hash_of_the_verifier();
	a_full_arena_is_said();
	the_address_says_what_aws_wants_to_know();
	a_code_is_taken();
	what_has_another_state_is_not_ours();
	a_redirect_without_a_code_is_refused();
	a_refusal_says_what_to_do();
	words_from_elsewhere_are_fit_to_be_shown();
	an_address_is_found_to_be_ours_by_its_beginning();
	return 0;
}
