/*
 * AWS's file with keys of it changed. Called with arguments it is a tool for the differential test:
 * FILE, then for each section KIND:NAME followed by KEY=VALUE, KEY (taken away) or "-" (the whole section).
 */
#include "aws/config_edit.h"

#include <stdio.h>

#include "base/xalloc.h"
#include "check.h"

#define TEXT_MAX    65536
#define EDITS_MAX   16
#define CHANGES_MAX 16
#define DEV         "[profile dev]\n"

static bool edit(const char *text, const struct config_edit *edits, size_t n, struct buffer *out,
		 struct error *err)
{
	return config_edit("cfg", text, strlen(text), edits, n, out, err);
}

/* One case of the table: one key of one section. */
struct row {
	const char *what;
	const char *before;
	enum config_kind kind;
	const char *name, *key, *value; /* key NULL: the section is removed */
	const char *after;
};

static const struct row rows[] = {
	{"an empty file", "", CONFIG_PROFILE, "dev", "region", "eu-west-1", DEV "region = eu-west-1\n"},
	{"default has no prefix", "", CONFIG_PROFILE, "default", "region", "x", "[default]\nregion = x\n"},
	{"[profile default] is default", "[profile default]\nregion = a\n", CONFIG_PROFILE, "default",
	 "region", "b", "[profile default]\nregion = b\n"},
	{"of two defaults the last counts", "[default]\nregion = a\n[profile default]\nregion = b\n",
	 CONFIG_PROFILE, "default", "region", "c", "[default]\nregion = a\n[profile default]\nregion = c\n"},
	{"a name with blanks is quoted", "", CONFIG_SSO_SESSION, "my corp", "sso_region", "x",
	 "[sso-session 'my corp']\nsso_region = x\n"},
	{"quotes that are there stay", "[profile \"my corp\"]\nx = 1\n", CONFIG_PROFILE, "my corp", "x", "2",
	 "[profile \"my corp\"]\nx = 2\n"},
	{"a new section is set apart", "[default]\nx = 1\n", CONFIG_PROFILE, "dev", "y", "2",
	 "[default]\nx = 1\n\n" DEV "y = 2\n"},
	{"by one blank line", "[default]\nx = 1\n\n", CONFIG_PROFILE, "dev", "y", "2",
	 "[default]\nx = 1\n\n" DEV "y = 2\n"},
	{"a comment at the end stays where it is", "[default]\nx = 1\n# bye\n", CONFIG_PROFILE, "dev", "y",
	 "2", "[default]\nx = 1\n# bye\n\n" DEV "y = 2\n"},
	{"CRLF", "[default]\r\nx = 1\r\n", CONFIG_PROFILE, "dev", "y", "2",
	 "[default]\r\nx = 1\r\n\r\n[profile dev]\r\ny = 2\r\n"},
	{"CRLF, in a section", DEV "x = 1\r\n", CONFIG_PROFILE, "dev", "x", "2", DEV "x = 2\r\n"},
	{"CRLF, a new key", "[profile dev]\r\nx = 1\r\n\r\n[a]\r\n", CONFIG_PROFILE, "dev", "y", "2",
	 "[profile dev]\r\nx = 1\r\ny = 2\r\n\r\n[a]\r\n"},
	{"no final newline, a new section", "[default]\nx = 1", CONFIG_PROFILE, "dev", "y", "2",
	 "[default]\nx = 1\n\n" DEV "y = 2"},
	{"no final newline, a new key", DEV "x = 1", CONFIG_PROFILE, "dev", "y", "2", DEV "x = 1\ny = 2"},
	{"no final newline, a new value", DEV "x = 1", CONFIG_PROFILE, "dev", "x", "2", DEV "x = 2"},
	{"no final newline, CRLF", "[profile dev]\r\nx = 1", CONFIG_PROFILE, "dev", "y", "2",
	 "[profile dev]\r\nx = 1\r\ny = 2"},
	{"no final newline behind a header", "[profile dev]", CONFIG_PROFILE, "dev", "y", "2", DEV "y = 2"},
	{"the same is no change", DEV "  x:1  \n", CONFIG_PROFILE, "dev", "x", "1", DEV "  x:1  \n"},
	{"spelling and spacing stay", DEV "  Region\t:\t1\n", CONFIG_PROFILE, "dev", "region", "2",
	 DEV "  Region\t:\t2\n"},
	{"a value that was empty", DEV "x =\ny=\n", CONFIG_PROFILE, "dev", "x", "2", DEV "x = 2\ny=\n"},
	{"a value that went on", DEV "x = 1\n  2\n  # c\n\n  3\ny = 4\n", CONFIG_PROFILE, "dev", "x", "5",
	 DEV "x = 5\n  # c\ny = 4\n"},
	{"a nested block", DEV "s3 =\n  a = b\ny = 4\n", CONFIG_PROFILE, "dev", "s3", "5",
	 DEV "s3 = 5\ny = 4\n"},
	{"behind a value that goes on", DEV "x = 1\n  2\n\n[a]\n", CONFIG_PROFILE, "dev", "y", "3",
	 DEV "x = 1\n  2\ny = 3\n\n[a]\n"},
	{"a new key is indented as the last", DEV "  x = 1\n # c\n[a]\n", CONFIG_PROFILE, "dev", "y", "2",
	 DEV "  x = 1\n  y = 2\n # c\n[a]\n"},
	{"... before a header that is indented", DEV " x = 1\n [a]\n", CONFIG_PROFILE, "dev", "y", "2",
	 DEV " x = 1\n y = 2\n [a]\n"},
	{"... in an empty section", DEV "\n  # c\n  [a]\n", CONFIG_PROFILE, "dev", "y", "2",
	 DEV "  y = 2\n\n  # c\n  [a]\n"},
	{"a key is taken away", DEV "x = 1\n# c\ny = 2\n  3\nz = 4\n", CONFIG_PROFILE, "dev", "y", NULL,
	 DEV "x = 1\n# c\nz = 4\n"},
	{"a key that is not there", DEV "x = 1\n", CONFIG_PROFILE, "dev", "y", NULL, DEV "x = 1\n"},
	{"a section that is not there", "# c\n", CONFIG_PROFILE, "dev", "y", NULL, "# c\n"},
	{"a section is removed", "[default]\nx = 1\n\n" DEV "y = 2\n\n# of a\n[a]\nz = 3\n", CONFIG_PROFILE,
	 "dev", NULL, NULL, "[default]\nx = 1\n\n# of a\n[a]\nz = 3\n"},
	{"the last one", "[default]\nx = 1\n\n" DEV "y = 2\n", CONFIG_PROFILE, "dev", NULL, NULL,
	 "[default]\nx = 1\n"},
	{"the only one", DEV "y = 2\n", CONFIG_PROFILE, "dev", NULL, NULL, ""},
	{"one before a header that is indented", "[a]\nx = 1\n" DEV "  y = 2\n  [profile b]\nz = 3\n",
	 CONFIG_PROFILE, "dev", NULL, NULL, "[a]\nx = 1\n[profile b]\nz = 3\n"},
	{"both of one name", "[default]\nx = 1\n\n[profile default]\ny = 2\n", CONFIG_PROFILE, "default",
	 NULL, NULL, ""},
	{"a session of the same name is another", "[sso-session dev]\nx = 1\n\n" DEV "x = 1\n",
	 CONFIG_PROFILE, "dev", "x", "2", "[sso-session dev]\nx = 1\n\n" DEV "x = 2\n"},
	{"lines that end in a lone CR", "[profile dev]\rx = 1\ry = 2\r", CONFIG_PROFILE, "dev", "x", "3",
	 "[profile dev]\rx = 3\ry = 2\r"},
};

