/*
 * What a browser comes back with, from any process of this machine and any page of a browser. The state that
 * is waited for is the one in the corpus.
 */
#include "aws/pkce.h"

#include "fuzz.h"

static void require_sound(const struct secret *code)
{
	REQUIRE(secret_len(code) > 0 && strlen(secret_text(code)) == secret_len(code));
	for (const char *p = secret_text(code); *p; p++)
		REQUIRE(*p > ' ' && *p <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char random[PKCE_RANDOM_LEN];
	_cleanup_free_ char *query = text_of(data, size);
	struct secret *code = NULL;
	struct error err = {0};
	struct pkce pkce;

	REQUIRE(pkce_init(&pkce, random, &err));
	REQUIRE(strcmp(pkce.state, "00000000-0000-4000-8000-000000000000") == 0);
	switch (pkce_read_redirect(&pkce, query, &code, &err)) {
	case PKCE_GRANTED:
		require_sound(code);
		secret_free(code);
		break;
	case PKCE_REFUSED:
		REQUIRE(!code);
		require_printable_error(&err);
		break;
	case PKCE_FOREIGN:
		REQUIRE(!code && err.kind == ERROR_NONE);
		break;
	}
	pkce_done(&pkce);
	return 0;
}
