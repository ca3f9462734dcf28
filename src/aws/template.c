#include "aws/template.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "base/xalloc.h"

#define FILTERED_MAX 4096 /* bytes of a value on its way; what a filter makes of more is no name anyway */

enum field { FIELD_NONE, FIELD_ACCOUNT_NAME, FIELD_ACCOUNT_ID, FIELD_ROLE_NAME, FIELD_SESSION };

static const char *const field_names[] = {
	[FIELD_ACCOUNT_NAME] = "account_name",
	[FIELD_ACCOUNT_ID] = "account_id",
	[FIELD_ROLE_NAME] = "role_name",
	[FIELD_SESSION] = "session",
};

enum filter_kind { FILTER_LOWER, FILTER_SLUG, FILTER_REPLACE };

struct filter {
	enum filter_kind kind;
	const char *from, *to; /* of FILTER_REPLACE; the template's copy holds them */
};

/* Text, or a field with its filters. */
struct part {
	const char *text; /* of FIELD_NONE; likewise */
	enum field field;
	struct filter *filters;
	size_t n_filters;
};

struct template
{
	char *copy; /* cut into pieces */
	struct part *parts;
	size_t n_parts;
};

struct template *template_free(struct template *template)
{
	if (!template)
		return NULL;
	for (size_t i = 0; i < template->n_parts; i++)
		free(template->parts[i].filters);
	free(template->parts);
	free(template->copy);
	free(template);
	return NULL;
}

/* ---- reading ---- */

static struct part *add_part(struct template *template)
{
	template->parts = xreallocarray(template->parts, template->n_parts + 1, sizeof(*template->parts));
	template->parts[template->n_parts] = (struct part){0};
	return &template->parts[template->n_parts++];
}

static bool read_field(const char *word, enum field *ret, struct error *err)
{
	for (enum field field = FIELD_ACCOUNT_NAME; field <= FIELD_SESSION; field++) {
		if (strcmp(word, field_names[field]) == 0) {
			*ret = field;
			return true;
		}
	}
	return error_set(err, ERROR_USAGE,
			 "there is no field '%.64s': use account_name, account_id, role_name or session",
			 word);
}

static bool read_filter(char *word, struct filter *ret, struct error *err)
{
	char *rest = word, *name = strsep(&rest, ":");

	if (strcmp(name, "replace") == 0) {
		ret->kind = FILTER_REPLACE;
		ret->from = rest ? strsep(&rest, ":") : "";
		ret->to = rest ? strsep(&rest, ":") : NULL;
		return (*ret->from && ret->to && !rest) ||
		       error_set(err, ERROR_USAGE,
				 "the filter replace must be replace:TEXT:OTHER, where OTHER may be empty");
	}
	ret->kind = strcmp(name, "slug") == 0 ? FILTER_SLUG : FILTER_LOWER;
	return (!rest && (ret->kind == FILTER_SLUG || strcmp(name, "lower") == 0)) ||
	       error_set(err, ERROR_USAGE,
			 "there is no filter '%.64s': use lower, slug or replace:TEXT:OTHER", name);
}

/* What stands between two braces. */
static bool read_part(char *text, struct part *part, struct error *err)
{
	char *rest = text, *word;

	if (!read_field(strsep(&rest, "|"), &part->field, err))
		return false;
	while ((word = strsep(&rest, "|"))) {
		part->filters = xreallocarray(part->filters, part->n_filters + 1, sizeof(*part->filters));
		part->filters[part->n_filters] = (struct filter){0};
		if (!read_filter(word, &part->filters[part->n_filters++], err))
			return false;
	}
	return true;
}

static bool read_parts(struct template *template, struct error *err)
{
	char *p = template->copy;

	while (*p) {
		size_t len = strcspn(p, "{}");
		char brace = p[len], *inner = p + len + 1, *end;

		p[len] = '\0';
		if (len > 0)
			add_part(template)->text = p;
		if (!brace)
			break;
		end = brace == '{' ? strpbrk(inner, "{}") : NULL;
		if (!end || *end != '}')
			return error_set(err, ERROR_USAGE,
					 "a brace %s: write fields as {account_name} or {role_name|lower}",
					 brace == '{' ? "is not closed" : "closes nothing");
		*end = '\0';
		p = end + 1;
		if (!read_part(inner, add_part(template), err))
			return false;
	}
	return true;
}

bool template_parse(const char *text, struct template **ret, struct error *err)
{
	_cleanup_(template_freep) struct template *template = xcalloc(1, sizeof(*template));

	template->copy = xstrdup(text);
	if (!read_parts(template, err)) {
		text_make_printable(err->message); /* a word in it may be anything, and cut anywhere */
		return false;
	}
	*ret = TAKE(template);
	return true;
}

/* ---- writing ---- */

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static void make_lower(char *text)
{
	for (; *text; text++)
		*text = lower(*text);
}

static void make_slug(char *text)
{
	char *out = text;

	for (const char *p = text; *p; p++) {
		if (is_plain(lower(*p)))
			*out++ = lower(*p);
		else if (out > text && out[-1] != '-')
			*out++ = '-';
	}
	if (out > text && out[-1] == '-')
		out--;
	*out = '\0';
}

static bool replace(char **text, const char *from, const char *to)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(FILTERED_MAX, &buffer_heap);
	const char *p = *text, *at;

	for (; (at = strstr(p, from)); p = at + strlen(from))
		if (!buffer_append(&out, p, (size_t)(at - p)) || !buffer_append_text(&out, to))
			return false;
	if (!buffer_append_text(&out, p))
		return false;
	xstrdup_to(text, out.data);
	return true;
}

static bool apply(const struct filter *filter, char **text)
{
	if (filter->kind == FILTER_REPLACE)
		return replace(text, filter->from, filter->to);
	if (filter->kind == FILTER_SLUG)
		make_slug(*text);
	else
		make_lower(*text);
	return true;
}

static const char *value_of(enum field field, const struct template_values *values)
{
	switch (field) {
	case FIELD_ACCOUNT_NAME:
		return values->account_name ? values->account_name : "";
	case FIELD_ACCOUNT_ID:
		return values->account_id;
	case FIELD_ROLE_NAME:
		return values->role_name;
	case FIELD_SESSION:
	case FIELD_NONE:
	default:
		return values->session;
	}
}

static bool append_part(const struct part *part, const struct template_values *values, struct buffer *out)
{
	_cleanup_free_ char *text = NULL;

	if (part->field == FIELD_NONE)
		return buffer_append_text(out, part->text);
	text = xstrdup(value_of(part->field, values));
	for (size_t i = 0; i < part->n_filters; i++)
		if (!apply(&part->filters[i], &text))
			return false;
	return buffer_append_text(out,
				  part->field == FIELD_ACCOUNT_NAME && !*text ? values->account_id : text);
}

bool template_format(const struct template *template, const struct template_values *values, char **ret,
		     struct error *err)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(TEMPLATE_NAME_MAX, &buffer_heap);

	for (size_t i = 0; i < template->n_parts; i++)
		if (!append_part(&template->parts[i], values, &out))
			return error_set(err, ERROR_CONFIG,
					 "the profile's name would be longer than %d bytes: use another "
					 "template, or leave it out",
					 TEMPLATE_NAME_MAX);
	if (out.len == 0)
		return error_set(err, ERROR_CONFIG,
				 "the profile's name would be empty: use another template");
	*ret = xstrdup(out.data);
	return true;
}
