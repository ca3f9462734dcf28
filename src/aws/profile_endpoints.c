#include "aws/profile_endpoints.h"

#include <stdlib.h>
#include <string.h>

#include "aws/process.h"
#include "base/xalloc.h"

static const char services_key[] = "services", url_key[] = "endpoint_url";
static const char ignore_key[] = "ignore_configured_endpoint_urls", fips_key[] = "use_fips_endpoint";
static const char dual_stack_key[] = "use_dualstack_endpoint";

struct speaker {
	const struct config_section *profile;
	char *said;    /* the session and what the profile says: the names borrow it */
	unsigned next; /* of the same session, or 0 */
	unsigned last; /* of the same session; kept in its first */
};

/* ---- which profiles of a session say something ---- */

/* The session that a profile's own keys name, or NULL. */
static const char *session_of(const struct config_section *profile)
{
	const char *name = config_section_get(profile, "sso_session");

	return name ? name : config_section_get(profile, "sso_start_url");
}

static bool has_a_key(const struct config_section *profile)
{
	const char *const keys[] = {services_key, url_key, ignore_key, fips_key, dual_stack_key};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (config_section_key(profile, keys[i]))
			return true;
	return false;
}

/*
 * What the profiles of a session must agree on, and which other services this one speaks of: who says the
 * same need not be heard again. No address has a '\r' in it, for a line ends there. NULL for nothing.
 */
static char *what_is_said(const struct config *config, const struct config_section *profile,
			  const char *session)
{
	_cleanup_(endpoint_options_done) struct endpoint_options said = {0};
	unsigned services = 0;
	struct error ignored;

	if (!has_a_key(profile))
		return NULL;
	/* Whoever asks for the session hears why. */
	if (!profile_endpoints_read(config, profile, &said, &ignored))
		return xasprintf("%s\r%s", session, config_section_get(profile, services_key));
	for (size_t i = 0; i < AWS_SERVICE_COUNT; i++)
		services |= said.service[i].url ? 1U << i : 0;
	if (!services && !said.ignore_configured && !said.fips && !said.dual_stack)
		return NULL;
	const char *oidc = said.service[AWS_SSO_OIDC].url, *portal = said.service[AWS_SSO].url;
	return xasprintf("%s\r%s\r%s\r%u %d %d %d", session, oidc ? oidc : "", portal ? portal : "", services,
			 said.ignore_configured, said.fips, said.dual_stack);
}

static void append(struct profile_endpoints *all, const char *session, struct speaker speaker)
{
	unsigned i = (unsigned)all->n, first;

	if (all->n == all->capacity) {
		all->capacity = all->capacity ? all->capacity * 2 : 8;
		all->speakers = xreallocarray(all->speakers, all->capacity, sizeof(*all->speakers));
	}
	speaker.last = i;
	all->speakers[all->n++] = speaker;
	if (names_add(&all->sessions, session, i) || !names_find(&all->sessions, session, &first))
		return;
	all->speakers[all->speakers[first].last].next = i;
	all->speakers[first].last = i;
}

void profile_endpoints_add(struct profile_endpoints *all, const struct config *config,
			   const struct config_section *profile)
{
	const char *session = session_of(profile);
	char *said = session ? what_is_said(config, profile, session) : NULL;

	if (said && !process_overrules(profile) && names_add(&all->said, said, 0))
		append(all, session, (struct speaker){.profile = profile, .said = said});
	else
		free(said);
}

void profile_endpoints_done(struct profile_endpoints *all)
{
	for (size_t i = 0; i < all->n; i++)
		free(all->speakers[i].said);
	free(all->speakers);
	names_done(&all->said);
	names_done(&all->sessions);
	*all = (struct profile_endpoints){0};
}

/* ---- what one profile says ---- */

static char *where_of(const struct config *config, const struct config_section *section, const char *name)
{
	const struct config_key *key = config_section_key(section, name);

	return xasprintf("%s:%u: %s", config_path(config), key ? key->line : section->line, name);
}

static enum endpoint_choice choice_of(const struct config_section *profile, const char *name)
{
	return endpoint_choice_parse(config_section_get(profile, name));
}

/* An empty address says nothing. */
static void read_blocks(const struct config *config, const struct config_section *services,
			struct endpoint_options *ret)
{
	for (size_t i = 0; i < AWS_SERVICE_COUNT; i++) {
		const char *block = endpoint_block((enum aws_service)i);
		_cleanup_free_ char *url = config_section_nested(services, block, url_key);

		if (!url || !*url)
			continue;
		_cleanup_free_ char *where = where_of(config, services, block);
		ret->service[i].where = xasprintf("%s: %s", where, url_key);
		ret->service[i].url = TAKE(url);
	}
}

static bool read_services(const struct config *config, const struct config_section *profile,
			  struct endpoint_options *ret, struct error *err)
{
	const char *name = config_section_get(profile, services_key);
	const struct config_section *services;

	if (!name || !*name)
		return true;
	services = config_find(config, CONFIG_SERVICES, name);
	if (!services) {
		_cleanup_free_ char *where = where_of(config, profile, services_key);
		return error_set(err, ERROR_CONFIG,
				 "%s: there is no section [services %.100s]: add it, or remove this line",
				 where, name);
	}
	read_blocks(config, services, ret);
	return true;
}

