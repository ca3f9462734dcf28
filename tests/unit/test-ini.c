#include "base/ini.h"

#include <stdio.h>

#include "base/xalloc.h"
#include "check.h"

struct collected {
	char text[2000]; /* "LINE section.name=value;" for each */
	const char *refuse;
};

static bool on_entry(const struct ini_entry *entry, void *userdata, struct error *err)
{
	struct collected *collected = userdata;
	size_t n = strlen(collected->text);

	if (collected->refuse && strcmp(entry->name, collected->refuse) == 0)
		return error_set(err, ERROR_CONFIG, "not %s", entry->name);
	snprintf(collected->text + n, sizeof(collected->text) - n, "%u %s(%u).%s=%s;", entry->line,
		 entry->section, entry->section_line, entry->name, entry->value);
	return true;
}

static void check_reads(const char *text, const char *want)
{
	struct collected collected = {0};
	struct error err;

	CHECK(ini_read("f", text, strlen(text), on_entry, &collected, &err));
	CHECK_STR(collected.text, want);
}

static void check_refuses(const char *data, size_t len, const char *want)
{
	struct collected collected = {0};
	struct error err;

	CHECK(!ini_read("f", data, len, on_entry, &collected, &err));
	CHECK(err.kind == ERROR_CONFIG);
	CHECK_STR(err.message, want);
}

static void keys_come_with_their_lines(void)
{
	check_reads("", "");
	check_reads("\n\n", "");
	check_reads("a = 1", "1 (0).a=1;");
	check_reads("# c\n; c\na = 1\r\n\n[s t]\nb: 2 # c\nc=d=e\n",
		    "3 (0).a=1;6 s t(5).b=2 # c;7 s t(5).c=d=e;");
	check_reads("\xef\xbb\xbf"
		    "a = 1\n",
		    "1 (0).a=1;");
	check_reads("[s] ; c\na =\n", "2 s(1).a=;");
}

static void an_indented_line_is_a_line_of_its_own(void)
{
	check_reads("[s]\na = 1\n  b = 2\n\t[t]\n\tc = 3\n", "2 s(1).a=1;3 s(1).b=2;5 t(4).c=3;");
}

static void what_inih_would_cut_is_refused(void)
{
	char line[400];

	memset(line, 'x', sizeof(line));
	memcpy(line, "a = ", 4);
	line[198] = '\n';
	struct collected collected = {0};
	struct error err;
	CHECK(ini_read("f", line, 199, on_entry, &collected, &err));
	CHECK(strlen(collected.text) == strlen("1 (0).a=;") + 194);
	line[198] = 'x';
	check_refuses(line, 199, "f:1: the line has more than 198 bytes: write it shorter");
	check_refuses(line, sizeof(line), "f:1: the line has more than 198 bytes: write it shorter");

	line[0] = '[';
	memset(line + 1, 'x', 49);
	memcpy(line + 50, "]\na=1\n", 6);
	collected.text[0] = '\0';
	CHECK(ini_read("f", line, 56, on_entry, &collected, &err));
	memcpy(line + 50, "x]\n", 3);
	check_refuses(line, 53, "f:1: the name of a section has more than 49 bytes: choose a shorter one");

	static const char comment[] = "a = 1\nb = x ;y\n";
	check_refuses(comment, strlen(comment),
		      "f:2: text behind ' ;' would be lost: put comments on lines of their own");
	static const char whole[] = "b =\t;y\n";
	check_refuses(whole, strlen(whole),
		      "f:1: text behind ' ;' would be lost: put comments on lines of their own");
	check_reads("b = x;y\n", "1 (0).b=x;y;");
}

static void a_comment_may_be_long(void)
{
	char text[600] = "#";

	memset(text + 1, 'c', 500);
	memcpy(text + 501, "\na = 1\n", 8);
	check_reads(text, "2 (0).a=1;");
}

static void what_is_no_configuration_is_refused(void)
{
	static const char zero[] = "a = 1\nb = \0\n";

	check_refuses(zero, sizeof(zero) - 1, "f:2: bytes that are not UTF-8 text: save the file as UTF-8");
	check_refuses("a = \xff", 5, "f:1: bytes that are not UTF-8 text: save the file as UTF-8");
	check_refuses("\nword\n", 6,
		      "f:2: neither a [section] nor 'key = value': complete the line or remove it");
	check_refuses("= 1", 3, "f:1: neither a [section] nor 'key = value': complete the line or remove it");
	check_refuses("[s\na=1", 6, "f:1: a section header without ']': write it as [session NAME]");
}

static void the_first_refusal_ends_it(void)
{
	struct collected collected = {.refuse = "b"};
	static const char text[] = "a = 1\nb = 2\nc = 3\nword\n";
	struct error err;

	CHECK(!ini_read("f", text, strlen(text), on_entry, &collected, &err));
	CHECK_STR(err.message, "not b");
	CHECK_STR(collected.text, "1 (0).a=1;");
}

int main(void)
{
	keys_come_with_their_lines();
	an_indented_line_is_a_line_of_its_own();
	what_inih_would_cut_is_refused();
	a_comment_may_be_long();
	what_is_no_configuration_is_refused();
	the_first_refusal_ends_it();
	return 0;
}
