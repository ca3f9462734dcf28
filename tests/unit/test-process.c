#include "aws/process.h"

#include "base/xalloc.h"
#include "check.h"

#define PROGRAM "/usr/bin/iamic-credential-process"

static void check_line(const char *program, const char *session, const char *want)
{
	const struct target target = {
		.session = session, .account_id = "012345678901", .role_name = "A+=,.@-_b"};
	_cleanup_(process_freep) struct process *process = NULL;
	_cleanup_free_ char *line = NULL;
	struct error err;

	CHECK(process_format(program, &target, &line, &err));
	CHECK_STR(line, want);
	CHECK(process_parse(line, "cfg:1", &process, &err) && process);
	CHECK_STR(process->words[0], program);
	CHECK_STR(process->target.session, session);
	CHECK_STR(process->target.account_id, target.account_id);
	CHECK_STR(process->target.role_name, target.role_name);
	CHECK(!process->target.profile && !process->target.role_arn);
}

#define ROLE " --account-id 012345678901 --role-name A+=,.@-_b"

static void what_is_written_is_what_is_read(void)
{
	check_line(PROGRAM, "corp", PROGRAM " --sso-session corp" ROLE);
	check_line("/o t/iamic-credential-process", "corp",
		   "'/o t/iamic-credential-process' --sso-session corp" ROLE);
	check_line(PROGRAM, "my corp", PROGRAM " --sso-session 'my corp'" ROLE);
	check_line(PROGRAM, "it's", PROGRAM " --sso-session 'it'\\''s'" ROLE);
	check_line(PROGRAM, "$(id)`id`\"\\", PROGRAM " --sso-session '$(id)`id`\"\\'" ROLE);
}

static void what_other_tools_would_cut_is_refused(void)
{
	static const char *const sessions[] = {"a #b", "a ;b", "a\nb", "\033[0m", "\xff"};

	for (size_t i = 0; i < ARRAY_SIZE(sessions); i++) {
		const struct target target = {
			.session = sessions[i], .account_id = "012345678901", .role_name = "r"};
		_cleanup_free_ char *line = NULL;
		struct error err = {0};

		CHECK(!process_format(PROGRAM, &target, &line, &err) && err.kind == ERROR_CONFIG);
	}
}

int main(void)
{
	what_is_written_is_what_is_read();
	what_other_tools_would_cut_is_refused();
	return 0;
}
