#include "aws/assumption.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/arn.h"
#include "aws/profile_endpoints.h"
#include "aws/region.h"
#include "aws/url.h"
#include "base/text.h"
#include "base/xalloc.h"

#define LETTERS              "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
#define SESSION_NAME_DEFAULT "iamic"
#define TAGS_MAX             50
#define TAG_KEY_MAX          128
#define TAG_VALUE_MAX        256
/* Action, Version, RoleArn, four keys of a profile; a key and a value for each tag, a key for each that is
 * transitive. */
#define FIELDS_MAX     (7 + 3 * TAGS_MAX)
#define FIELD_NAME_MAX sizeof("TransitiveTagKeys.member.50")

/* The fields of the form in the order in which they are sent. Starts as {0}. */
struct form {
	const char *pairs[2 * FIELDS_MAX + 1]; /* names and values: static, the section's, or of owned */
	size_t n;
	char names[3 * TAGS_MAX][FIELD_NAME_MAX];
	size_t n_names;
	char *tags, *transitive; /* cut to strings in place */
};

struct place {
	const struct config *config;
	const struct config_section *profile;
	const struct config_key *key;
};

static void form_done(struct form *form)
{
	free(form->tags);
	free(form->transitive);
}

struct assumption *assumption_free(struct assumption *assumption)
{
	while (assumption) {
		struct assumption *source = assumption->source;

		free(assumption->role_arn);
		free(assumption->role_name);
		free(assumption->form);
		free(assumption->region);
		endpoint_options_done(&assumption->endpoints);
		free(assumption);
		assumption = source;
	}
	return NULL;
}

static void add(struct form *form, const char *name, const char *value)
{
	form->pairs[2 * form->n] = name;
	form->pairs[2 * form->n + 1] = value;
	form->n++;
}

static void begin(struct form *form, const char *role_arn, const char *session_name)
{
	add(form, "Action", "AssumeRole");
	add(form, "Version", "2011-06-15");
	add(form, "RoleArn", role_arn);
	add(form, "RoleSessionName", session_name);
}

/* NULL if the ARN is none of a role. */
static struct assumption *with_form(const char *role_arn, const struct form *form)
{
	_cleanup_(assumption_freep) struct assumption *assumption = xcalloc(1, sizeof(*assumption));
	_cleanup_free_ char *query = url_with_query("", form->pairs);

	if (!arn_is_role(role_arn, assumption->account_id, &assumption->role_name))
		return NULL;
	assumption->role_arn = xstrdup(role_arn);
	assumption->form = xstrdup(query + 1); /* without its '?' */
	return TAKE(assumption);
}

struct assumption *assumption_new(const char *role_arn)
{
	struct form form = {0};

	begin(&form, role_arn, SESSION_NAME_DEFAULT);
	return with_form(role_arn, &form);
}

/* ---- a profile's keys ---- */

static bool refuse(const struct place *place, const char *why, struct error *err)
{
	return error_set(err, ERROR_CONFIG, "%s:%u: %s in profile '%.64s' %s", config_path(place->config),
			 place->key->line, place->key->name, place->profile->name, why);
}

static bool find(struct place *place, const char *name)
{
	place->key = config_section_key(place->profile, name);
	return place->key;
}

