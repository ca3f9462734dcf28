#include "aws/start_page.h"

#include <string.h>
#include <strings.h>

#include "aws/region.h"
#include "base/json.h"
#include "base/xalloc.h"

#define BLANKS "\t\n\f\r "

/* A start tag with its attributes, which the text borrows: behind the name, up to the ">". */
struct tag {
	const char *attributes, *end;
};

/* The next one of that name from p on; a ">" within quotes does not end it. */
static bool find_tag(const char *p, const char *name, struct tag *ret)
{
	size_t len = strlen(name);

	for (; (p = strchr(p, '<')); p++) {
		char quote = '\0';

		if (strncasecmp(p + 1, name, len) != 0 || !strchr(BLANKS, p[1 + len]))
			continue;
		ret->attributes = p + 1 + len;
		for (p = ret->attributes; *p && (quote || *p != '>'); p++) {
			if (*p == quote)
				quote = '\0';
			else if (!quote && (*p == '"' || *p == '\''))
				quote = *p;
		}
		ret->end = p;
		return *p == '>';
	}
	return false;
}

/* The value that begins at p, quoted or not; *ret_len bytes of it. Returns what is behind. */
static const char *read_value(const char *p, const char *end, const char **ret, size_t *ret_len)
{
	const char *stop;

	if (p < end && (*p == '"' || *p == '\'')) {
		stop = memchr(p + 1, *p, (size_t)(end - p - 1));
		*ret = p + 1;
		*ret_len = (size_t)((stop ? stop : end) - *ret);
		return stop ? stop + 1 : end;
	}
	for (stop = p; stop < end && !strchr(BLANKS, *stop); stop++)
		;
	*ret = p;
	*ret_len = (size_t)(stop - p);
	return stop;
}

/* NULL: it has none. The caller's to free. */
static char *attribute(const struct tag *tag, const char *name)
{
	const char *p = tag->attributes, *value, *begin;
	size_t len, value_len;

	while (p < tag->end) {
		p += strspn(p, BLANKS "/");
		begin = p;
		while (p < tag->end && !strchr(BLANKS "/=", *p))
			p++;
		len = (size_t)(p - begin);
		value_len = 0;
		value = p;
		p += strspn(p, BLANKS);
		if (p < tag->end && *p == '=') {
			p++;
			p = read_value(p + strspn(p, BLANKS), tag->end, &value, &value_len);
		}
		if (len == strlen(name) && strncasecmp(begin, name, len) == 0)
			return xstrndup(value, value_len);
	}
	return NULL;
}

static bool is(const struct tag *tag, const char *name, const char *wanted)
{
	_cleanup_free_ char *value = attribute(tag, name);

	return value && strcasecmp(value, wanted) == 0;
}

static char *region_of_meta(const char *html)
{
	for (struct tag tag; find_tag(html, "meta", &tag); html = tag.end) {
		_cleanup_free_ char *content = is(&tag, "name", "region") ? attribute(&tag, "content") : NULL;

		if (content && region_partition(content))
			return TAKE(content);
	}
	return NULL;
}

static char *region_of_json(const char *text, size_t len)
{
	_cleanup_json_ json_t *env = NULL;
	const char *region = NULL;
	struct error ignored;

	if (json_parse_object(text, len, "", &env, &ignored))
		region = json_string_value(json_object_get(env, "region"));
	return region && region_partition(region) ? xstrdup(region) : NULL;
}

static char *region_of_script(const char *html)
{
	for (struct tag tag; find_tag(html, "script", &tag); html = tag.end) {
		const char *text = tag.end + 1, *end;

		if (!is(&tag, "id", "env"))
			continue;
		end = strcasestr(text, "</script");
		return end ? region_of_json(text, (size_t)(end - text)) : NULL;
	}
	return NULL;
}

char *start_page_region(const char *html)
{
	char *region = region_of_meta(html);

	return region ? region : region_of_script(html);
}
