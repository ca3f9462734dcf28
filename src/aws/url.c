#include "aws/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "base/xalloc.h"

#define URL_MAX_LEN 2048
#define PORT_MAX    65535

/* "https://host:port/…" taken apart; host points into the address. */
struct authority {
	bool is_https;
	const char *host; /* with the brackets of an IPv6 address */
	size_t host_len;
	unsigned port;
};

static const char host_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
static const char ipv6_characters[] = "ABCDEFabcdef0123456789:.";

static size_t scan_host(const char *p)
{
	size_t n;

	if (*p != '[')
		return strspn(p, host_characters);
	n = strspn(p + 1, ipv6_characters);
	return n > 0 && p[n + 1] == ']' ? n + 2 : 0;
}

/* p is behind the host. An empty port means the default one, as RFC 3986 3.2.3 has it. */
static bool scan_port(const char *p, struct authority *authority)
{
	unsigned port = 0;
	size_t n;

	if (*p == ':') {
		p++;
		n = strspn(p, "0123456789");
		if (n > 5)
			return false;
		for (size_t i = 0; i < n; i++)
			port = port * 10 + (unsigned)(p[i] - '0');
		if (n > 0 && (port == 0 || port > PORT_MAX))
			return false;
		if (n > 0)
			authority->port = port;
		p += n;
	}
	return *p == '\0' || strchr("/?#", *p);
}

/* False for what has a user name in it: the '@' stands where a port, a path or the end must. */
static bool scan_authority(const char *url, struct authority *ret)
{
	struct authority authority = {0};

	if (strncasecmp(url, "https://", strlen("https://")) == 0)
		authority.is_https = true;
	else if (strncasecmp(url, "http://", strlen("http://")) != 0)
		return false;
	authority.port = authority.is_https ? 443 : 80;
	authority.host = strstr(url, "://") + strlen("://");
	authority.host_len = scan_host(authority.host);
	if (authority.host_len == 0 || !scan_port(authority.host + authority.host_len, &authority))
		return false;
	*ret = authority;
	return true;
}

static char *lower_copy(const char *text, size_t len)
{
	char *copy = xstrndup(text, len);

	for (char *p = copy; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return copy;
}

char *url_origin(const char *url)
{
	struct authority authority;

	if (!scan_authority(url, &authority))
		return NULL;
	_cleanup_free_ char *host = lower_copy(authority.host, authority.host_len);
	const char *scheme = authority.is_https ? "https" : "http";
	if (authority.port == (authority.is_https ? 443 : 80))
		return xasprintf("%s://%s", scheme, host);
	return xasprintf("%s://%s:%u", scheme, host, authority.port);
}

char *url_host(const char *url)
{
	struct authority authority;

	if (!scan_authority(url, &authority))
		return NULL;
	if (authority.host[0] == '[')
		return lower_copy(authority.host + 1, authority.host_len - 2);
	return lower_copy(authority.host, authority.host_len);
}

bool url_is_acceptable(const char *url)
{
	struct authority authority;

	if (strnlen(url, URL_MAX_LEN + 1) > URL_MAX_LEN || text_has_controls(url) || strpbrk(url, " \\\"<>"))
		return false;
	if (!scan_authority(url, &authority))
		return false;
	if (authority.is_https)
		return true;
	_cleanup_free_ char *host = url_host(url);
	return host_is_loopback(host);
}

bool host_is_loopback(const char *host)
{
	struct in6_addr v6;
	struct in_addr v4;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	/* inet_pton() takes four decimal numbers only: "127.1" and "0x7f.0.0.1" are names to it. */
	if (inet_pton(AF_INET, host, &v4) == 1)
		return ntohl(v4.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

char *url_without_user(const char *url)
{
	const char *scheme_end = strstr(url, "://"), *host = scheme_end ? scheme_end + 3 : url;
	const char *at = strrchr(host, '@');

	return at ? xasprintf("%.*s%s", (int)(host - url), url, at + 1) : xstrdup(url);
}

/* Writes text percent-encoded to out, which has room for three bytes per byte; returns the end. */
static char *encode(char *out, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	static const char hex[] = "0123456789ABCDEF";

	for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
		if (strchr(plain, *p)) {
			*out++ = (char)*p;
		} else {
			*out++ = '%';
			*out++ = hex[*p >> 4];
			*out++ = hex[*p & 15];
		}
	}
	return out;
}

bool url_append_encoded(struct buffer *out, const char *text)
{
	if (!buffer_reserve(out, 3 * strlen(text)))
		return false;
	char *end = encode(out->data + out->len, text);
	*end = '\0';
	out->len = (size_t)(end - out->data);
	return true;
}

char *url_with_query(const char *url, const char *const *names_and_values)
{
	size_t room = strlen(url) + 1;
	char separator = strchr(url, '?') ? '&' : '?';

	for (const char *const *p = names_and_values; *p; p += 2)
		room += 2 + 3 * (strlen(p[0]) + (p[1] ? strlen(p[1]) : 0));
	char *result = xcalloc(room, 1);
	char *out = mempcpy(result, url, strlen(url));
	for (const char *const *p = names_and_values; *p; p += 2) {
		if (!p[1])
			continue;
		*out++ = separator;
		out = encode(out, p[0]);
		*out++ = '=';
		out = encode(out, p[1]);
		separator = '&';
	}
	*out = '\0';
	return result;
}
