#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/legacy.h"
#include "aws/name_text.h"
#include "aws/profile_endpoints.h"
#include "aws/region.h"
#include "aws/strip.h"
#include "aws/target.h"
#include "aws/url.h"
#include "base/text.h"
#include "base/xalloc.h"

#define SCOPE_DEFAULT "sso:account:access"
#define SCOPES_MAX    32
#define PORT_MAX      65535

struct sso_session *sso_session_free(struct sso_session *session)
{
	if (!session)
		return NULL;
	free(session->name);
	free(session->start_url);
	free(session->region);
	for (char **scope = session->scopes; scope && *scope; scope++)
		free(*scope);
	free(session->scopes);
	free(session->where);
	endpoint_options_done(&session->endpoints);
	free(session);
	return NULL;
}

static bool has_scope(char *const *scopes, const char *scope)
{
	for (; *scopes; scopes++)
		if (strcmp(*scopes, scope) == 0)
			return true;
	return false;
}

/* RFC 6749 3.3: printable ASCII without '"' and '\'. */
static bool scope_is_valid(const char *scope)
{
	for (; *scope; scope++)
		if (*scope < '!' || *scope > '~' || *scope == '"' || *scope == '\\')
			return false;
	return true;
}

/* The one that a token cannot do without, then those of text (or NULL): each once. */
static bool read_scopes(const char *text, const char *where, char ***slot, struct error *err)
{
	_cleanup_free_ char *copy = xstrdup(text ? text : "");
	char *rest = copy, *word;
	size_t n = 1;

	*slot = xcalloc(SCOPES_MAX + 1, sizeof(**slot));
	(*slot)[0] = xstrdup(SCOPE_DEFAULT);
	while ((word = strsep(&rest, ","))) {
		word = strip_text(word);
		if (!*word || has_scope(*slot, word))
			continue;
		if (!scope_is_valid(word) || n == SCOPES_MAX)
			return error_set(err, ERROR_CONFIG,
					 "%s: scopes must be up to %d words with commas between them, such "
					 "as " SCOPE_DEFAULT,
					 where, SCOPES_MAX);
		(*slot)[n++] = xstrdup(word);
	}
	return true;
}

static bool read_redirect_port(const char *text, const char *where, int *ret, struct error *err)
{
	int port = 0;

	for (const char *p = text; *p >= '0' && *p <= '9' && port <= PORT_MAX; p++)
		port = port * 10 + (*p - '0');
	if (text[strspn(text, "0123456789")] != '\0' || port < 1 || port > PORT_MAX)
		return error_set(err, ERROR_CONFIG, "%s: sso_redirect_port must be a number from 1 to %d",
				 where, PORT_MAX);
	*ret = port;
	return true;
}

static bool read_use_device_code(const char *text, const char *where, bool *ret, struct error *err)
{
	*ret = strcasecmp(text, "true") == 0;
	if (!*ret && strcasecmp(text, "false") != 0)
		return error_set(err, ERROR_CONFIG, "%s: sso_use_device_code must be true or false", where);
	return true;
}

/* Both are in the session already. */
static bool check_address(const struct sso_session *session, const char *url_where, const char *region_where,
			  struct error *err)
{
	if (!url_is_acceptable(session->start_url))
		return error_set(
			err, ERROR_CONFIG,
			"%s: the start URL must be an https:// address (http:// only for a loopback host) "
			"without user name, blanks and comment",
			url_where);
	return region_check(session->region, region_where, err);
}

static char *where_of(const struct config *config, unsigned line)
{
	return xasprintf("%s:%u", config_path(config), line);
}

/* The keys that stand in [sso-session NAME] and in legacy profiles. */
static bool read_address(const struct config *config, const struct config_section *section,
			 struct sso_session *session, struct error *err)
{
	const struct config_key *url = config_section_key(section, "sso_start_url");
	const struct config_key *region = config_section_key(section, "sso_region");

	if (!url || !region)
		return error_set(err, ERROR_CONFIG, "%s: %s '%.100s' lacks %s: add it to this section",
				 session->where, session->is_legacy ? "profile" : "session", section->name,
				 url ? "sso_region" : "sso_start_url");
	_cleanup_free_ char *url_where = where_of(config, url->line),
			    *region_where = where_of(config, region->line);
	session->start_url = xstrdup(url->value);
	session->region = xstrdup(region->value);
	return check_address(session, url_where, region_where, err);
}

