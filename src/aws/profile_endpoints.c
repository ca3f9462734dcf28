#include "aws/profile_endpoints.h"

#include <stdlib.h>
#include <string.h>

#include "aws/process.h"
#include "base/text.h"
#include "base/xalloc.h"

static const char services_key[] = "services", url_key[] = "endpoint_url";
static const char ignore_key[] = "ignore_configured_endpoint_urls", fips_key[] = "use_fips_endpoint";
static const char dual_stack_key[] = "use_dualstack_endpoint";

struct speaker {
	const struct config_section *profile;
	bool is_by_line;      /* it is of the session by iamic's line */
	char *session, *said; /* the names borrow them */
	unsigned next;        /* of the same session, or 0 */
	unsigned last;        /* of the same session; kept in its first */
};

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
		error_fill(err, ERROR_CONFIG,
			   "%s: there is no section [services %.100s]: add it, or remove this line", where,
			   name);
		text_make_printable(err->message);
		return false;
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

char *profile_endpoints_lost_behind_line(const struct config *config, const struct config_section *profile)
{
	_cleanup_(endpoint_options_done) struct endpoint_options said = {0}, blocks = {0};
	struct error ignored;

	if (!profile_endpoints_read(config, profile, &said, &ignored) ||
	    !read_services(config, profile, &blocks, &ignored))
		return NULL;
	if (said.ignore_configured == ENDPOINT_YES)
		return where_of(config, profile, ignore_key);
	if (said.fips == ENDPOINT_YES || said.dual_stack == ENDPOINT_YES)
		return where_of(config, profile, said.fips == ENDPOINT_YES ? fips_key : dual_stack_key);
	if ((said.service[AWS_SSO_OIDC].url && !blocks.service[AWS_SSO_OIDC].url) ||
	    (said.service[AWS_SSO].url && !blocks.service[AWS_SSO].url))
		return where_of(config, profile, url_key);
	return NULL;
}

/* ---- which profiles of a session say something ---- */

/*
 * Fills session and is_by_line: by a line of iamic's, unless that leads back to the profile's own keys, else
 * by these.
 */
static void find_session(struct speaker *speaker)
{
	const char *name = config_section_get(speaker->profile, "sso_session");
	const char *line = config_section_get(speaker->profile, "credential_process");
	_cleanup_(process_freep) struct process *process = NULL;
	struct error ignored;

	speaker->is_by_line = process_overrules(speaker->profile);
	if (!name)
		name = config_section_get(speaker->profile, "sso_start_url");
	if (speaker->is_by_line)
		name = process_parse(line, "", &process, &ignored) && process ? process->target.session
									      : NULL;
	speaker->session = xstrdup_or_null(name);
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
 * What a profile says for its session. Behind a line of iamic's its keys are for what its SDK calls, but for
 * the blocks of the two services that no SDK calls then.
 */
static bool read_for_session(const struct config *config, const struct speaker *speaker,
			     struct endpoint_options *ret, struct error *err)
{
	_cleanup_(endpoint_options_done) struct endpoint_options said = {0};
	struct error ignored;

	if (!speaker->is_by_line)
		return profile_endpoints_read(config, speaker->profile, ret, err);
	if (!read_services(config, speaker->profile, &said, &ignored))
		return true;
	ret->service[AWS_SSO_OIDC] = said.service[AWS_SSO_OIDC];
	ret->service[AWS_SSO] = said.service[AWS_SSO];
	said.service[AWS_SSO_OIDC] = said.service[AWS_SSO] = (struct endpoint_address){0};
	return true;
}

/*
 * What the profiles of a session must agree on, and which other services this one speaks of: who says the
 * same need not be heard again. No address has a '\r' in it, for a line ends there. NULL for nothing.
 */
static char *what_is_said(const struct config *config, const struct speaker *speaker)
{
	_cleanup_(endpoint_options_done) struct endpoint_options said = {0};
	unsigned services = 0;
	struct error ignored;

	/* Whoever asks for the session hears why. */
	if (!read_for_session(config, speaker, &said, &ignored))
		return xasprintf("%s\r%s", speaker->session,
				 config_section_get(speaker->profile, services_key));
	for (size_t i = 0; i < AWS_SERVICE_COUNT; i++)
		services |= said.service[i].url ? 1U << i : 0;
	if (!services && !said.ignore_configured && !said.fips && !said.dual_stack)
		return NULL;
	const char *oidc = said.service[AWS_SSO_OIDC].url, *portal = said.service[AWS_SSO].url;
	return xasprintf("%s\r%s\r%s\r%u %d %d %d", speaker->session, oidc ? oidc : "", portal ? portal : "",
			 services, said.ignore_configured, said.fips, said.dual_stack);
}

static void append(struct profile_endpoints *all, struct speaker speaker)
{
	unsigned i = (unsigned)all->n, first;

	if (all->n == all->capacity) {
		all->capacity = all->capacity ? all->capacity * 2 : 8;
		all->speakers = xreallocarray(all->speakers, all->capacity, sizeof(*all->speakers));
	}
	speaker.last = i;
	all->speakers[all->n++] = speaker;
	if (names_add(&all->sessions, speaker.session, i) ||
	    !names_find(&all->sessions, speaker.session, &first))
		return;
	all->speakers[all->speakers[first].last].next = i;
	all->speakers[first].last = i;
}

void profile_endpoints_add(struct profile_endpoints *all, const struct config *config,
			   const struct config_section *profile)
{
	struct speaker speaker = {.profile = profile};

	if (!has_a_key(profile))
		return;
	find_session(&speaker);
	speaker.said = speaker.session ? what_is_said(config, &speaker) : NULL;
	if (speaker.said && names_add(&all->said, speaker.said, 0)) {
		append(all, speaker);
		return;
	}
	free(speaker.session);
	free(speaker.said);
}

void profile_endpoints_done(struct profile_endpoints *all)
{
	for (size_t i = 0; i < all->n; i++) {
		free(all->speakers[i].session);
		free(all->speakers[i].said);
	}
	free(all->speakers);
	names_done(&all->said);
	names_done(&all->sessions);
	*all = (struct profile_endpoints){0};
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

static bool hear(struct council *council, const struct speaker *speaker, struct error *err)
{
	const struct config_section *profile = speaker->profile;
	_cleanup_(endpoint_options_done) struct endpoint_options said = {0};
	struct endpoint_options *agreed = &council->agreed;

	return read_for_session(council->config, speaker, &said, err) &&
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
		if (!hear(council, &all->speakers[i], err))
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
