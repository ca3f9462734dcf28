/* A template, and an account's name: what comes out is bounded, and a slug is a name for all readers. */
#include "aws/template.h"

#include "aws/config_word.h"
#include "fuzz.h"

static void require_name(const struct template *template, const char *account_name, bool is_plain)
{
	const struct template_values values = {account_name, "012345678901", "Role", "corp"};
	_cleanup_free_ char *name = NULL;
	struct error err = {0};

	if (!template_format(template, &values, &name, &err)) {
		require_printable_error(&err);
		return;
	}
	REQUIRE(*name && strlen(name) <= TEMPLATE_NAME_MAX);
	REQUIRE(!is_plain || config_name_is_plain(name));
}

static void require_template(const char *text, const char *account_name, bool is_plain)
{
	_cleanup_(template_freep) struct template *template = NULL;
	struct error err = {0};

	if (template_parse(text, &template, &err)) {
		require_name(template, account_name, is_plain);
		return;
	}
	REQUIRE(!is_plain);
	require_printable_error(&err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len;
	_cleanup_free_ char *text = next_part(&data, &size, &len), *account_name = text_of(data, size);

	text[strcspn(text, "\n")] = '\0';
	require_template(text, account_name, false);
	require_template("{account_name|slug}-{role_name|slug}", account_name, true);
	return 0;
}
