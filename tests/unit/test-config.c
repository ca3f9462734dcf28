#include "aws/config_reader.h"

#include <stdio.h>

#include "aws/legacy.h"
#include "base/xalloc.h"
#include "check.h"

static struct config *read_bytes(const char *data, size_t len, size_t lines_a_step, struct error *err)
{
	char *copy = xcalloc(len ? len : 1, 1);
	struct config *config = NULL;
	enum config_progress progress;

	memcpy(copy, data, len);
	_cleanup_(config_reader_freep) struct config_reader *reader = config_reader_new("cfg", copy, len);
	do
		progress = config_reader_step(reader, lines_a_step, &config, err);
	while (progress == CONFIG_MORE);
	CHECK((progress == CONFIG_DONE) == (config != NULL));
	return config;
}

static struct config *read_text(const char *text)
{
	struct error err = {0};
	struct config *config = read_bytes(text, strlen(text), 1, &err);

	if (!config)
		fprintf(stderr, "%s\n", err.message);
	CHECK(config);
	return config;
}

static const char *get(const struct config *config, const char *profile, const char *key)
{
	const struct config_section *section = config_find(config, CONFIG_PROFILE, profile);

	return section ? config_section_get(section, key) : NULL;
}

/* One row of the table where the SDKs' readers disagree: what ours makes of it is what botocore does. */
struct row {
	const char *construct;
	const char *text;
	const char *profile, *key;
	const char *value;   /* NULL: there is no such key */
	const char *refusal; /* NULL: the file is read */
};

#define A "[profile a]\n"

