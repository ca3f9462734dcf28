#include "aws/settings.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "aws/proxy.h"
#include "aws/settings_keys.h"
#include "aws/words.h"
#include "base/ini.h"
#include "base/text.h"
#include "base/xalloc.h"

#define NOTIFY_BEFORE_S (15 * 60)
#define SHARE_LIMIT_S   (8 * 3600)

/* A file while it is read. */
struct reading {
	struct settings *settings;
	const char *path;
	unsigned unknown_section_line; /* said already */
};

struct settings *settings_new(void)
{
	struct settings *settings = xcalloc(1, sizeof(*settings));

	*settings = (struct settings){
		.store = xstrdup("auto"),
		.key = xstrdup("auto"),
		.collection = xstrdup("default"),
		.general = {.login = LOGIN_DEVICE, .on_demand = ON_DEMAND_FAIL},
		.notify_before_s = NOTIFY_BEFORE_S,
		.share_limit_s = SHARE_LIMIT_S,
		.log_level = xstrdup("info"),
	};
	return settings;
}

static void session_settings_done(struct session_settings *session)
{
	free(session->name);
	free(session->start_url);
	free(session->region);
	free(session->scopes);
	free(session->where);
	free(session->browser);
	free(session->user);
}

struct settings *settings_free(struct settings *settings)
{
	if (!settings)
		return NULL;
	session_settings_done(&settings->general);
	for (size_t i = 0; i < settings->n_sessions; i++)
		session_settings_done(&settings->sessions[i]);
	for (size_t i = 0; i < settings->n_warnings; i++)
		free(settings->warnings[i]);
	char *const owned[] = {settings->store,           settings->key,      settings->collection,
			       settings->https_proxy,     settings->no_proxy, settings->ca_bundle,
			       settings->aws_config_file, settings->confirm,  settings->denied_hint,
			       settings->log_level};
	for (size_t i = 0; i < ARRAY_SIZE(owned); i++)
		free(owned[i]);
	free(settings->sessions);
	free(settings->warnings);
	free(settings);
	return NULL;
}

static void warn(struct reading *reading, char *warning_taken)
{
	struct settings *settings = reading->settings;

	text_make_printable(warning_taken);
	settings->warnings =
		xreallocarray(settings->warnings, settings->n_warnings + 1, sizeof(*settings->warnings));
	settings->warnings[settings->n_warnings++] = warning_taken;
}

static void *slot_of(const struct settings_key *key, void *base)
{
	return (char *)base + key->offset;
}

/* where is "PATH:LINE", or the variable in front of what the error says. The value is not quoted: it could be
 * a password. */
static bool set(const struct settings_key *key, void *base, const char *value, const char *where,
		struct error *err)
{
	if (text_has_controls(value))
		return error_set(err, ERROR_CONFIG, "%s: %s holds a control character: remove it", where,
				 key->name);
	if (!key->set(slot_of(key, base), value))
		return error_set(err, ERROR_CONFIG, "%s: %s must be %s", where, key->name, key->allowed);
	return true;
}

static struct session_settings *find_session(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->n_sessions; i++)
		if (strcmp(settings->sessions[i].name, name) == 0)
			return &settings->sessions[i];
	return NULL;
}

static struct session_settings *add_session(struct settings *settings, const char *name)
{
	settings->sessions =
		xreallocarray(settings->sessions, settings->n_sessions + 1, sizeof(*settings->sessions));
	struct session_settings *session = &settings->sessions[settings->n_sessions++];

	*session = (struct session_settings){.name = xstrdup(name)};
	return session;
}

static bool set_general(struct reading *reading, const struct ini_entry *entry, const char *where,
			struct error *err)
{
	struct settings *settings = reading->settings;
	const struct settings_key *key = settings_key_find(general_keys, n_general_keys, entry->name);

	if (key)
		return set(key, settings, entry->value, where, err);
	key = settings_key_find(session_keys, n_session_keys, entry->name);
	if (key)
		return set(key, &settings->general, entry->value, where, err);
	warn(reading, xasprintf("%s: unknown key '%s'", where, entry->name));
	return true;
}

static bool set_in_session(struct reading *reading, const char *name, const struct ini_entry *entry,
			   const char *where, struct error *err)
{
	struct settings *settings = reading->settings;
	struct session_settings *session = find_session(settings, name);
	const struct settings_key *key = settings_key_find(session_keys, n_session_keys, entry->name);

	if (!session)
		session = add_session(settings, name);
	if (!session->where || strcmp(entry->name, "start_url") == 0) {
		free(session->where);
		session->where = xasprintf("%s:%u", reading->path, entry->section_line);
	}
	if (key) {
		session->given |= 1U << (key - session_keys);
		return set(key, session, entry->value, where, err);
	}
	key = settings_key_find(definition_keys, n_definition_keys, entry->name);
	if (key)
		return set(key, session, entry->value, where, err);
	if (settings_key_find(general_keys, n_general_keys, entry->name))
		warn(reading, xasprintf("%s: '%s' counts outside of [session] only", where, entry->name));
	else
		warn(reading, xasprintf("%s: unknown key '%s'", where, entry->name));
	return true;
}

/* NULL unless the header says [session NAME]; a name with blanks in it has quotes, as in AWS's file. */
static char *session_of_header(const char *header)
{
	size_t n;
	_cleanup_free_ char **words = words_split(header, &n);

	if (!words || n != 2 || strcmp(words[0], "session") != 0 || !*words[1] || text_has_controls(words[1]))
		return NULL;
	return xstrdup(words[1]);
}

