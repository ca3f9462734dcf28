#include "aws/proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "aws/url.h"
#include "base/cleanup.h"
#include "base/xalloc.h"

#define PROXY_MAX_LEN 2048

static const char user_characters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				      "-._~!$&'()*+,;=:%";

static const char *behind_scheme(const char *proxy)
{
	const char *end = strstr(proxy, "://");

	return end ? end + 3 : proxy;
}

static bool has_known_scheme(const char *proxy)
{
	static const char *const schemes[] = {"http", "https", "socks4", "socks4a", "socks5", "socks5h"};
	const char *rest = behind_scheme(proxy);

	if (rest == proxy)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		size_t n = strlen(schemes[i]);

		if (strncasecmp(proxy, schemes[i], n) == 0 && proxy + n + 3 == rest)
			return true;
	}
	return false;
}

/* What libcurl could not decode it would quote, with the password, in its error. */
static bool is_decodable(const char *text, size_t len)
{
	static const char hex[] = "0123456789ABCDEFabcdef";

	if (strspn(text, user_characters) < len)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '%')
			continue;
		if (i + 2 >= len || strspn(text + i + 1, hex) < 2 || strncmp(text + i + 1, "00", 2) == 0)
			return false;
	}
	return true;
}

bool proxy_is_acceptable(const char *proxy)
{
	const char *rest = behind_scheme(proxy), *at = strrchr(rest, '@');

	if (strnlen(proxy, PROXY_MAX_LEN + 1) > PROXY_MAX_LEN || !has_known_scheme(proxy))
		return false;
	if (at && !is_decodable(rest, (size_t)(at - rest)))
		return false;
	_cleanup_free_ char *as_url = xasprintf("http://%s", at ? at + 1 : rest);
	_cleanup_free_ char *host = url_host(as_url);
	const char *path = strchrnul(as_url + strlen("http://"), '/');
	return host && (*path == '\0' || path[1] == '\0') && !strpbrk(as_url, "?# \\");
}

bool proxy_is_tls(const char *proxy)
{
	return strncasecmp(proxy, "https://", strlen("https://")) == 0;
}

bool proxy_has_user(const char *proxy)
{
	return strrchr(behind_scheme(proxy), '@') != NULL;
}

/* An address of either family as bytes; returns how many, 0 for a name. */
static size_t read_address(const char *text, unsigned char ret[static sizeof(struct in6_addr)])
{
	if (inet_pton(AF_INET, text, ret) == 1)
		return sizeof(struct in_addr);
	return inet_pton(AF_INET6, text, ret) == 1 ? sizeof(struct in6_addr) : 0;
}

static bool share_bits(const unsigned char *one, const unsigned char *other, size_t bits)
{
	size_t whole = bits / 8;
	unsigned char mask = (unsigned char)(0xff << (8 - bits % 8));

	return memcmp(one, other, whole) == 0 && (bits % 8 == 0 || ((one[whole] ^ other[whole]) & mask) == 0);
}

/* An address, or one with the length of a network behind a slash. */
static bool is_in_network(const unsigned char *address, size_t size, char *network)
{
	unsigned char base[sizeof(struct in6_addr)];
	char *slash = strchr(network, '/'), *end;
	unsigned long bits = size * 8;

	if (slash) {
		*slash = '\0';
		bits = strtoul(slash + 1, &end, 10);
		if (!slash[1] || *end || bits > size * 8)
			return false;
	}
	return read_address(network, base) == size && share_bits(address, base, bits);
}

/* "example.com" and ".example.com" are the name itself and all names below it; a last dot says nothing. */
static bool is_name_below(const char *host, const char *name)
{
	size_t host_len = strlen(host), len;

	name += *name == '.';
	len = strlen(name);
	if (len > 0 && name[len - 1] == '.')
		len--;
	if (host_len > 0 && host[host_len - 1] == '.')
		host_len--;
	if (len == 0 || host_len < len || strncasecmp(host + host_len - len, name, len) != 0)
		return false;
	return host_len == len || host[host_len - len - 1] == '.';
}

bool proxy_is_bypassed(const char *no_proxy, const char *host)
{
	_cleanup_free_ char *words = no_proxy ? xstrdup(no_proxy) : NULL;
	unsigned char address[sizeof(struct in6_addr)];
	size_t size = read_address(host, address);
	char *rest = words, *word;

	if (host_is_loopback(host))
		return true;
	while ((word = strsep(&rest, ", \t"))) {
		size_t n = strlen(word);

		if (word[0] == '[' && word[n - 1] == ']') { /* an IPv6 address as in a URL */
			word[n - 1] = '\0';
			word++;
		}
		if (strcmp(word, "*") == 0 ||
		    (size > 0 ? is_in_network(address, size, word) : is_name_below(host, word)))
			return true;
	}
	return false;
}