static const struct row rows[] = {
	{"duplicate section", A "x = 1\n[profile b]\n" A "y = 2\n", NULL, NULL, NULL,
	 "cfg:4: [profile a] stands in line 1 already: merge the two sections"},
	{"duplicate section that nobody reads", "[plugins]\n[plugins]\n", NULL, NULL, NULL,
	 "cfg:2: [plugins] stands in line 1 already: merge the two sections"},
	{"duplicate key", A "x = 1\nx = 2\n", NULL, NULL, NULL,
	 "cfg:3: key 'x' stands in line 2 of this section already: remove one of them"},
	{"duplicate key in another case", A "Region = 1\nregion = 2\n", NULL, NULL, NULL,
	 "cfg:3: key 'region' stands in line 2 of this section already: remove one of them"},
	{"same key in another section", A "x = 1\n[profile b]\nx = 2\n", "b", "x", "2", NULL},
	{"key case", A "SSO_Region = EU\n", "a", "sso_region", "EU", NULL},
	{"key: value", A "x: 1\n", "a", "x", "1", NULL},
	{"first of = and : counts", A "x = http://h\ny : a=b\n", "a", "y", "a=b", NULL},
	{"# behind a value", A "x = v # c\n", "a", "x", "v # c", NULL},
	{"; behind a value", A "x = v ; c\n", "a", "x", "v ; c", NULL},
	{"# in a value", A "x = v#c\n", "a", "x", "v#c", NULL},
	{"comment in column 0", A "# c = 1\n; d = 1\nx = 1\n", "a", "c", NULL, NULL},
	{"comment, indented", A "x = 1\n  # no = part\n  ; of it\n", "a", "x", "1", NULL},
	{"comment, indented, behind a header", A "  # c\nx = 1\n", "a", "x", "1", NULL},
	{"comment inside a value that goes on", A "x = 1\n  # c\n  2\n", "a", "x", "1\n2", NULL},
	{"text behind a header", "[profile a]#c\nx = 1\n", "a", "x", "1", NULL},
	{"] in text behind a header", "[profile a] # [c]\nx = 1\n", "a", "x", NULL, NULL},
	{"indented line after a value", A "x = 1\n  2\n\t3\n", "a", "x", "1\n2\n3", NULL},
	{"indented line that looks like a key", A "x = 1\n  y = 2\n", "a", "x", "1\ny = 2", NULL},
	{"... is no key", A "x = 1\n  y = 2\n", "a", "y", NULL, NULL},
	{"empty lines inside a value", A "x = 1\n\n \n  2\n\n\ny = 3\n", "a", "x", "1\n\n\n2", NULL},
	{"keys indented behind a header", A "  x = 1\n  y = 2\n", "a", "y", "2", NULL},
	{"key indented less than the one before", A "  x = 1\n y = 2\n", "a", "y", "2", NULL},
	{"indented header after a value", A "x = 1\n  [profile b]\ny = 2\n", "a", "x", "1\n[profile b]",
	 NULL},
	{"... its keys land above", A "x = 1\n  [profile b]\ny = 2\n", "a", "y", "2", NULL},
	{"indented header behind a header", A "  [profile b]\n  y = 2\n", "b", "y", "2", NULL},
	{"nested block", A "s3 =\n  a = b\n  c = d = e\n", "a", "s3", "\na = b\nc = d = e", NULL},
	{"nested block without =", A "s3 =\n  a = b\n  c: d\n", NULL, NULL, NULL,
	 "cfg:4: a line without '=' in an indented block: complete it, or write the value behind its key"},
	{"line without =", A "x = 1\nregion eu-west-1\n", NULL, NULL, NULL,
	 "cfg:3: neither a [section] nor 'key = value': complete the line or remove it"},
	{"line without key", A "= 1\n", NULL, NULL, NULL,
	 "cfg:2: no key in front of '=': complete the line or remove it"},
	{"header without ]", A "x = 1\n[profile b\ny = 2\n", NULL, NULL, NULL,
	 "cfg:3: a section header without ']': write it as [profile NAME]"},
	{"header without ], but with =", A "[profile b = 1\n", NULL, NULL, NULL,
	 "cfg:2: a section header without ']': write it as [profile NAME]"},
	{"header without a name", "[]\n", NULL, NULL, NULL,
	 "cfg:1: a section header without a name: write it as [profile NAME]"},
	{"key before any section", "# c\n\nregion = x\n", NULL, NULL, NULL,
	 "cfg:3: text before any section: put [default] or [profile NAME] above it"},
	{"indented key before any section", "  region = x\n", NULL, NULL, NULL,
	 "cfg:1: text before any section: put [default] or [profile NAME] above it"},
	{"byte order mark", "\xef\xbb\xbf" A "x = 1\n", NULL, NULL, NULL,
	 "cfg:1: a byte order mark, which the AWS CLI refuses as well: save the file as UTF-8 without it"},
	{"CRLF", "[profile a]\r\nx = 1\r\n  2\r\ny = 3\r\n", "a", "x", "1\n2", NULL},
	{"CR alone", "[profile a]\rx = 1\ry = 3\r", "a", "x", "1", NULL},
	{"quotes round a value", A "x = \"v\"\n", "a", "x", "\"v\"", NULL},
	{"double quotes in a header", "[profile \"a b\"]\nx = 1\n", "a b", "x", "1", NULL},
	{"single quotes in a header", "[profile 'a b']\nx = 1\n", "a b", "x", "1", NULL},
	{"backslash in a header", "[profile a\\ b]\nx = 1\n", "a b", "x", "1", NULL},
	{"open quote in a header", "[profile 'a b]\nx = 1\n" A "x = 2\n", "a", "x", "2", NULL},
	{"unquoted blank in a header", "[profile a b]\nx = 1\n", "a b", "x", NULL, NULL},
	{"blanks at the ends of a header", "[ profile a ]\nx = 1\n", "a", "x", NULL, NULL},
	{"several blanks in a header", "[profile \t a]\nx = 1\n", "a", "x", "1", NULL},
	{"[default], then [profile default]", "[default]\nx = 1\nz = 1\n[profile default]\nx = 2\n",
	 "default", "x", "2", NULL},
	{"... the last whole", "[default]\nx = 1\nz = 1\n[profile default]\nx = 2\n", "default", "z", NULL,
	 NULL},
	{"[profile default], then [default]", "[profile default]\nx = 2\nz = 1\n[default]\nx = 1\n",
	 "default", "x", "1", NULL},
	{"... the last whole, too", "[profile default]\nx = 2\nz = 1\n[default]\nx = 1\n", "default", "z",
	 NULL, NULL},
	{"two headers, one name", "[profile a]\nx = 1\n[profile 'a']\nx = 2\n", "a", "x", "2", NULL},
	{"[DEFAULT] does not leak", "[DEFAULT]\ncredential_process = evil\n" A "x = 1\n", "a",
	 "credential_process", NULL, NULL},
	{"[DEFAULT] is not [default]", "[DEFAULT]\nx = 1\n", "default", "x", NULL, NULL},
	{"[DEFAULT] may repeat", "[DEFAULT]\nx = 1\n" A "x = 2\n[DEFAULT]\ny = 1\n", "a", "x", "2", NULL},
	{"... but not its keys", "[DEFAULT]\nx = 1\n" A "x = 2\n[DEFAULT]\nx = 1\n", NULL, NULL, NULL,
	 "cfg:6: key 'x' stands in line 2 of this section already: remove one of them"},
	{"bare [foo]", "[foo]\nx = 1\n", "foo", "x", NULL, NULL},
	{"% in values", A "x = %(home)s %d\n", "a", "x", "%(home)s %d", NULL},
	{"empty value", A "x =\ny = 1\n", "a", "x", "", NULL},
	{"empty value, only empty lines behind it", A "x =\n\n\n", "a", "x", "", NULL},
	{"no line end at the end", A "x = 1", "a", "x", "1", NULL},
	{"... of a value that goes on", A "x = 1\n 2", "a", "x", "1\n2", NULL},
	{"no-break space indents", A "x = 1\n\xc2\xa0y = 2\n", "a", "x", "1\ny = 2", NULL},
	{"no-break space round a value",
	 A "x =\xc2\xa0"
	   "1\xe3\x80\x80\n",
	 "a", "x", "1", NULL},
	{"bytes that are not UTF-8", A "x = \xff\n", NULL, NULL, NULL,
	 "cfg:2: bytes that are not UTF-8: save the file as UTF-8"},
	{"control characters in a name that is refused", "[\x1b[2J]\n[\x1b[2J]\n", NULL, NULL, NULL,
	 "cfg:2: [?[2J] stands in line 1 already: merge the two sections"},
};

