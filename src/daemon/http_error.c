#include "daemon/http_error.h"

#include <string.h>

#include <openssl/x509_vfy.h>

#include "aws/proxy.h"
#include "base/text.h"

/* 407 is what it is for; tinyproxy answers 401 to a wrong password. */
static bool wants_password(const struct http_trouble *trouble)
{
	return trouble->connect_status == 407 || trouble->connect_status == 401;
}

/* The answer to CONNECT was no. */
static bool was_refused_by_proxy(const struct http_trouble *trouble)
{
	return trouble->connect_status >= 300;
}

/* The proxy itself was not reached, or spoke none of its protocol. */
static bool was_stopped_before_proxy(const struct http_trouble *trouble)
{
	return trouble->proxy && trouble->connect_status == 0 && !trouble->was_sent;
}

static enum http_failure failure_of(const struct http_trouble *trouble)
{
	if (trouble->is_too_large)
		return HTTP_REFUSED;
	if (was_refused_by_proxy(trouble)) /* one that cannot reach the host may do so later */
		return trouble->connect_status >= 500 ? HTTP_UNREACHABLE : HTTP_REFUSED;
	switch (trouble->code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
	case CURLE_PROXY:
		return HTTP_UNREACHABLE;
	case CURLE_OPERATION_TIMEDOUT:
		return HTTP_TIMED_OUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_WRITE_ERROR:
		return HTTP_REFUSED;
	default: /* resets, cut off replies, failed handshakes */
		return trouble->was_sent ? HTTP_BROKEN : HTTP_UNREACHABLE;
	}
}

static const char *words_of(const struct http_trouble *trouble)
{
	return trouble->words[0] ? trouble->words : curl_easy_strerror(trouble->code);
}

static void explain_refusal_by_proxy(const struct http_trouble *trouble, struct error *err)
{
	if (wants_password(trouble) && trouble->proxy_has_user)
		error_set(err, ERROR_UNAVAILABLE,
			  "%s: the proxy %.100s does not take this user name and password (HTTP %ld): check "
			  "them in https_proxy (iamic-config(5)) or HTTPS_PROXY",
			  trouble->host, trouble->proxy, trouble->connect_status);
	else if (wants_password(trouble))
		error_set(err, ERROR_UNAVAILABLE,
			  "%s: the proxy %.100s wants a user name and password (HTTP %ld): put "
			  "USER:PASSWORD@ before its host in https_proxy (iamic-config(5)) or HTTPS_PROXY",
			  trouble->host, trouble->proxy, trouble->connect_status);
	else if (trouble->connect_status >= 500)
		error_set(err, ERROR_UNAVAILABLE,
			  "%s: the proxy %.100s cannot reach it (HTTP %ld): try again later, or name the "
			  "host in "
			  "no_proxy (iamic-config(5)) if it is reached without the proxy",
			  trouble->host, trouble->proxy, trouble->connect_status);
	else
		error_set(
			err, ERROR_UNAVAILABLE,
			"%s: the proxy %.100s lets nobody through to it (HTTP %ld): ask who runs it, or name "
			"the host in no_proxy (iamic-config(5))",
			trouble->host, trouble->proxy, trouble->connect_status);
}

static void explain_silence(const struct http_trouble *trouble, struct error *err)
{
	bool is_of_name_server = strncmp(trouble->words, "Resolving", strlen("Resolving")) == 0;

	error_set(err, ERROR_TIMED_OUT, "%s: no answer%s in time%s%.100s: %s", trouble->host,
		  is_of_name_server ? " of the name server" : "", trouble->proxy ? " through the proxy " : "",
		  trouble->proxy ? trouble->proxy : "",
		  is_of_name_server ? "check the network" : "try again");
}

static void explain_unreachable(const struct http_trouble *trouble, struct error *err)
{
	if (was_stopped_before_proxy(trouble))
		error_set(err, ERROR_UNAVAILABLE,
			  "%s: its proxy %.100s is not reachable: %.120s: check the network, and https_proxy "
			  "(iamic-config(5)) or HTTPS_PROXY",
			  trouble->host, trouble->proxy, words_of(trouble));
	else
		error_set(err, ERROR_UNAVAILABLE,
			  "%s: not reachable%s%.100s: %.120s: check the network; 'iamic status' shows "
			  "addresses "
			  "and proxy",
			  trouble->host, trouble->proxy ? " through the proxy " : "",
			  trouble->proxy ? trouble->proxy : "", words_of(trouble));
}

enum http_failure http_explain(const struct http_trouble *trouble, struct error *err)
{
	enum http_failure failure = failure_of(trouble);

	if (trouble->is_too_large)
		error_set(err, ERROR_UNAVAILABLE,
			  "%s: its reply is larger than any of AWS's: check the endpoint and the proxy",
			  trouble->host);
	else if (was_refused_by_proxy(trouble))
		explain_refusal_by_proxy(trouble, err);
	else if (failure == HTTP_TIMED_OUT)
		explain_silence(trouble, err);
	else if (trouble->code == CURLE_SSL_CACERT_BADFILE)
		error_set(err, ERROR_UNAVAILABLE,
			  "%s: the CA bundle cannot be read: %s: check ca_bundle (iamic-config(5)) and "
			  "AWS_CA_BUNDLE",
			  trouble->host, words_of(trouble));
	else
		explain_unreachable(trouble, err);
	text_make_message(err->message);
	return failure;
}

bool http_trouble_is_of_proxy(const struct http_trouble *trouble)
{
	return trouble->proxy && proxy_is_tls(trouble->proxy) && trouble->connect_status == 0;
}

static const char *next_step(long verdict)
{
	switch (verdict) {
	case X509_V_OK: /* the chain is good, or libcurl has not got as far as to look at it */
	case X509_V_ERR_UNSPECIFIED:
		return "another server answers in its place: check the network, the address and the proxy";
	case X509_V_ERR_CERT_HAS_EXPIRED:
	case X509_V_ERR_CERT_NOT_YET_VALID:
		return "check the clock of this machine; else whoever runs that server must renew it";
	default:
		return "set ca_bundle (iamic-config(5)) if that is your company's proxy";
	}
}

void http_explain_untrusted(const struct http_trouble *trouble, const char *issuer, long verdict,
			    struct error *err)
{
	bool is_of_proxy = http_trouble_is_of_proxy(trouble);

	error_set(err, ERROR_UNAVAILABLE,
		  "%s: %s%.100s%s TLS certificate, issued by '%.100s', is not trusted: %.100s: %s",
		  trouble->host, is_of_proxy ? "its proxy " : "", is_of_proxy ? trouble->proxy : "",
		  is_of_proxy ? ": its" : "its", issuer ? issuer : "(not known)", words_of(trouble),
		  next_step(verdict));
	text_make_message(err->message);
}
