#pragma once
/*
 * What went wrong with a transfer: in words for people, which name the host, the proxy if there is one, and
 * what to do; and whether asking again can help.
 */
#include <stdbool.h>

#include <curl/curl.h>

#include "base/error.h"
#include "daemon/http.h"

struct http_trouble {
	CURLcode code;
	const char *words;   /* libcurl's, or "" */
	const char *host;    /* its origin */
	const char *proxy;   /* without user name and password; NULL: none is used */
	bool proxy_has_user; /* one was sent to it */
	long connect_status; /* of the proxy's answer to CONNECT, or 0 */
	bool was_sent;       /* the request, at least in part */
	bool is_too_large;   /* the reply */
};

enum http_failure http_explain(const struct http_trouble *trouble, struct error *err);

/* For CURLE_PEER_FAILED_VERIFICATION: did the certificate come from the proxy itself? */
bool http_trouble_is_of_proxy(const struct http_trouble *trouble);
/* issuer is the certificate's, or NULL; verdict is OpenSSL's, or 0 where only the name was wrong. */
void http_explain_untrusted(const struct http_trouble *trouble, const char *issuer, long verdict,
			    struct error *err);
