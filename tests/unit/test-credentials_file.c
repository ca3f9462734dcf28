#include "aws/credentials_file.h"

#include "base/cleanup.h"
#include "check.h"

static char seen[512];

static void note(const struct static_keys *keys, void *userdata)
{
	size_t len = strlen(seen);

	(void)userdata;
	snprintf(seen + len, sizeof(seen) - len, "%s:%u:%s;", keys->profile, keys->line,
		 keys->is_long_lived ? "long" : "short");
}

static void profiles_with_keys_are_seen(void)
{
	static const struct {
		const char *text, *seen;
	} rows[] = {
		{"", ""},
		{"[a]\naws_access_key_id = AKIAX\n", "a:2:long;"},
		{"[a]\r\nAWS_ACCESS_KEY_ID=ASIAX\r\n[ b ] # c\naws_access_key_id=AKIAX",
		 "a:2:short;b:4:long;"},
		{"aws_access_key_id = AKIAX\n[a]\n", ""},
		{"[a]\n# aws_access_key_id = AKIAX\naws_access_key_id =\nregion = AKIAX\n", ""},
		{"[a\naws_access_key_id = AKIAX\n", ""},
		{"[a]\n\n\n\taws_access_key_id\t=\tAKIAX\n", "a:4:long;"},
		{"[a]\naws_access_key_id\n[b]\n=\n", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		seen[0] = '\0';
		credentials_file_visit(rows[i].text, strlen(rows[i].text), note, NULL);
		CHECK_STR(seen, rows[i].seen);
	}
}

static void a_section_is_there_or_not(void)
{
	static const char text[] = "[a]\n x = [b]\n[ c d ]\r\n[e\n[f]";

	CHECK(credentials_file_has(text, strlen(text), "a") &&
	      credentials_file_has(text, strlen(text), "c d"));
	CHECK(credentials_file_has(text, strlen(text), "f"));
	CHECK(!credentials_file_has(text, strlen(text), "b") &&
	      !credentials_file_has(text, strlen(text), "e"));
	CHECK(!credentials_file_has("", 0, "") && !credentials_file_has(text, strlen(text) - 1, "f"));
}

int main(void)
{
	a_section_is_there_or_not();
	profiles_with_keys_are_seen();
	return 0;
}