static void one_key_changes_and_nothing_else(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		const struct config_change change = {row->key, row->value};
		const struct config_edit one = {row->kind, row->name, !row->key, &change, row->key != NULL};
		_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(TEXT_MAX, &buffer_heap);
		_cleanup_(buffer_clearp) struct buffer again = BUFFER_INIT(TEXT_MAX, &buffer_heap);
		struct error err = {0};

		if (!edit(row->before, &one, 1, &out, &err) ||
		    strcmp(out.data ? out.data : "", row->after) != 0) {
			fprintf(stderr, "%s: got '%s', want '%s' (%s)\n", row->what, out.data, row->after,
				err.message);
			exit(1);
		}
		CHECK(edit(row->after, &one, 1, &again, &err)); /* and then there is nothing to do */
		CHECK_STR(again.data ? again.data : "", row->after);
	}
}

static void several_sections_at_once(void)
{
	const struct config_change session[] = {{"sso_start_url", "https://h/#/"}, {"sso_region", "x"}};
	const struct config_change profile[] = {{"sso_session", NULL}, {"credential_process", "/p --a b"}};
	const struct config_edit edits[] = {
		{CONFIG_SSO_SESSION, "s", false, session, 2},
		{CONFIG_PROFILE, "dev", false, profile, 2},
		{CONFIG_PROFILE, "old", true, NULL, 0},
	};
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(TEXT_MAX, &buffer_heap);
	struct error err;

	CHECK(edit("[profile old]\na = 1\n\n" DEV "sso_session = s\nregion = r\n", edits, 3, &out, &err));
	CHECK_STR(out.data, DEV "credential_process = /p --a b\nregion = r\n\n"
				"[sso-session s]\nsso_start_url = https://h/#/\nsso_region = x\n");
}