static void check_row(const struct row *row, size_t lines_a_step)
{
	struct error err = {0};
	_cleanup_(config_freep) struct config *config =
		read_bytes(row->text, strlen(row->text), lines_a_step, &err);

	if (row->refusal) {
		CHECK(!config);
		CHECK(err.kind == ERROR_CONFIG);
		CHECK_STR(err.message, row->refusal);
		return;
	}
	CHECK(config);
	if (row->value)
		CHECK_STR(get(config, row->profile, row->key), row->value);
	else
		CHECK(!get(config, row->profile, row->key));
}

static void every_construct_is_read_as_botocore_reads_it(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		fprintf(stderr, "%s\n", rows[i].construct);
		for (size_t lines = 1; lines < 5; lines++)
			check_row(&rows[i], lines);
	}
}

static void a_zero_byte_refuses_the_file(void)
{
	static const char data[] = "[profile a]\nx = \0y\n";
	struct error err = {0};

	CHECK(!read_bytes(data, sizeof(data) - 1, 1, &err));
	CHECK_STR(err.message, "cfg:2: a zero byte: this is no text file, write it anew");
}

static void an_empty_file_has_no_sections(void)
{
	_cleanup_(config_freep) struct config *config = read_text("");
	_cleanup_(config_freep) struct config *absent = config_new_empty("cfg");
	struct error err = {0};
	_cleanup_(config_reader_freep) struct config_reader *reader = config_reader_new("cfg", NULL, 0);
	struct config *third = NULL;

	CHECK(config_reader_step(reader, 1, &third, &err) == CONFIG_DONE);
	CHECK(!config_nth(config, CONFIG_PROFILE, 0));
	CHECK(!config_find(absent, CONFIG_SSO_SESSION, "corp"));
	CHECK_STR(config_path(absent), "cfg");
	config_free(third);
	CHECK(config_free(NULL) == NULL);
	CHECK(config_reader_free(NULL) == NULL);
}

static void sections_of_each_kind_are_listed_in_order(void)
{
	_cleanup_(config_freep) struct config *config =
		read_text("[profile b]\n[sso-session s]\nx = 1\n[default]\n[services v]\n[profile "
			  "a]\n[profile default]\n");

	CHECK_STR(config_nth(config, CONFIG_PROFILE, 0)->name, "b");
	CHECK_STR(config_nth(config, CONFIG_PROFILE, 1)->name, "default");
	CHECK(config_nth(config, CONFIG_PROFILE, 1)->line == 7);
	CHECK_STR(config_nth(config, CONFIG_PROFILE, 2)->name, "a");
	CHECK(!config_nth(config, CONFIG_PROFILE, 3));
	CHECK_STR(config_nth(config, CONFIG_SSO_SESSION, 0)->name, "s");
	CHECK(config_section_key(config_nth(config, CONFIG_SSO_SESSION, 0), "x")->line == 3);
	CHECK_STR(config_nth(config, CONFIG_SERVICES, 0)->name, "v");
	CHECK(!config_find(config, CONFIG_SERVICES, "s"));
}

static void nested_blocks_are_looked_into(void)
{
	_cleanup_(config_freep) struct config *config = read_text(
		"[services v]\nsso_oidc =\n  endpoint_url = http://127.0.0.1:1\n  Endpoint_URL = x\n"
		"sts = plain\n  endpoint_url = y\nsso =\n  endpoint_url = 1\n  endpoint_url=2\n");
	const struct config_section *section = config_find(config, CONFIG_SERVICES, "v");
	_cleanup_free_ char *url = config_section_nested(section, "sso_oidc", "endpoint_url");
	_cleanup_free_ char *last = config_section_nested(section, "sso", "endpoint_url");

	CHECK_STR(url, "http://127.0.0.1:1");
	CHECK_STR(last, "2");
	CHECK(!config_section_nested(section, "sts", "endpoint_url"));
	CHECK(!config_section_nested(section, "sso", "other"));
	CHECK(!config_section_nested(section, "none", "endpoint_url"));
}