/* What iamic cannot do for a profile, and whoever wrote it should know. */
static bool check_unserved(struct place *place, struct error *err)
{
	static const struct {
		const char *name, *why;
	} unserved[] = {
		{"credential_source",
		 "takes credentials of this machine, and iamic has none but those of sign-ins: use "
		 "source_profile instead"},
		{"mfa_serial",
		 "asks for a code, and there is nobody to be asked while credentials are fetched: remove it, "
		 "and let Identity Center ask at the sign-in"},
		{"web_identity_token_file",
		 "belongs to AssumeRoleWithWebIdentity, which iamic does not do: use source_profile instead"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(unserved); i++) {
		if (find(place, unserved[i].name))
			return refuse(place, unserved[i].why, err);
	}
	return true;
}

/* A key whose value is of min to max of these characters, if it is there. */
static bool read_text(struct place *place, const char *key, const char *allowed, size_t min, size_t max,
		      const char *usual, const char **ret, struct error *err)
{
	char why[200];
	size_t n;

	*ret = usual;
	if (!find(place, key))
		return true;
	n = strspn(place->key->value, allowed);
	*ret = place->key->value;
	if (n >= min && n <= max && !place->key->value[n])
		return true;
	snprintf(why, sizeof(why), "must be %zu to %zu of A-Z a-z 0-9 _ %s", min, max,
		 strchr(allowed, ':') ? "+ = , . @ : / -" : "+ = , . @ -");
	return refuse(place, why, err);
}

/* Roles of Identity Center are assumed roles themselves: whatever is assumed from them is chained. */
static bool read_duration(struct place *place, struct form *form, struct error *err)
{
	const char *text;
	size_t n;
	long seconds;

	if (!find(place, "duration_seconds"))
		return true;
	text = place->key->value;
	n = strspn(text, "0123456789");
	seconds = n > 0 && n < 9 && !text[n] ? strtol(text, NULL, 10) : 0;
	if (seconds > 3600)
		return refuse(place,
			      "is more than the hour (3600) that AWS allows for a role assumed from another "
			      "role, as those of Identity Center are: remove it; iamic renews in time",
			      err);
	if (seconds < 900)
		return refuse(place, "must be a number of seconds from 900 to 3600", err);
	add(form, "DurationSeconds", text);
	return true;
}

static char *trim(char *text)
{
	size_t n;

	text += strspn(text, " \t\n");
	n = strlen(text);
	while (n > 0 && strchr(" \t\n", text[n - 1]))
		text[--n] = '\0';
	return text;
}

/* "TransitiveTagKeys.member.2" */
static const char *field_name(struct form *form, const char *format, size_t n, const char *part)
{
	char *name = form->names[form->n_names++];

	snprintf(name, FIELD_NAME_MAX, "%s.member.%zu%s", format, n, part);
	return name;
}

static bool is_tag_text(const char *text, size_t min, size_t max)
{
	size_t n = strlen(text);

	return n >= min && n <= max && !text_has_controls(text);
}

/* "team = payments, cost-center = 12" */
static bool read_tags(struct place *place, struct form *form, struct error *err)
{
	char *item, *rest;

	if (!find(place, "session_tags"))
		return true;
	rest = form->tags = xstrdup(place->key->value);
	for (size_t n = 1; (item = strsep(&rest, ",")); n++) {
		char *value = item, *key = strsep(&value, "=");

		key = trim(key);
		value = value ? trim(value) : NULL;
		if (n > TAGS_MAX || !value || !is_tag_text(key, 1, TAG_KEY_MAX) ||
		    !is_tag_text(value, 0, TAG_VALUE_MAX))
			return refuse(place, "must be up to 50 tags, such as team=payments,cost-center=12",
				      err);
		add(form, field_name(form, "Tags", n, ".Key"), key);
		add(form, field_name(form, "Tags", n, ".Value"), value);
	}
	return true;
}

/* "team, cost-center" */
static bool read_transitive(struct place *place, struct form *form, struct error *err)
{
	char *item, *rest;

	if (!find(place, "transitive_session_tags"))
		return true;
	rest = form->transitive = xstrdup(place->key->value);
	for (size_t n = 1; (item = strsep(&rest, ",")); n++) {
		item = trim(item);
		if (n > TAGS_MAX || !is_tag_text(item, 1, TAG_KEY_MAX))
			return refuse(place, "must be keys of up to 50 tags, such as team,cost-center", err);
		add(form, field_name(form, "TransitiveTagKeys", n, ""), item);
	}
	return true;
}

static bool read_region(struct place *place, char **ret, struct error *err)
{
	if (!find(place, "region") || !*place->key->value)
		return true;
	_cleanup_free_ char *where = xasprintf("%s:%u", config_path(place->config), place->key->line);
	if (!region_check(place->key->value, where, err))
		return false;
	*ret = xstrdup(place->key->value);
	return true;
}

static bool read_form(struct place *place, const char *role_arn, struct form *form, struct error *err)
{
	const char *session_name, *external_id, *identity;

	if (!read_text(place, "role_session_name", LETTERS "+=,.@-", 2, 64, SESSION_NAME_DEFAULT,
		       &session_name, err) ||
	    !read_text(place, "external_id", LETTERS "+=,.@:/-", 2, 1224, NULL, &external_id, err) ||
	    !read_text(place, "source_identity", LETTERS "+=,.@-", 2, 64, NULL, &identity, err))
		return false;
	begin(form, role_arn, session_name);
	if (external_id)
		add(form, "ExternalId", external_id);
	if (identity)
		add(form, "SourceIdentity", identity);
	return read_duration(place, form, err) && read_tags(place, form, err) &&
	       read_transitive(place, form, err);
}

bool assumption_read(const struct config *config, const struct config_section *profile,
		     struct assumption **ret, struct error *err)
{
	struct place place = {.config = config, .profile = profile};
	const struct config_key *role_arn = config_section_key(profile, "role_arn");
	_cleanup_(assumption_freep) struct assumption *assumption = NULL;
	_cleanup_(form_done) struct form form = {0};

	if (!check_unserved(&place, err) || !read_form(&place, role_arn->value, &form, err))
		return false;
	assumption = with_form(role_arn->value, &form);
	place.key = role_arn;
	if (!assumption)
		return refuse(&place, "must be the ARN of a role: arn:aws:iam::ACCOUNT:role/NAME", err);
	if (!read_region(&place, &assumption->region, err) ||
	    !profile_endpoints_read(config, profile, &assumption->endpoints, err))
		return false;
	*ret = TAKE(assumption);
	return true;
}

/* ---- as a whole ---- */

struct assumption *assumption_copy(const struct assumption *assumption)
{
	struct assumption *first = NULL, **next = &first;

	for (; assumption; assumption = assumption->source, next = &(*next)->source) {
		*next = xcalloc(1, sizeof(**next));
		memcpy((*next)->account_id, assumption->account_id, sizeof(assumption->account_id));
		(*next)->role_arn = xstrdup(assumption->role_arn);
		(*next)->role_name = xstrdup(assumption->role_name);
		(*next)->form = xstrdup(assumption->form);
		(*next)->region = xstrdup_or_null(assumption->region);
		endpoint_options_copy(&(*next)->endpoints, &assumption->endpoints);
	}
	return first;
}

static bool is_same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool assumption_is_same(const struct assumption *a, const struct assumption *b)
{
	for (; a && b; a = a->source, b = b->source) {
		if (strcmp(a->form, b->form) != 0 || !is_same_text(a->region, b->region) ||
		    !endpoint_options_agree(&a->endpoints, &b->endpoints, AWS_STS))
			return false;
	}
	return a == b;
}

uint32_t assumption_hash(const struct assumption *assumption)
{
	uint32_t hash = 0;

	for (; assumption; assumption = assumption->source) {
		for (const char *p = assumption->form; *p; p++)
			hash = hash * 31 + (unsigned char)*p;
	}
	return hash;
}
