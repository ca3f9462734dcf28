#include "aws/process.h"

#include <stdlib.h>
#include <string.h>

#include "aws/config_word.h"
#include "aws/words.h"
#include "base/text.h"
#include "base/xalloc.h"

#define PROGRAM "iamic-credential-process"

struct process *process_free(struct process *process)
{
	if (process)
		free(process->words);
	free(process);
	return NULL;
}

/* Behind the program's name, or NULL. */
static char **find_options(char **words)
{
	for (; *words; words++) {
		const char *slash = strrchr(*words, '/');

		if (strcmp(slash ? slash + 1 : *words, PROGRAM) == 0)
			return words + 1;
	}
	return NULL;
}

/* The text behind "--name=" or "--name", in which case it is the next word; NULL if word is not that option.
 */
static const char *value_of(char ***words, const char *name)
{
	const char *word = **words;
	size_t n = strlen(name);

	if (strncmp(word, name, n) != 0)
		return NULL;
	if (word[n] == '=')
		return word + n + 1;
	if (word[n] != '\0' || !(*words)[1])
		return NULL;
	++*words;
	return **words;
}

static bool is_other_option(char ***words)
{
	const char *word = **words;

	return value_of(words, "--timeout") || strcmp(word, "--login") == 0 ||
	       strncmp(word, "--login=", strlen("--login=")) == 0;
}

static bool read_options(struct target *target, char **words, const char *where, struct error *err)
{
	const struct {
		const char *name;
		const char **slot;
	} options[] = {
		{"--profile", &target->profile},       {"--sso-session", &target->session},
		{"--account-id", &target->account_id}, {"--role-name", &target->role_name},
		{"--role-arn", &target->role_arn},
	};

	for (; *words; words++) {
		const char *value = NULL;

		for (size_t i = 0; i < ARRAY_SIZE(options) && !value; i++) {
			value = value_of(&words, options[i].name);
			if (value)
				*options[i].slot = value;
		}
		if (!value && !is_other_option(&words))
			return error_set(err, ERROR_CONFIG,
					 "%s: " PROGRAM " has no option '%.100s', or its value is missing: "
					 "correct the line",
					 where, *words);
	}
	return true;
}

bool process_parse(const char *line, const char *where, struct process **ret, struct error *err)
{
	_cleanup_(process_freep) struct process *process = xcalloc(1, sizeof(*process));
	char **options;
	size_t n;

	*ret = NULL;
	if (!strstr(line, PROGRAM))
		return true;
	process->words = words_split(line, &n);
	if (!process->words)
		return error_set(err, ERROR_CONFIG,
				 "%s: a quote is not closed in credential_process: close it", where);
	options = find_options(process->words);
	if (!options)
		return true;
	if (!read_options(&process->target, options, where, err)) {
		text_make_printable(err->message);
		return false;
	}
	*ret = TAKE(process);
	return true;
}

/* A word that sh leaves alone, or one in single quotes, which nothing but a single quote ends. */
static char *quote(const char *word)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@%+=,";
	char *quoted, *out;

	if (*word && word[strspn(word, plain)] == '\0')
		return xstrdup(word);
	out = quoted = xcalloc(4 * strlen(word) + 3, 1);
	*out++ = '\'';
	for (; *word; word++)
		out = *word == '\'' ? mempcpy(out, "'\\''", 4) : mempcpy(out, word, 1);
	*out = '\'';
	return quoted;
}

bool process_format(const char *program, const struct target *target, char **ret, struct error *err)
{
	_cleanup_free_ char *path = quote(program), *session = quote(target->session);
	_cleanup_free_ char *account_id = quote(target->account_id), *role_name = quote(target->role_name);
	_cleanup_free_ char *line = xasprintf("%s --sso-session %s --account-id %s --role-name %s", path,
					      session, account_id, role_name);

	if (!config_check_value("credential_process", line, err))
		return false;
	*ret = TAKE(line);
	return true;
}

bool process_overrules(const struct config_section *profile)
{
	const char *line = config_section_get(profile, "credential_process");
	_cleanup_(process_freep) struct process *process = NULL;
	struct error ignored;

	if (!line)
		return false;
	if (!process_parse(line, "", &process, &ignored))
		return true;
	if (!process)
		return false;
	return process->target.session || !process->target.profile ||
	       strcmp(process->target.profile, profile->name) != 0;
}