/*
 * For services that have none of their own. Not for the console's sign-in page: it is sent a role's keys as
 * they are, and whoever writes endpoint_url thinks of what an SDK calls, which gets no more than a signature.
 */
static void read_url(const struct config *config, const struct config_section *profile,
		     struct endpoint_options *ret)
{
	const char *url = config_section_get(profile, url_key);

	for (size_t i = 0; url && *url && i < AWS_SERVICE_COUNT; i++) {
		if (!ret->service[i].url && i != AWS_SIGNIN)
			ret->service[i] =
				(struct endpoint_address){xstrdup(url), where_of(config, profile, url_key)};
	}
}

bool profile_endpoints_read(const struct config *config, const struct config_section *profile,
			    struct endpoint_options *ret, struct error *err)
{
	struct endpoint_options options = {
		.ignore_configured = choice_of(profile, ignore_key),
		.fips = choice_of(profile, fips_key),
		.dual_stack = choice_of(profile, dual_stack_key),
	};

	if (!read_services(config, profile, &options, err)) {
		endpoint_options_done(&options);
		return false;
	}
	read_url(config, profile, &options);
	*ret = options;
	return true;
}

/* ---- what the profiles of a session say together ---- */

enum choice_key { IGNORE, FIPS, DUAL_STACK, CHOICES };
static const char *const choice_keys[CHOICES] = {ignore_key, fips_key, dual_stack_key};

struct council {
	const struct config *config;
	const char *session;
	struct endpoint_options agreed;
	const struct config_section *chose[CHOICES]; /* who said it first */
};

static bool refuse(const struct council *council, const char *one, const char *other, struct error *err)
{
	return error_set(err, ERROR_CONFIG,
			 "%s and %s contradict each other, but session '%.64s' has one address for all its "
			 "profiles: write the same in both, or give them a session each",
			 one, other, council->session);
}

static bool agree_on_choice(struct council *council, enum choice_key key, enum endpoint_choice *agreed,
			    enum endpoint_choice said, const struct config_section *profile,
			    struct error *err)
{
	if (said == ENDPOINT_UNSAID || said == *agreed)
		return true;
	if (*agreed == ENDPOINT_UNSAID) {
		*agreed = said;
		council->chose[key] = profile;
		return true;
	}
	_cleanup_free_ char *one = where_of(council->config, council->chose[key], choice_keys[key]),
			    *other = where_of(council->config, profile, choice_keys[key]);
	return refuse(council, one, other, err);
}

static bool agree_on_address(struct council *council, enum aws_service service,
			     const struct endpoint_options *said, struct error *err)
{
	const struct endpoint_address *address = &said->service[service];
	struct endpoint_address *agreed = &council->agreed.service[service];

	if (!address->url || said->ignore_configured == ENDPOINT_YES)
		return true;
	if (!agreed->url) {
		*agreed = (struct endpoint_address){xstrdup(address->url), xstrdup(address->where)};
		return true;
	}
	/* A role's own calls are nothing that a token is bound to. */
	return (service != AWS_SSO_OIDC && service != AWS_SSO) || strcmp(agreed->url, address->url) == 0 ||
	       refuse(council, agreed->where, address->where, err);
}

static bool agree_on_addresses(struct council *council, const struct endpoint_options *said,
			       struct error *err)
{
	for (size_t i = 0; i < AWS_SERVICE_COUNT; i++) {
		if (!agree_on_address(council, (enum aws_service)i, said, err))
			return false;
	}
	return true;
}

static bool hear(struct council *council, const struct config_section *profile, struct error *err)
{
	_cleanup_(endpoint_options_done) struct endpoint_options said = {0};
	struct endpoint_options *agreed = &council->agreed;

	return profile_endpoints_read(council->config, profile, &said, err) &&
	       agree_on_choice(council, IGNORE, &agreed->ignore_configured, said.ignore_configured, profile,
			       err) &&
	       agree_on_choice(council, FIPS, &agreed->fips, said.fips, profile, err) &&
	       agree_on_choice(council, DUAL_STACK, &agreed->dual_stack, said.dual_stack, profile, err) &&
	       agree_on_addresses(council, &said, err);
}

/* One profile has its own addresses ignored, another has some. */
static bool check_ignored(const struct council *council, struct error *err)
{
	const struct endpoint_address *oidc = &council->agreed.service[AWS_SSO_OIDC],
				      *portal = &council->agreed.service[AWS_SSO];

	if (council->agreed.ignore_configured != ENDPOINT_YES || (!oidc->url && !portal->url))
		return true;
	_cleanup_free_ char *where = where_of(council->config, council->chose[IGNORE], ignore_key);
	return refuse(council, where, oidc->url ? oidc->where : portal->where, err);
}

static bool hear_all(struct council *council, struct error *err)
{
	const struct profile_endpoints *all = config_endpoints(council->config);
	unsigned i;

	if (!names_find(&all->sessions, council->session, &i))
		return true;
	do {
		if (!hear(council, all->speakers[i].profile, err))
			return false;
		i = all->speakers[i].next;
	} while (i);
	return check_ignored(council, err);
}

bool profile_endpoints_of_session(const struct config *config, const char *session,
				  struct endpoint_options *ret, struct error *err)
{
	struct council council = {.config = config, .session = session};

	if (!hear_all(&council, err)) {
		endpoint_options_done(&council.agreed);
		return false;
	}
	*ret = council.agreed;
	return true;
}