static void check_there_and_back(const char *before, const char *between)
{
	const struct config_change there[] = {{"c", "1"}, {"b", NULL}, {"a", NULL}};
	const struct config_change back[] = {{"c", NULL}, {"a", "1"}, {"b", "2"}};
	const struct config_edit go = {CONFIG_PROFILE, "dev", false, there, 3};
	const struct config_edit come = {CONFIG_PROFILE, "dev", false, back, 3};
	_cleanup_(buffer_clearp) struct buffer gone = BUFFER_INIT(TEXT_MAX, &buffer_heap);
	_cleanup_(buffer_clearp) struct buffer came = BUFFER_INIT(TEXT_MAX, &buffer_heap);
	struct error err;

	CHECK(edit(before, &go, 1, &gone, &err) && edit(gone.data, &come, 1, &came, &err));
	CHECK_STR(gone.data, between);
	CHECK_STR(came.data, before);
}

static void what_comes_in_the_place_of_others_stands_there_and_back_is_where_one_was(void)
{
	check_there_and_back(DEV "a = 1\nb = 2\nx = 3\n", DEV "c = 1\nx = 3\n");
	check_there_and_back(DEV "x = 3\n# why\na = 1\nb = 2\n\n# y\n[profile e]\n",
			     DEV "x = 3\n# why\nc = 1\n\n# y\n[profile e]\n");
	check_there_and_back("[profile dev]\r\n  x =\r\n    y = 1\r\n  a = 1\r\n  b = 2",
			     "[profile dev]\r\n  x =\r\n    y = 1\r\n  c = 1");
}

static void the_last_sections_go_with_the_blank_lines_before_them(void)
{
	const struct config_edit edits[] = {{CONFIG_PROFILE, "a", true, NULL, 0},
					    {CONFIG_PROFILE, "dev", true, NULL, 0}};
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(TEXT_MAX, &buffer_heap);
	struct error err;

	CHECK(edit("[profile b]\nx = 1\n\n\n[profile a]\ny = 2\n\n" DEV "z = 3\n\n", edits, 2, &out, &err));
	CHECK_STR(out.data, "[profile b]\nx = 1\n");
}