static void a_value_is_never_quoted_in_an_error(void)
{
	struct error err = {0};
	static const char text[] = "[profile a]\naws_secret_access_key hunter2\n";

	CHECK(!read_bytes(text, strlen(text), 1, &err));
	CHECK(!strstr(err.message, "hunter2"));
}

static void a_failed_reader_can_be_freed_at_any_line(void)
{
	static const char text[] =
		"[profile a]\nx = 1\n 2\n[sso-session b]\ny = 1\n[profile c]\nsso_start_url = u\n";
	struct config *config = NULL;
	struct error err;

	for (size_t lines = 0; lines < 10; lines++) {
		_cleanup_(config_reader_freep) struct config_reader *reader =
			config_reader_new("cfg", xstrdup(text), strlen(text));
		if (lines > 0)
			CHECK(config_reader_step(reader, lines, &config, &err) != CONFIG_FAILED);
		config = config_free(config);
	}
}

static void legacy_profiles_are_grouped_by_start_url(void)
{
	_cleanup_(config_freep) struct config *config = read_text(
		"[profile a]\nsso_start_url = u1\nsso_region = r1\n"
		"[profile b]\nsso_start_url = u2\n"
		"[profile c]\nsso_start_url = u1\nsso_region = r2\n"
		"[profile d]\nsso_start_url = u2\nsso_region = r3\n"
		"[profile e]\nsso_start_url = u4\nsso_session = s\n"
		"[profile f]\nsso_start_url = u5\ncredential_process = /x/iamic-credential-process "
		"--sso-session s\n"
		"[profile g]\nsso_start_url = u6\ncredential_process = iamic-credential-process --profile g\n"
		"[default]\nsso_start_url = u7\n[profile default]\n");
	const struct legacy *legacy = config_legacy(config);

	CHECK(legacy->n == 3);
	CHECK_STR(legacy->sessions[0].start_url, "u1");
	CHECK_STR(legacy->sessions[0].profile->name, "a");
	CHECK_STR(legacy->sessions[0].other->name, "c");
	CHECK_STR(legacy_find(legacy, "u2")->profile->name, "d");
	CHECK(!legacy_find(legacy, "u2")->other);
	CHECK_STR(legacy_find(legacy, "u6")->profile->name, "g");
}

static void ten_thousand_profiles_are_all_found(void)
{
	size_t n = 0, capacity = 1 << 20;
	_cleanup_free_ char *text = xcalloc(capacity, 1);
	char name[32];
	struct error err;

	for (unsigned i = 0; i < 10000; i++)
		n += (size_t)snprintf(text + n, capacity - n,
				      "[profile p%u]\nregion = r%u\nsso_session = s\n", i, i);
	_cleanup_(config_freep) struct config *config = read_bytes(text, n, 300, &err);
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "p%u", i);
		CHECK(config_find(config, CONFIG_PROFILE, name) == config_nth(config, CONFIG_PROFILE, i));
	}
	CHECK(!config_find(config, CONFIG_PROFILE, "p10000"));
}

/* "%2F" for all but letters and digits, so that a line is a line. */
static void print_encoded(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		printf((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z')
			       ? "%c"
			       : "%%%02X",
		       *p);
}

/* What was read, or why not, for a comparison with another reader. */
static int print_file(const char *path)
{
	static char data[1 << 20];
	FILE *file = fopen(path, "r");
	size_t n = file ? fread(data, 1, sizeof(data), file) : 0;
	struct error err = {0};
	const struct config_section *section;

	CHECK(file && n < sizeof(data));
	fclose(file);
	_cleanup_(config_freep) struct config *config = read_bytes(data, n, 1, &err);
	if (!config) {
		printf("refused %s\n", err.message);
		return 0;
	}
	for (size_t i = 0; i < 3 * 10000; i++) {
		enum config_kind kind = (enum config_kind)(i / 10000);

		section = config_nth(config, kind, i % 10000);
		if (!section)
			continue;
		printf("section %d ", (int)kind);
		print_encoded(section->name);
		for (size_t k = 0; k < section->n_keys; k++) {
			printf("\nkey ");
			print_encoded(section->keys[k].name);
			printf(" =");
			print_encoded(section->keys[k].value);
		}
		printf("\n");
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return print_file(argv[1]);
	every_construct_is_read_as_botocore_reads_it();
	a_zero_byte_refuses_the_file();
	an_empty_file_has_no_sections();
	sections_of_each_kind_are_listed_in_order();
	nested_blocks_are_looked_into();
	a_value_is_never_quoted_in_an_error();
	a_failed_reader_can_be_freed_at_any_line();
	legacy_profiles_are_grouped_by_start_url();
	ten_thousand_profiles_are_all_found();
	return 0;
}
