/* Command lines of a made-up verb: what is taken, what is refused, and what help says of it. */
#include <stdint.h>

#include "base/cleanup.h"
#include "check.h"
#include "cli/command.h"

struct values {
	bool flag;
	const char *text, *account_id, *role_name, *role_arn;
	int64_t seconds, duration_s;
	int port;
};

#define VALUE(name_, value_, member_, parse_)                                                                \
	{                                                                                                    \
		.name = name_, .value = value_, .offset = offsetof(struct values, member_), .parse = parse_, \
		.help = "x"                                                                                  \
	}

static const struct option options[] = {
	{.name = "flag", .offset = offsetof(struct values, flag), .help = "a flag"},
	VALUE("text", "NAME", text, option_text),
	VALUE("account-id", "ID", account_id, option_account_id),
	VALUE("role-name", "NAME", role_name, option_role_name),
	VALUE("role-arn", "ARN", role_arn, option_role_arn),
	VALUE("timeout", "SECONDS", seconds, option_seconds),
	VALUE("min", "DURATION", duration_s, option_duration),
	VALUE("port", "N", port, option_port),
};

static const struct command verb = {
	.name = "verb",
	.words = "[WORD]",
	.max_words = 2,
	.description = "Does something.",
	.example = "verb 1",
	.options = options,
	.n_options = ARRAY_SIZE(options),
};

#define WORDS_MAX 8

/* A line and what comes of it; its words stay where argv has them. */
struct line {
	char storage[WORDS_MAX][256];
	char *argv[WORDS_MAX + 1];
	struct values values;
	struct error err;
	enum options_outcome outcome;
};

static struct line *parse(const char *const *words)
{
	static struct line line;

	memset(&line, 0, sizeof(line));
	for (size_t i = 0; words[i]; i++) {
		CHECK(i < WORDS_MAX && strlen(words[i]) < sizeof(line.storage[i]));
		memcpy(line.storage[i], words[i], strlen(words[i]) + 1);
		line.argv[i] = line.storage[i];
	}
	line.outcome = options_parse(&verb, line.argv, &line.values, &line.err);
	return &line;
}

#define LINE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void a_value_follows_its_option_or_an_equals_sign(void)
{
	struct line *line = LINE("--text", "corp", "--timeout=30");

	CHECK(line->outcome == OPTIONS_DONE);
	CHECK_STR(line->values.text, "corp");
	CHECK(line->values.seconds == 30);
	line = LINE("--text=a=b");
	CHECK_STR(line->values.text, "a=b");
	line = LINE("--text", "--flag");
	CHECK_STR(line->values.text, "--flag");
	CHECK(!line->values.flag);
	line = LINE("--text=a", "--text=b");
	CHECK_STR(line->values.text, "b");
}

static void arguments_stand_anywhere_between_options(void)
{
	struct line *line = LINE("one", "--flag", "two", "--port", "8400");

	CHECK(line->outcome == OPTIONS_DONE && line->values.flag && line->values.port == 8400);
	CHECK_STR(line->argv[0], "one");
	CHECK_STR(line->argv[1], "two");
	CHECK(!line->argv[2]);
}

static void behind_two_dashes_everything_is_an_argument(void)
{
	struct line *line = LINE("--", "--flag", "--");

	CHECK(line->outcome == OPTIONS_DONE && !line->values.flag);
	CHECK_STR(line->argv[0], "--flag");
	CHECK_STR(line->argv[1], "--");
	CHECK_STR(LINE("-")->argv[0], "-");
}

static void help_and_version_end_the_line_where_they_stand(void)
{
	CHECK(LINE("--flag", "--help", "--nonsense")->outcome == OPTIONS_HELP);
	CHECK(LINE("--version", "--nonsense")->outcome == OPTIONS_VERSION);
	CHECK(LINE("--nonsense", "--help")->outcome == OPTIONS_WRONG);
	CHECK(LINE("--", "--help")->outcome == OPTIONS_DONE);
}

