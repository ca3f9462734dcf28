#include "cli/config_outcome.h"

#include <stdlib.h>
#include <string.h>

#include "aws/credentials_file.h"
#include "aws/name_text.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "cli/configuration.h"
#include "cli/output.h"

/* "profile 'dev'", "profiles 'a', 'b', 'c', 'd' and 96 more"; NULL where there are none. */
static char *names_of(const struct config_edits *edits, enum config_kind kind, bool removed)
{
	const char *word = kind == CONFIG_SSO_SESSION ? "session" : "profile";
	struct name_text names = {0};

	for (size_t i = 0; i < edits->n; i++)
		if (edits->items[i].kind == kind && edits->items[i].removes == removed)
			name_text_add(&names, edits->items[i].name);
	return names.n == 0 ? NULL
			    : xasprintf("%s%s %s", word, names.n > 1 ? "s" : "", name_text_end(&names));
}

static void print_change(const char *before, const char *path, const char *sessions, const char *profiles)
{
	_cleanup_free_ char *line = NULL;

	if (!sessions && !profiles)
		return;
	line = xasprintf("%s %s: %s%s%s", before, path, sessions ? sessions : "",
			 sessions && profiles ? ", " : "", profiles ? profiles : "");
	print_words(line, 0, 2);
}

void config_outcome_print(const char *path, const struct config_edits *edits,
			  enum config_file_outcome outcome)
{
	_cleanup_free_ char *shown = printable(path);
	_cleanup_free_ char *sessions = names_of(edits, CONFIG_SSO_SESSION, false),
			    *profiles = names_of(edits, CONFIG_PROFILE, false),
			    *removed = names_of(edits, CONFIG_PROFILE, true);

	if (outcome == CONFIG_FILE_SAME)
		log_info("nothing to do: %s says that already", shown);
	if (outcome != CONFIG_FILE_WRITTEN)
		return;
	print_change("written to", shown, sessions, profiles);
	print_change("removed from", shown, NULL, removed);
}

/* What was written, and where keys may stand that tools take instead. */
struct shadow {
	const struct config_edits *edits;
	const char *path;
};

static void warn_of_keys(const struct static_keys *keys, void *userdata)
{
	const struct shadow *shadow = userdata;
	const struct config_edits *edits = shadow->edits;

	for (size_t i = 0; i < edits->n; i++)
		if (edits->items[i].kind == CONFIG_PROFILE && !edits->items[i].removes &&
		    strcmp(edits->items[i].name, keys->profile) == 0)
			log_warning("warning: most tools take the keys at %s:%u instead of what was written: "
				    "remove them",
				    shadow->path, keys->line);
}

void config_outcome_look_for_keys(const struct config_edits *edits)
{
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(CREDENTIALS_FILE_MAX, &buffer_heap);
	_cleanup_free_ char *path = configuration_credentials_path();
	struct shadow shadow = {edits, path};
	struct error ignored;
	bool exists;

	if (path && fs_read(path, &text, &exists, &ignored) && text.len > 0)
		credentials_file_visit(text.data, text.len, warn_of_keys, &shadow);
}
