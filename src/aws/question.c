#include "aws/question.h"

#include <stdlib.h>
#include <string.h>

#include "aws/name_text.h"
#include "base/xalloc.h"

#define HOPS_MAX 100
#define WAY_OUT  "let one of them name a session, an account and a role"

char *question_where(const struct question *question, unsigned line)
{
	return xasprintf("%s:%u", config_path(question->config), line);
}

bool question_blame(const struct question *question, struct error *err)
{
	return question->where ? error_prefix(err, "%s", question->where) : false;
}

/* Whoever mistyped a name wants to see those that there are; whoever has none, what writes one. */
static bool refuse_profile(const struct question *question, struct error *err)
{
	const char *name = question->target.profile, *path = config_path(question->config);
	const struct config_section *profile;
	struct name_text there = {0};

	for (size_t i = 0; (profile = config_nth(question->config, CONFIG_PROFILE, i)); i++)
		name_text_add(&there, profile->name);
	if (there.n > 0 && !question->from && strcmp(name, "default") == 0)
		error_fill(
			err, ERROR_CONFIG,
			"profile 'default', which is meant where none is named, is not in %s: name one that "
			"is, with --profile: %s",
			path, name_text_end(&there));
	else if (there.n > 0)
		error_fill(err, ERROR_CONFIG,
			   "profile '%.100s' is not in %s: name one that is, with --profile: %s", name, path,
			   name_text_end(&there));
	else
		error_fill(err, ERROR_CONFIG,
			   "profile '%.100s' is not in %s, nor is any other: run 'iamic configure'", name,
			   path);
	return question_blame(question, err);
}

static const struct config_section *find_profile(const struct question *question, struct error *err)
{
	const struct config_section *profile =
		config_find(question->config, CONFIG_PROFILE, question->target.profile);

	if (!profile)
		(void)refuse_profile(question, err);
	return profile;
}

/* The profile's own line: then the profile's own keys count. */
static bool asks_own_line(const struct question *question)
{
	return question->profile && question->target.profile &&
	       strcmp(question->profile, question->target.profile) == 0;
}

/* The earlier question about the same profile, if this one closes a circle. */
static const struct question *circle_begin(const struct question *question)
{
	const struct question *earlier = asks_own_line(question) ? NULL : question->from;

	while (earlier &&
	       (asks_own_line(earlier) || strcmp(earlier->target.profile, question->target.profile) != 0))
		earlier = earlier->from;
	return earlier;
}

/* From first to last, in the order in which they were asked. */
static void add_names(struct name_text *names, const struct question *first, const struct question *last)
{
	if (last != first)
		add_names(names, first, last->from);
	if (!asks_own_line(last))
		name_text_add(names, last->target.profile);
}

static bool check_way(const struct question *question, struct error *err)
{
	const struct question *begin = circle_begin(question);
	struct name_text names = {0};

	if (begin) {
		add_names(&names, begin, question->from);
		error_fill(err, ERROR_CONFIG, "profile%s %s %s: " WAY_OUT, names.n == 1 ? "" : "s",
			   name_text_end(&names),
			   names.n == 1 ? "leads to itself" : "lead to one another in a circle");
		return question_blame(question, err);
	}
	if (question->hops <= HOPS_MAX)
		return true;
	error_fill(err, ERROR_CONFIG, "more than %d profiles lead to one another: leave some of them out",
		   HOPS_MAX);
	return question_blame(question, err);
}

/*
 * The question that a profile's credential_process puts to iamic. *ret_process stays NULL where there is
 * none: the line is another program's, or names the profile it stands in, so that the profile's own keys
 * count.
 */
static bool read_process(const struct question *question, const struct config_section *profile,
			 struct process **ret_process, char **ret_where, struct error *err)
{
	const struct config_key *line = config_section_key(profile, "credential_process");

	*ret_process = NULL;
	if (!line || asks_own_line(question))
		return true;
	*ret_where = question_where(question, line->line);
	return process_parse(line->value, *ret_where, ret_process, err);
}

void meaning_done(struct meaning *meaning)
{
	process_free(meaning->process);
	free(meaning->where);
}

bool question_find_meaning(const struct question *question, struct meaning *ret, struct error *err)
{
	ret->profile = find_profile(question, err);
	if (!ret->profile || !check_way(question, err) ||
	    !read_process(question, ret->profile, &ret->process, &ret->where, err))
		return false;
	if (ret->process)
		ret->next = (struct question){
			.config = question->config,
			.settings = question->settings,
			.target = ret->process->target,
			.profile = ret->profile->name,
			.where = ret->where,
			.from = question,
			.hops = question->hops + 1,
		};
	return true;
}

bool question_of_source(const struct question *question, const struct config_section *profile,
			char **ret_where, struct question *ret, struct error *err)
{
	const struct config_key *source = config_section_key(profile, "source_profile");

	if (!source)
		return error_set(err, ERROR_CONFIG,
				 "%s:%u: profile '%.100s' has a role_arn and lacks source_profile: add the "
				 "profile whose role assumes it",
				 config_path(question->config), profile->line, profile->name);
	*ret_where = question_where(question, source->line);
	*ret = (struct question){
		.config = question->config,
		.settings = question->settings,
		.target = {.profile = source->value},
		.where = *ret_where,
		.from = question,
		.hops = question->hops + 1,
	};
	return true;
}