static bool read_options(const struct config *config, const struct config_section *section,
			 const char *own_scopes, struct sso_session *session, struct error *err)
{
	const struct config_key *scopes = config_section_key(section, "sso_registration_scopes");
	const struct config_key *port = config_section_key(section, "sso_redirect_port");
	const struct config_key *device_code = config_section_key(section, "sso_use_device_code");
	_cleanup_free_ char *scopes_where = scopes ? where_of(config, scopes->line) : NULL;
	_cleanup_free_ char *port_where = port ? where_of(config, port->line) : NULL;
	_cleanup_free_ char *device_where = device_code ? where_of(config, device_code->line) : NULL;

	if (!read_scopes(scopes ? scopes->value : own_scopes, scopes ? scopes_where : session->where,
			 &session->scopes, err))
		return false;
	if (port && !read_redirect_port(port->value, port_where, &session->redirect_port, err))
		return false;
	return !device_code ||
	       read_use_device_code(device_code->value, device_where, &session->use_device_code, err);
}

/* A [session NAME] of iamic's own file, or NULL. */
static const struct session_settings *find_own(const struct settings *settings, const char *name)
{
	const struct session_settings *own = settings_session(settings, name);

	return own->name ? own : NULL;
}

static bool from_section(const struct config *config, const struct config_section *section,
			 const struct session_settings *own, struct sso_session **ret, struct error *err)
{
	_cleanup_(sso_session_freep) struct sso_session *session = xcalloc(1, sizeof(*session));

	session->name = xstrdup(section->name);
	session->where = where_of(config, section->line);
	if (!read_address(config, section, session, err))
		return false;
	if (own && own->start_url && strcmp(own->start_url, session->start_url) != 0)
		return error_set(err, ERROR_CONFIG,
				 "session '%.100s' has different start URLs in %s and %s: remove one of them",
				 session->name, session->where, own->where);
	if (!read_options(config, section, own ? own->scopes : NULL, session, err))
		return false;
	*ret = TAKE(session);
	return true;
}

static bool from_proposal(const struct session_proposal *proposal, const char *where,
			  struct sso_session **ret, struct error *err)
{
	_cleanup_(sso_session_freep) struct sso_session *session = xcalloc(1, sizeof(*session));

	session->name = xstrdup(proposal->name);
	session->where = xstrdup(where);
	session->start_url = xstrdup(proposal->start_url);
	session->region = xstrdup(proposal->region);
	if (!check_address(session, where, where, err) ||
	    !read_scopes(proposal->scopes, where, &session->scopes, err))
		return false;
	*ret = TAKE(session);
	return true;
}

static bool from_own(const struct session_settings *own, struct sso_session **ret, struct error *err)
{
	const struct session_proposal proposal = {own->name, own->start_url, own->region, own->scopes};

	if (!own->region)
		return error_set(err, ERROR_CONFIG,
				 "%s: session '%.100s' lacks region: add it to this section", own->where,
				 own->name);
	return from_proposal(&proposal, own->where, ret, err);
}

static bool from_legacy(const struct config *config, const struct legacy_session *legacy,
			const struct session_settings *own, struct sso_session **ret, struct error *err)
{
	_cleanup_(sso_session_freep) struct sso_session *session = xcalloc(1, sizeof(*session));

	if (legacy->other)
		return error_set(err, ERROR_CONFIG,
				 "%s:%u and line %u: profiles '%.64s' and '%.64s' have one sso_start_url but "
				 "different "
				 "sso_region: write the same in both",
				 config_path(config), legacy->profile->line, legacy->other->line,
				 legacy->profile->name, legacy->other->name);
	session->is_legacy = true;
	session->name = xstrdup(legacy->start_url);
	session->where = where_of(config, legacy->profile->line);
	if (!read_address(config, legacy->profile, session, err) ||
	    !read_scopes(own ? own->scopes : NULL, session->where, &session->scopes, err))
		return false;
	*ret = TAKE(session);
	return true;
}

static void free_names(char **names)
{
	for (char **name = names; *name; name++)
		free(*name);
	free(names);
}

static void add_names(char *const *names, struct name_text *text)
{
	for (; *names; names++)
		name_text_add(text, *names);
}

/* A person who types the name of a profile is told how to say that; one who mistypes it, what there is. */
static bool refuse_unknown(const struct config *config, const struct settings *settings, const char *name,
			   struct error *err)
{
	struct name_text there = {0};
	char **names;
	size_t n;

	if (config_find(config, CONFIG_PROFILE, name)) {
		_cleanup_free_ char *word = shell_word(name);

		return error_set(err, ERROR_CONFIG, SSO_SESSION_PROFILE, name, config_path(config), word);
	}
	names = sso_session_names(config, settings, &n);
	add_names(names, &there);
	free_names(names);
	if (n > 0)
		return error_set(err, ERROR_CONFIG, SSO_SESSION_UNKNOWN, name, config_path(config),
				 name_text_end(&there));
	return error_set(err, ERROR_CONFIG,
			 "session '%.100s' is not in %s, nor is any other: run 'iamic configure'", name,
			 config_path(config));
}

static bool resolve_only(const struct config *config, const struct settings *settings,
			 struct sso_session **ret, struct error *err);

