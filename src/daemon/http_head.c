#include "daemon/http_head.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char token_characters[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz";

/* Cuts the line at *rest off and moves *rest behind it; NULL for one that has no end, or a control in it. */
static char *take_line(char **rest)
{
	char *line = *rest, *end = strstr(line, "\r\n");

	if (!end)
		return NULL;
	*end = '\0';
	*rest = end + 2;
	for (const char *p = line; *p; p++) {
		if ((unsigned char)*p < ' ' && *p != '\t')
			return NULL;
	}
	return line;
}

/* "GET /path?query HTTP/1.1" */
static bool parse_request_line(char *line, struct http_head *head)
{
	char *target = strchr(line, ' '), *version = target ? strchr(target + 1, ' ') : NULL, *query;

	if (!version || (strcmp(version + 1, "HTTP/1.1") != 0 && strcmp(version + 1, "HTTP/1.0") != 0))
		return false;
	*target++ = *version = '\0';
	query = strchr(target, '?');
	if (query)
		*query++ = '\0';
	head->method = line;
	head->path = target;
	head->query = query ? query : version;
	return *line && line[strspn(line, token_characters)] == '\0' && *target == '/';
}

/* "Name: value"; a line that goes on from the one before (obsolete since RFC 7230) has no name. */
static bool parse_header(char *line, struct http_head *head)
{
	char *colon = line + strspn(line, token_characters), *value, *end;

	if (colon == line || *colon != ':' || head->n_headers == HTTP_HEAD_HEADERS)
		return false;
	*colon = '\0';
	value = colon + 1 + strspn(colon + 1, " \t");
	end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	head->headers[head->n_headers++] = (struct http_header){.name = line, .value = value};
	return true;
}

enum http_head_progress http_head_parse(char *data, size_t len, struct http_head *ret)
{
	char *end = memmem(data, len, "\r\n\r\n", 4), *rest = data, *line;
	struct http_head head = {.n_headers = 0};

	if (memchr(data, '\0', end ? (size_t)(end - data) : len))
		return HTTP_HEAD_BAD;
	if (!end)
		return len >= HTTP_HEAD_MAX ? HTTP_HEAD_BAD : HTTP_HEAD_MORE;
	end[2] = '\0'; /* behind the last header's line */
	line = take_line(&rest);
	if (!line || !parse_request_line(line, &head))
		return HTTP_HEAD_BAD;
	while (rest < end + 2) {
		line = take_line(&rest);
		if (!line || !parse_header(line, &head))
			return HTTP_HEAD_BAD;
	}
	*ret = head;
	return HTTP_HEAD_WHOLE;
}

bool http_head_has(const struct http_head *head, const char *name)
{
	for (size_t i = 0; i < head->n_headers; i++) {
		if (strcasecmp(head->headers[i].name, name) == 0)
			return true;
	}
	return false;
}

const char *http_head_get(const struct http_head *head, const char *name)
{
	const char *value = NULL;

	for (size_t i = 0; i < head->n_headers; i++) {
		if (strcasecmp(head->headers[i].name, name) != 0)
			continue;
		if (value)
			return NULL;
		value = head->headers[i].value;
	}
	return value;
}
