#include <fcntl.h>
#include <unistd.h>

#include "base/log.h"
#include "check.h"

static int pipe_fds[2], real_stderr;

/* What log_line() wrote since the last call. */
static const char *said(void)
{
	static char text[8192];
	ssize_t n = read(pipe_fds[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void expect(const char *got, const char *want)
{
	if (strcmp(got, want) != 0) {
		dprintf(real_stderr, "got '%s', want '%s'\n", got, want);
		_exit(1);
	}
}

static void a_line_names_the_program(void)
{
	log_open("iamicd", false);
	log_set_level(LOG_LEVEL_INFO);
	log_info("session '%s': signed in", "corp");
	expect(said(), "iamicd: session 'corp': signed in\n");
}

static void what_is_below_the_level_is_not_written(void)
{
	log_set_level(LOG_LEVEL_WARNING);
	log_debug("d");
	log_info("i");
	log_warning("w");
	log_error("e");
	expect(said(), "iamicd: w\niamicd: e\n");
	log_set_level(LOG_LEVEL_DEBUG);
	log_debug("d");
	expect(said(), "iamicd: d\n");
}

static void the_journal_gets_priorities(void)
{
	log_open("iamicd", true);
	log_error("e");
	log_warning("w");
	log_info("i");
	log_debug("d");
	expect(said(), "<3>e\n<4>w\n<6>i\n<7>d\n");
	log_open("iamicd", false);
}

static void one_event_is_one_line_whatever_is_in_it(void)
{
	log_info("a\nb\x1b[2J\xff %s", "c\r\n<0>forged");
	expect(said(), "iamicd: a?b?[2J? c?"
		       "?<0>forged\n");
}

static void a_long_line_is_cut(void)
{
	const char *line;

	log_info("%05000d", 7);
	line = said();
	if (strlen(line) > 1024 || strlen(line) < 1000 || strchr(line, '\n') != line + strlen(line) - 1) {
		dprintf(real_stderr, "a line of %zu bytes\n", strlen(line));
		_exit(1);
	}
}

static void levels_have_names(void)
{
	enum log_level level = LOG_LEVEL_INFO;

	if (!log_level_parse("error", &level) || level != LOG_LEVEL_ERROR ||
	    !log_level_parse("warning", &level) || level != LOG_LEVEL_WARNING ||
	    !log_level_parse("info", &level) || level != LOG_LEVEL_INFO ||
	    !log_level_parse("debug", &level) || level != LOG_LEVEL_DEBUG || log_level_parse("", &level) ||
	    log_level_parse("Info", &level) || log_level_parse("trace", &level) || level != LOG_LEVEL_DEBUG) {
		dprintf(real_stderr, "a level is not what it should be\n");
		_exit(1);
	}
}

int main(void)
{
	real_stderr = dup(STDERR_FILENO);
	CHECK(pipe2(pipe_fds, O_NONBLOCK) == 0);
	CHECK(dup2(pipe_fds[1], STDERR_FILENO) == STDERR_FILENO);
	a_line_names_the_program();
	what_is_below_the_level_is_not_written();
	the_journal_gets_priorities();
	one_event_is_one_line_whatever_is_in_it();
	a_long_line_is_cut();
	levels_have_names();
	return 0;
}