static bool define(const struct config *config, const struct settings *settings, const char *name,
		   struct sso_session **ret, struct error *err)
{
	const struct config_section *section = config_find(config, CONFIG_SSO_SESSION, name);
	const struct session_settings *own = find_own(settings, name);
	const struct legacy_session *legacy = legacy_find(config_legacy(config), name);
	if (text_has_controls(name))
		return error_set(
			err, ERROR_CONFIG,
			"the name of session '%.100s' holds a control character: give it another name", name);
	if (section)
		return from_section(config, section, own, ret, err);
	if (own && own->start_url)
		return from_own(own, ret, err);
	if (legacy)
		return from_legacy(config, legacy, own, ret, err);
	return refuse_unknown(config, settings, name, err);
}

static bool resolve(const struct config *config, const struct settings *settings, const char *name,
		    struct sso_session **ret, struct error *err)
{
	_cleanup_(sso_session_freep) struct sso_session *session = NULL;

	if (!name)
		return resolve_only(config, settings, ret, err);
	if (!define(config, settings, name, &session, err) ||
	    !profile_endpoints_of_session(config, name, &session->endpoints, err))
		return false;
	*ret = TAKE(session);
	return true;
}

static bool resolve_only(const struct config *config, const struct settings *settings,
			 struct sso_session **ret, struct error *err)
{
	size_t n;
	char **names = sso_session_names(config, settings, &n);
	struct name_text there = {0};
	bool ok;

	add_names(names, &there);
	if (n == 0)
		ok = error_set(err, ERROR_CONFIG, SSO_SESSION_NONE, config_path(config));
	else if (n > 1)
		ok = error_set(
			err, ERROR_CONFIG,
			"there are several sessions, name one (iamic-login NAME, --sso-session NAME): %s",
			name_text_end(&there));
	else
		ok = resolve(config, settings, names[0], ret, err);
	free_names(names);
	return ok;
}

bool sso_session_resolve(const struct config *config, const struct settings *settings, const char *name,
			 struct sso_session **ret, struct error *err)
{
	if (resolve(config, settings, name, ret, err))
		return true;
	text_make_printable(err->message);
	return false;
}

/* What makes a token good for one and not for the other. */
static bool is_as_proposed(const struct sso_session *session, const struct session_proposal *proposal)
{
	return strcmp(session->start_url, proposal->start_url) == 0 &&
	       strcmp(session->region, proposal->region) == 0;
}

static bool propose(const struct config *config, const struct settings *settings,
		    const struct session_proposal *proposal, struct sso_session **ret, struct error *err)
{
	_cleanup_(sso_session_freep) struct sso_session *there = NULL, *session = NULL;
	struct error none;

	if (text_has_controls(proposal->name))
		return error_set(err, ERROR_CONFIG, "the name of session '%.100s' holds a control character",
				 proposal->name);
	if (!from_proposal(proposal, "the new session", &session, err))
		return false;
	if (resolve(config, settings, proposal->name, &there, &none) && !is_as_proposed(there, proposal))
		return error_set(err, ERROR_CONFIG,
				 "session '%.100s' is there already with another start URL or region (%s): "
				 "choose another name",
				 there->name, there->where);
	if (!profile_endpoints_of_session(config, proposal->name, &session->endpoints, err))
		return false;
	*ret = TAKE(session);
	return true;
}

bool sso_session_propose(const struct config *config, const struct settings *settings,
			 const struct session_proposal *proposal, struct sso_session **ret, struct error *err)
{
	if (propose(config, settings, proposal, ret, err))
		return true;
	text_make_printable(err->message);
	return false;
}

struct name_list {
	struct names seen;
	char **names;
	size_t n, capacity;
};

static void add_name(struct name_list *list, const char *name)
{
	if (!names_add(&list->seen, name, 0))
		return;
	if (list->n + 1 >= list->capacity) {
		list->capacity = list->capacity ? list->capacity * 2 : 8;
		list->names = xreallocarray(list->names, list->capacity, sizeof(*list->names));
	}
	list->names[list->n++] = xstrdup(name);
}

char **sso_session_names(const struct config *config, const struct settings *settings, size_t *ret_n)
{
	const struct legacy *legacy = config_legacy(config);
	const struct config_section *section;
	struct name_list list = {0};

	for (size_t i = 0; (section = config_nth(config, CONFIG_SSO_SESSION, i)); i++)
		add_name(&list, section->name);
	for (size_t i = 0; i < settings->n_sessions; i++)
		if (settings->sessions[i].start_url)
			add_name(&list, settings->sessions[i].name);
	for (size_t i = 0; i < legacy->n; i++)
		add_name(&list, legacy->sessions[i].start_url);
	names_done(&list.seen);
	list.names = xreallocarray(list.names, list.n + 1, sizeof(*list.names));
	list.names[list.n] = NULL;
	*ret_n = list.n;
	return list.names;
}