static void what_is_wrong_is_named(void)
{
	static const struct {
		const char *words[4], *message;
	} cases[] = {
		{{"--nonsense"}, "unknown option '--nonsense'"},
		{{"--fla"}, "unknown option '--fla', perhaps '--flag'"},
		{{"--flagx"}, "unknown option '--flagx', perhaps '--flag'"},
		{{"--nonsense=secret"}, "unknown option '--nonsense'"},
		{{"--="}, "unknown option '--'"},
		{{"-f"}, "unknown option '-f'"},
		{{"-text"}, "unknown option '-text', perhaps '--text'"},
		{{"---flag"}, "unknown option '---flag', perhaps '--flag'"},
		{{"--flag=yes"}, "option '--flag' takes no value"},
		{{"--help=me"}, "option '--help' takes no value"},
		{{"--text"}, "option '--text' needs a value: NAME"},
		{{"--text", ""}, "option '--text': it is empty"},
		{{"--text="}, "option '--text': it is empty"},
		{{"--text", "\xff"}, "option '--text': it is not UTF-8"},
		{{"1", "2", "3"}, "unexpected argument '3'"},
		{{""}, "an argument is wrong: it is empty"},
		{{"\xc0\xaf"}, "an argument is wrong: it is not UTF-8"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct line *line = parse(cases[i].words);

		CHECK(line->outcome == OPTIONS_WRONG && line->err.kind == ERROR_USAGE);
		CHECK_STR(line->err.message, cases[i].message);
	}
}

static void malformed_values_are_refused(void)
{
	static const char *const cases[][2] = {
		{"--account-id", "12345678901"},
		{"--account-id", "1234567890123"},
		{"--account-id", "12345678901a"},
		{"--account-id", " 12345678901"},
		{"--role-name", "a role"},
		{"--role-name", "abcdefghijklmnopqrstuvwxyz1234567"},
		{"--role-arn", "Admin"},
		{"--role-arn", "arn:aws:iam::111122223333:user/Admin"},
		{"--timeout", "0"},
		{"--timeout", "-1"},
		{"--timeout", "+1"},
		{"--timeout", "1s"},
		{"--timeout", "99999999999999999999"},
		{"--timeout", "86401"},
		{"--port", "0"},
		{"--port", "65536"},
		{"--port", "http"},
		{"--min", "soon"},
		{"--min", "-5m"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct line *line = LINE(cases[i][0], cases[i][1]);

		CHECK(line->outcome == OPTIONS_WRONG && line->err.kind == ERROR_USAGE);
		CHECK(strstr(line->err.message, cases[i][0]) && strstr(line->err.message, cases[i][1]));
	}
}

static void good_values_arrive(void)
{
	struct line *line =
		LINE("--account-id=111122223333", "--role-name=Admin+=,.@-_1", "--timeout=86400",
		     "--port=65535", "--min=1h30m", "--role-arn=arn:aws-cn:iam::111122223333:role/a/b");

	CHECK(line->outcome == OPTIONS_DONE);
	CHECK_STR(line->values.account_id, "111122223333");
	CHECK_STR(line->values.role_name, "Admin+=,.@-_1");
	CHECK_STR(line->values.role_arn, "arn:aws-cn:iam::111122223333:role/a/b");
	CHECK(line->values.seconds == 86400 && line->values.port == 65535 && line->values.duration_s == 5400);
}

static void help_shows_every_option_and_what_its_value_is(void)
{
	char *text = NULL;
	size_t len;
	FILE *stream = open_memstream(&text, &len), *usual = stdout;

	stdout = stream;
	options_print_help(&verb, "iamic verb");
	stdout = usual;
	fclose(stream);
	CHECK(strncmp(text, "usage: iamic verb [OPTION]... [WORD]\n", 37) == 0);
	CHECK(strstr(text, "\n  --flag             a flag\n"));
	CHECK(strstr(text, "\n  --min DURATION     x\n"));
	CHECK(strstr(text, "\n  --help             "));
	CHECK(strstr(text, "\n  --version          "));
	free(text);
}

int main(void)
{
	a_value_follows_its_option_or_an_equals_sign();
	arguments_stand_anywhere_between_options();
	behind_two_dashes_everything_is_an_argument();
	help_and_version_end_the_line_where_they_stand();
	what_is_wrong_is_named();
	malformed_values_are_refused();
	good_values_arrive();
	help_shows_every_option_and_what_its_value_is();
	return 0;
}
