#include "shim/request.h"

#include <unistd.h>

#include "base/error.h"
#include "check.h"
#include "iamic/protocol.h"
#include "shim/options.h"

#define BEGIN "{\"method\":\"io.iamic.Agent.GetCredentials\",\"parameters\":{"

static struct options options;
static struct error err;

static void check_request(const struct request *request, const char *want)
{
	char text[1024];
	size_t len;

	CHECK(request_format(request, text, sizeof(text), &len));
	CHECK_STR(text, want);
	CHECK(len == strlen(want) + 1);
}

/* words: the arguments, with a NULL behind. They stay until the next call. */
static bool parse(const char *const words[])
{
	static char copies[16][64];
	char *argv[ARRAY_SIZE(copies)] = {copies[0]};
	int argc = 1;

	for (; words[argc - 1]; argc++) {
		CHECK(argc < (int)ARRAY_SIZE(copies) && strlen(words[argc - 1]) < sizeof(copies[argc]));
		memcpy(copies[argc], words[argc - 1], strlen(words[argc - 1]) + 1);
		argv[argc] = copies[argc];
	}
	options = (struct options){.action = OPTIONS_RUN};
	err = (struct error){.kind = ERROR_NONE};
	return options_parse(argc, argv, &options, &err);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static void a_profile_is_asked_for(void)
{
	check_request(&(struct request){.profile = "dev", .timeout_ms = 9750},
		      BEGIN "\"profile\":\"dev\",\"timeoutMs\":9750,\"loginMs\":0}}");
}

static void a_role_is_asked_for(void)
{
	check_request(
		&(struct request){.session = "corp",
				  .account_id = "123456789012",
				  .role_name = "Admin",
				  .role_arn = "arn:aws:iam::1:role/x",
				  .timeout_ms = 1,
				  .login_ms = UINT64_MAX},
		BEGIN
		"\"session\":\"corp\",\"accountId\":\"123456789012\",\"roleName\":\"Admin\","
		"\"roleArn\":\"arn:aws:iam::1:role/x\",\"timeoutMs\":1,\"loginMs\":18446744073709551615}}");
}

static void what_would_end_a_string_is_escaped(void)
{
	check_request(
		&(struct request){.profile = "a\"b\\c\n\x1f/\x7f\xc3\xa4"}, BEGIN
		"\"profile\":\"a\\\"b\\\\c\\u000a\\u001f/\x7f\xc3\xa4\",\"timeoutMs\":0,\"loginMs\":0}}");
}

static void what_does_not_fit_is_refused_at_every_size(void)
{
	struct request request = {.profile = "d\n", .timeout_ms = 10};
	char text[1024];
	size_t len, need;

	CHECK(request_format(&request, text, sizeof(text), &need));
	for (size_t size = 0; size < need; size++)
		CHECK(!request_format(&request, text, size, &len));
	CHECK(request_format(&request, text, need, &len));
}

static void the_profile_comes_from_the_environment_when_nothing_is_said(void)
{
	unsetenv("AWS_PROFILE");
	CHECK(PARSE());
	CHECK_STR(options.request.profile, "default");
	setenv("AWS_PROFILE", "", 1);
	CHECK(PARSE());
	CHECK_STR(options.request.profile, "default");
	setenv("AWS_PROFILE", "env", 1);
	CHECK(PARSE());
	CHECK_STR(options.request.profile, "env");
	CHECK(options.request.timeout_ms == IAMIC_TIMEOUT_DEFAULT_MS && options.request.login_ms == 0);
	CHECK(PARSE("--profile", "mine"));
	CHECK_STR(options.request.profile, "mine");
	CHECK(PARSE("--account-id", "123456789012", "--role-name=R"));
	CHECK(!options.request.profile && !options.request.session);
	setenv("AWS_PROFILE", "\xff", 1);
	CHECK(!PARSE());
	CHECK(err.kind == ERROR_USAGE);
	unsetenv("AWS_PROFILE");
}

static void both_ways_to_write_a_value_are_taken(void)
{
	CHECK(PARSE("--sso-session=corp", "--account-id", "123456789012", "--role-name", "--x",
		    "--timeout=3"));
	CHECK_STR(options.request.session, "corp");
	CHECK_STR(options.request.account_id, "123456789012");
	CHECK_STR(options.request.role_name, "--x");
	CHECK(!options.request.profile && options.request.timeout_ms == 3000);
	CHECK(PARSE("--profile=a=b"));
	CHECK_STR(options.request.profile, "a=b");
	CHECK(PARSE("--profile", "a", "--profile", "b"));
	CHECK_STR(options.request.profile, "b");
}

static void an_arn_goes_with_each_of_the_others(void)
{
	CHECK(PARSE("--role-arn", "arn:aws:iam::123456789012:role/x"));
	CHECK(!options.request.profile); /* the daemon knows which session, also without a default profile */
	setenv("AWS_PROFILE", "dev", 1);
	CHECK(PARSE("--role-arn", "arn:aws:iam::123456789012:role/x"));
	CHECK_STR(options.request.profile, "dev");
	unsetenv("AWS_PROFILE");
	CHECK(PARSE("--role-arn=arn:aws:iam::123456789012:role/x", "--profile=p"));
	CHECK_STR(options.request.profile, "p");
	CHECK(PARSE("--role-arn=arn:aws:iam::123456789012:role/x", "--sso-session=corp"));
	CHECK(!options.request.profile);
	CHECK_STR(options.request.role_arn, "arn:aws:iam::123456789012:role/x");
}

static void a_sign_in_is_waited_for_when_told(void)
{
	CHECK(PARSE("--login"));
	CHECK(options.request.login_ms == 600000 && options.request.timeout_ms == 10000);
	CHECK(PARSE("--login=86400", "--timeout", "1"));
	CHECK(options.request.login_ms == 86400000 && options.request.timeout_ms == 1000);
	CHECK(!PARSE("--login", "5"));
	CHECK_STR(err.message, "unexpected argument '5'");
}

static void help_and_version_win_over_what_follows(void)
{
	CHECK(PARSE("--help", "--nonsense"));
	CHECK(options.action == OPTIONS_HELP);
	CHECK(PARSE("--version", "x"));
	CHECK(options.action == OPTIONS_VERSION);
	CHECK(strstr(options_help, "--sso-session NAME"));
}

static void what_is_wrong_is_named(void)
{
	static const struct {
		const char *words[6], *message;
	} cases[] = {
		{{"dev"}, "unexpected argument 'dev'"},
		{{""}, "unexpected argument ''"},
		{{"-p"}, "unknown option '-p'"},
		{{"--"}, "unknown option '--'"},
		{{"--prof", "x"}, "unknown option '--prof', perhaps '--profile'"},
		{{"--profiles=x"}, "unknown option '--profiles', perhaps '--profile'"},
		{{"--profile"}, "--profile needs a value"},
		{{"--profile", ""}, "--profile has an empty value"},
		{{"--login="}, "--login has an empty value"},
		{{"--help=me"}, "--help takes no value"},
		{{"--profile", "\xff"}, "--profile is not UTF-8"},
		{{"--timeout", "0"}, "--timeout '0' is not a number of seconds from 1 to 86400"},
		{{"--timeout", "86401"}, "--timeout '86401' is not a number of seconds from 1 to 86400"},
		{{"--timeout", "1.5"}, "--timeout '1.5' is not a number of seconds from 1 to 86400"},
		{{"--timeout", "-1"}, "--timeout '-1' is not a number of seconds from 1 to 86400"},
		{{"--timeout", "99999999999999999999999"},
		 "--timeout '99999999999999999999999' is not a number of seconds from 1 to 86400"},
		{{"--login=x"}, "--login 'x' is not a number of seconds from 1 to 86400"},
		{{"--account-id", "12345678901", "--role-name", "R"},
		 "--account-id '12345678901' is not 12 digits"},
		{{"--account-id", "1234567890123", "--role-name", "R"},
		 "--account-id '1234567890123' is not 12 digits"},
		{{"--account-id", "12345678901x", "--role-name", "R"},
		 "--account-id '12345678901x' is not 12 digits"},
		{{"--account-id", "123456789012"}, "--account-id needs --role-name"},
		{{"--role-name", "R"}, "--role-name needs --account-id"},
		{{"--sso-session", "corp"}, "--sso-session needs --account-id and --role-name"},
		{{"--profile", "p", "--sso-session", "s"},
		 "--profile says it all: --sso-session does not go with it"},
		{{"--profile", "p", "--role-name", "s"},
		 "--profile says it all: --role-name does not go with it"},
		{{"--role-arn", "role/x"}, "--role-arn 'role/x' is not an ARN"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK(!parse(cases[i].words));
		CHECK(err.kind == ERROR_USAGE);
		CHECK_STR(err.message, cases[i].message);
	}
}

int main(void)
{
	a_profile_is_asked_for();
	a_role_is_asked_for();
	what_would_end_a_string_is_escaped();
	what_does_not_fit_is_refused_at_every_size();
	the_profile_comes_from_the_environment_when_nothing_is_said();
	both_ways_to_write_a_value_are_taken();
	an_arn_goes_with_each_of_the_others();
	a_sign_in_is_waited_for_when_told();
	help_and_version_win_over_what_follows();
	what_is_wrong_is_named();
	return 0;
}