static bool on_entry(const struct ini_entry *entry, void *userdata, struct error *err)
{
	struct reading *reading = userdata;
	_cleanup_free_ char *where = xasprintf("%s:%u", reading->path, entry->line);

	if (!*entry->section)
		return set_general(reading, entry, where, err);
	_cleanup_free_ char *name = session_of_header(entry->section);
	if (name)
		return set_in_session(reading, name, entry, where, err);
	if (reading->unknown_section_line != entry->section_line)
		warn(reading, xasprintf("%s:%u: unknown section [%s]: there is only [session NAME]",
					reading->path, entry->section_line, entry->section));
	reading->unknown_section_line = entry->section_line;
	return true;
}

/* What a section leaves out has the general value, which a later file may have changed. */
static void inherit(struct settings *settings)
{
	for (size_t i = 0; i < settings->n_sessions * n_session_keys; i++) {
		struct session_settings *session = &settings->sessions[i / n_session_keys];
		const struct settings_key *key = &session_keys[i % n_session_keys];
		void *from = slot_of(key, &settings->general);

		if (session->given & 1U << (key - session_keys))
			continue;
		if (key->size == 0)
			xstrdup_to(slot_of(key, session), *(char **)from);
		else
			memcpy(slot_of(key, session), from, key->size);
	}
}

bool settings_add_file(struct settings *settings, const char *path, const char *data, size_t len,
		       struct error *err)
{
	struct reading reading = {.settings = settings, .path = path};

	if (!ini_read(path, data, len, on_entry, &reading, err))
		return false;
	inherit(settings);
	return true;
}

struct environment {
	environment_fn lookup;
	void *userdata;
};

/* An empty variable is one that is not set. */
static const char *variable(const struct environment *environment, const char *name)
{
	const char *value = environment->lookup(name, environment->userdata);

	return value && *value ? value : NULL;
}

/* IAMIC_LOGIN for "login". */
static const char *variable_of_key(const struct environment *environment, const struct settings_key *key,
				   char **ret_name)
{
	char *name = xasprintf("IAMIC_%s", key->name);

	for (char *p = name; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	*ret_name = name;
	return variable(environment, name);
}

static bool overrule(const struct environment *environment, const struct settings_key *key, void *base,
		     struct error *err)
{
	_cleanup_free_ char *name = NULL;
	const char *value = variable_of_key(environment, key, &name);

	return !value || set(key, base, value, name, err);
}

static bool overrule_all(struct settings *settings, const struct environment *environment, struct error *err)
{
	for (size_t i = 0; i < n_general_keys; i++)
		if (!overrule(environment, &general_keys[i], settings, err))
			return false;
	for (size_t i = 0; i < n_session_keys; i++) {
		if (!overrule(environment, &session_keys[i], &settings->general, err))
			return false;
		for (size_t j = 0; j < settings->n_sessions; j++)
			if (!overrule(environment, &session_keys[i], &settings->sessions[j], err))
				return false;
	}
	return true;
}

/* Sets what no file and no IAMIC_… has set from the first of two variables that is there. */
static bool fall_back(const struct environment *environment, char **slot, const char *first,
		      const char *second, struct error *err)
{
	const char *name = variable(environment, first) ? first : second;
	const char *value = name ? variable(environment, name) : NULL;

	if (*slot || !value)
		return true;
	if (text_has_controls(value))
		return error_set(err, ERROR_CONFIG, "%s holds a control character: remove it", name);
	*slot = xstrdup(value);
	return true;
}

/* what names the path in the error. */
static bool expand_home(const struct environment *environment, char **path, const char *what,
			struct error *err)
{
	const char *home = variable(environment, "HOME");

	if (!*path || **path == '/')
		return true;
	if (strncmp(*path, "~/", 2) != 0)
		return error_set(err, ERROR_CONFIG, "%s must be %s", what,
				 "an absolute path, or begin with ~/");
	if (!home || *home != '/')
		return error_set(err, ERROR_CONFIG,
				 "%s begins with ~/, but HOME is not an absolute path: set HOME", what);
	char *expanded = xasprintf("%s%s", home, *path + 1);
	free(*path);
	*path = expanded;
	return true;
}

bool settings_add_environment(struct settings *settings, environment_fn lookup, void *userdata,
			      struct error *err)
{
	const struct environment environment = {lookup, userdata};
	const char *home = variable(&environment, "HOME");

	if (!overrule_all(settings, &environment, err))
		return false;
	if (!fall_back(&environment, &settings->https_proxy, "https_proxy", "HTTPS_PROXY", err) ||
	    !fall_back(&environment, &settings->no_proxy, "no_proxy", "NO_PROXY", err) ||
	    !fall_back(&environment, &settings->ca_bundle, "AWS_CA_BUNDLE", NULL, err) ||
	    !fall_back(&environment, &settings->aws_config_file, "AWS_CONFIG_FILE", NULL, err) ||
	    !fall_back(&environment, &settings->general.browser, "BROWSER", NULL, err))
		return false;
	if (settings->https_proxy && !proxy_is_acceptable(settings->https_proxy)) /* a file's was looked at */
		return error_set(err, ERROR_CONFIG, "HTTPS_PROXY must be %s", PROXY_FORM);
	if (!settings->aws_config_file && home && *home == '/')
		settings->aws_config_file = xstrdup("~/.aws/config");
	if (!expand_home(&environment, &settings->ca_bundle, "AWS_CA_BUNDLE", err) ||
	    !expand_home(&environment, &settings->aws_config_file, "AWS_CONFIG_FILE", err))
		return false;
	inherit(settings);
	return true;
}

const struct session_settings *settings_session(const struct settings *settings, const char *name)
{
	const struct session_settings *session = name ? find_session(settings, name) : NULL;

	return session ? session : &settings->general;
}
