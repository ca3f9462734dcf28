#pragma once
/*
 * Which proxy an address may be, and which hosts are reached without it. Decided here and not by libcurl,
 * which does not tell whether it used the proxy that an error has to name. Pure.
 */
#include <stdbool.h>

/* "[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]"; schemes are http, https, socks4, socks4a, socks5, socks5h. */
#define PROXY_FORM                                                                                           \
	"a proxy's address, such as http://proxy.example.com:3128, perhaps with USER:PASSWORD@ before the "  \
	"host, percent-encoded"
bool proxy_is_acceptable(const char *proxy);
/* "https://…": the connection to the proxy itself is TLS. */
bool proxy_is_tls(const char *proxy);
/* Has it a user name in front of the host? */
bool proxy_has_user(const char *proxy);

/*
 * Loopback hosts always are. no_proxy, NULL for none, is a list with commas or blanks between: "*", a name
 * (which stands for what is below it as well, with or without a dot in front), an address, or a network such
 * as 10.0.0.0/8. host is as url_host() has it.
 */
bool proxy_is_bypassed(const char *no_proxy, const char *host);