static void check_refused(const char *text, const char *name, const char *value, const char *words)
{
	const struct config_change change = {"x", value};
	const struct config_edit one = {CONFIG_PROFILE, name, false, &change, 1};
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(TEXT_MAX, &buffer_heap);
	struct error err = {0};

	CHECK(!edit(text, &one, 1, &out, &err));
	CHECK(out.len == 0 && err.kind == ERROR_CONFIG);
	if (!strstr(err.message, words)) {
		fprintf(stderr, "'%s' is not in '%s'\n", words, err.message);
		exit(1);
	}
}

static void what_is_broken_or_hostile_is_refused(void)
{
	check_refused(DEV "x = 1\nx = 2\n", "dev", "3", "cfg:3: key 'x' stands in line 2");
	check_refused("x = 1\n", "dev", "3", "cfg:1: text before any section");
	check_refused("", "a]\n[b", "1", "cannot be the name");
	check_refused("", "a'b", "1", "cannot be the name");
	check_refused("", "\033[31mred", "1", "'?[31mred'");
	check_refused("", "", "1", "cannot be the name");
	check_refused("", " a", "1", "cannot be the name");
	check_refused("", "dev", "1\n[profile evil]", "cannot be written as x");
	check_refused(DEV "x = 1\n", "dev", "", "cannot be written as x");
	check_refused("", "dev", "a # b", "cannot be written as x");
	check_refused("", "dev", "a \xe2\x80\xae b", "cannot be written as x");
}

static void a_file_that_would_grow_too_large_is_refused(void)
{
	const struct config_change change = {"x", "1234567890"};
	const struct config_edit one = {CONFIG_PROFILE, "dev", false, &change, 1};
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(20, &buffer_heap);
	struct error err = {0};

	CHECK(!edit("", &one, 1, &out, &err) && strstr(err.message, "more than 20 bytes"));
}

/* ---- as a tool ---- */

static struct config_edit read_section(char *word)
{
	CHECK(word[0] >= '0' && word[0] <= '2' && word[1] == ':');
	return (struct config_edit){.kind = (enum config_kind)(word[0] - '0'), .name = word + 2};
}

static size_t read_edits(char **words, struct config_edit *edits,
			 struct config_change (*changes)[CHANGES_MAX])
{
	size_t n = 0;

	for (; *words; n++) {
		CHECK(n < EDITS_MAX);
		edits[n] = read_section(*words++);
		edits[n].changes = changes[n];
		for (; *words && !(strlen(*words) > 1 && (*words)[1] == ':'); words++) {
			char *equals = strchr(*words, '=');

			if (strcmp(*words, "-") == 0) {
				edits[n].removes = true;
				continue;
			}
			CHECK(edits[n].n_changes < CHANGES_MAX);
			if (equals)
				*equals++ = '\0';
			changes[n][edits[n].n_changes++] = (struct config_change){*words, equals};
		}
	}
	return n;
}

static int edit_file(char **words)
{
	static struct config_change changes[EDITS_MAX][CHANGES_MAX];
	static struct config_edit edits[EDITS_MAX];
	static char text[TEXT_MAX];
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(TEXT_MAX, &buffer_heap);
	struct error err;
	size_t len, n = read_edits(words + 1, edits, changes);
	FILE *file = fopen(words[0], "r");

	CHECK(file);
	len = fread(text, 1, sizeof(text), file);
	fclose(file);
	if (!config_edit("cfg", text, len, edits, n, &out, &err)) {
		fprintf(stderr, "%s\n", err.message);
		return (int)err.kind;
	}
	fwrite(out.len ? out.data : "", 1, out.len, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return edit_file(argv + 1);
	one_key_changes_and_nothing_else();
	several_sections_at_once();
	what_comes_in_the_place_of_others_stands_there_and_back_is_where_one_was();
	the_last_sections_go_with_the_blank_lines_before_them();
	what_is_broken_or_hostile_is_refused();
	a_file_that_would_grow_too_large_is_refused();
	return 0;
}
