/*
 * One transfer: its easy handle, its headers, its bounded reply. The loop below it is http_pool.c.
 */
#include "daemon/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "aws/credentials.h"
#include "aws/proxy.h"
#include "aws/url.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "daemon/http_error.h"
#include "daemon/http_pool.h"

#include "build-config.h"

#define BODY_MAX           (1024 * 1024)
#define SECRET_BODY_MAX    (64 * 1024)
#define HEADER_VALUE_MAX   256
#define ISSUER_TIMEOUT_MS  3000L
#define CONNECT_TIMEOUT_MS 10000L
#define LOOPBACK           "localhost,127.0.0.0/8,::1" /* in libcurl's form */

struct http {
	sd_event *event;
	struct http_pool *pool;
	char *ca_bundle, *proxy, *no_proxy; /* or NULL: the system's, none, none */
};

struct http_request {
	struct http *http; /* main's */
	struct http_transfer
		transfer; /* in the pool that was in use at the start, which may be retired by now */
	CURL *easy;       /* transfer.easy */
	struct curl_slist *headers;
	struct buffer body;
	bool is_too_large;
	char *host, *proxy; /* for messages; proxy is NULL where none is used */
	bool proxy_has_user;
	char *error_type, *content_type, *location;
	int64_t date_s, retry_after_s;
	http_fn fn;
	void *userdata;
	char curl_message[CURL_ERROR_SIZE];

	/* While the issuer of a certificate is looked up: what was wrong with it. */
	char untrusted[CURL_ERROR_SIZE]; /* "" when nothing is looked up */
	struct http_trouble trouble;     /* its words are those */
	long verdict;
};

static void release_body(void *p, size_t size)
{
	(void)size;
	secret_release(p);
}

/* A reply is not lost because the arena is full: a code for tokens is good for one reply only. */
static const struct buffer_memory secret_body = {secret_malloc, release_body};

struct http *http_new(sd_event *event, const struct http_options *options)
{
	struct http *http = xcalloc(1, sizeof(*http));

	http->event = sd_event_ref(event);
	http_configure(http, options);
	return http;
}

void http_configure(struct http *http, const struct http_options *options)
{
	xstrdup_to(&http->ca_bundle, options->ca_bundle);
	xstrdup_to(&http->proxy, options->proxy);
	xstrdup_to(&http->no_proxy, options->no_proxy);
	http_forget_connections(http);
}

char *http_proxy_for(const struct http *http, const char *url)
{
	_cleanup_free_ char *host = url_host(url);

	if (!http->proxy || !host || proxy_is_bypassed(http->no_proxy, host))
		return NULL;
	return url_without_user(http->proxy);
}

void http_forget_connections(struct http *http)
{
	http_pool_retire(http->pool);
	http->pool = http_pool_new(http->event);
}

static size_t on_body(char *data, size_t size, size_t n, void *userdata)
{
	struct http_request *request = userdata;

	if (buffer_append(&request->body, data, size * n))
		return size * n;
	request->is_too_large = true;
	return 0; /* libcurl fails the transfer */
}

/* The value of "Name: value\r\n" if this line is that header, else NULL. */
static char *header_value(const char *line, size_t len, const char *name)
{
	size_t n = strlen(name);

	if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	line += n + 1;
	len -= n + 1;
	while (len > 0 && (*line == ' ' || *line == '\t'))
		line++, len--;
	while (len > 0 && strchr("\r\n \t", line[len - 1]))
		len--;
	return xstrndup(line, len < HEADER_VALUE_MAX ? len : HEADER_VALUE_MAX);
}

static size_t on_header(char *line, size_t size, size_t n, void *userdata)
{
	struct http_request *request = userdata;
	size_t len = size * n;
	char *value;

	if ((value = header_value(line, len, "x-amzn-errortype"))) {
		free(request->error_type);
		request->error_type = value;
	} else if ((value = header_value(line, len, "content-type"))) {
		free(request->content_type);
		request->content_type = value;
	} else if ((value = header_value(line, len, "location"))) {
		free(request->location);
		request->location = value;
	} else if ((value = header_value(line, len, "date"))) {
		if (!http_date_parse(value, &request->date_s))
			request->date_s = 0;
		free(value);
	} else if ((value = header_value(line, len, "retry-after"))) {
		char *end;
		long long s = strtoll(value, &end, 10);

		if (end != value && !*end && s >= 0)
			request->retry_after_s = s;
		free(value);
	}
	return len;
}

/*
 * A certificate was not trusted: whose is it? libcurl tells of a certificate only once it has taken it, so
 * the handshake is made again without checks. Nothing is sent over that connection, and nobody else gets it.
 */
static void look_up_issuer(struct http_request *request, const struct http_trouble *trouble)
{
	bool is_of_proxy = http_trouble_is_of_proxy(trouble);

	snprintf(request->untrusted, sizeof(request->untrusted), "%s",
		 trouble->words[0] ? trouble->words : "no reason given");
	request->trouble = *trouble;
	request->trouble.words = request->untrusted;
	curl_easy_getinfo(request->easy,
			  is_of_proxy ? CURLINFO_PROXY_SSL_VERIFYRESULT : CURLINFO_SSL_VERIFYRESULT,
			  &request->verdict);
	if (is_of_proxy) { /* asked as a server of its own, so that it gets no password */
		curl_easy_setopt(request->easy, CURLOPT_URL, request->proxy);
		curl_easy_setopt(request->easy, CURLOPT_PROXY, "");
	}
	curl_easy_setopt(request->easy, CURLOPT_SSL_VERIFYPEER, 0L);
	curl_easy_setopt(request->easy, CURLOPT_SSL_VERIFYHOST, 0L);
	curl_easy_setopt(request->easy, CURLOPT_CERTINFO, 1L);
	curl_easy_setopt(request->easy, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(request->easy, CURLOPT_FRESH_CONNECT, 1L);
	curl_easy_setopt(request->easy, CURLOPT_TIMEOUT_MS, ISSUER_TIMEOUT_MS);
	curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, NULL);
	http_pool_add(request->http->pool, &request->transfer);
}

/* The issuer of the server's own certificate, "CN = Example Proxy CA"; NULL if it is not known. */
static const char *issuer_of(const struct http_request *request)
{
	struct curl_certinfo *chain = NULL;

	if (curl_easy_getinfo(request->easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain ||
	    chain->num_of_certs < 1)
		return NULL;
	for (const struct curl_slist *line = chain->certinfo[0]; line; line = line->next) {
		if (strncmp(line->data, "Issuer:", 7) == 0)
			return line->data + 7;
	}
	return NULL;
}

static void report_untrusted(struct http_request *request)
{
	struct http_result result = {.failure = HTTP_REFUSED, .retry_after_s = -1};

	http_explain_untrusted(&request->trouble, issuer_of(request), request->verdict, &result.err);
	request->fn(&result, request->userdata); /* may free request: nothing after this line */
}

static struct http_trouble trouble_of(const struct http_request *request, CURLcode code, bool was_sent)
{
	struct http_trouble trouble = {
		.code = code,
		.words = request->curl_message,
		.host = request->host,
		.proxy = request->proxy,
		.proxy_has_user = request->proxy_has_user,
		.was_sent = was_sent,
		.is_too_large = request->is_too_large,
	};

	curl_easy_getinfo(request->easy, CURLINFO_HTTP_CONNECTCODE, &trouble.connect_status);
	return trouble;
}

/* From the pool, after libcurl has let go of the transfer. */
static void on_done(void *userdata, CURLcode code)
{
	struct http_request *request = userdata;
	struct http_result result = {.date_s = request->date_s, .retry_after_s = request->retry_after_s};
	long status = 0, connects = 0, sent = 0;

	if (request->untrusted[0]) {
		report_untrusted(request); /* may free request: nothing after this line */
		return;
	}
	curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(request->easy, CURLINFO_NUM_CONNECTS, &connects);
	curl_easy_getinfo(request->easy, CURLINFO_REQUEST_SIZE, &sent);
	result.was_connection_reused = connects == 0;
	if (code == CURLE_OK) {
		result.reply = (struct aws_reply){
			.status = status,
			.body = request->body.data ? request->body.data : "",
			.body_len = request->body.len,
			.error_type = request->error_type,
			.content_type = request->content_type,
			.location = request->location,
		};
	} else {
		struct http_trouble trouble = trouble_of(request, code, sent > 0);

		if (code == CURLE_PEER_FAILED_VERIFICATION) {
			look_up_issuer(request, &trouble);
			return;
		}
		result.failure = http_explain(&trouble, &result.err);
	}
	request->fn(&result, request->userdata); /* may free request: nothing after this line */
}

static void add_header(struct http_request *request, const char *name, const char *value)
{
	struct buffer line = BUFFER_INIT(SECRET_BODY_MAX, &buffer_heap);
	struct curl_slist *more;

	if (!buffer_append_format(&line, "%s: %s", name, value))
		abort(); /* a token is bounded by the body it came in */
	more = curl_slist_append(request->headers, line.data);
	if (!more)
		abort();
	request->headers = more;
	buffer_clear(&line);
}

/* Host as it was signed: libcurl might write it otherwise. */
static void add_signature(struct http_request *request, const struct aws_request *what)
{
	add_header(request, "Host", what->signature.host);
	add_header(request, "X-Amz-Date", what->signature.date);
	add_header(request, "X-Amz-Security-Token", secret_text(what->sign_with->session_token));
	add_header(request, "Authorization", what->signature.authorization);
}

static void set_content(struct http_request *request, const struct aws_request *what)
{
	if (what->content_type)
		add_header(request, "Content-Type", what->content_type);
	if (what->bearer)
		add_header(request, "x-amz-sso_bearer_token", secret_text(what->bearer));
	if (what->target)
		add_header(request, "X-Amz-Target", what->target);
	if (what->sign_with)
		add_signature(request, what);
	if (what->is_post) {
		curl_easy_setopt(request->easy, CURLOPT_POSTFIELDSIZE, (long)what->body.len);
		curl_easy_setopt(request->easy, CURLOPT_POSTFIELDS, what->body.data ? what->body.data : "");
	}
	curl_easy_setopt(request->easy, CURLOPT_HTTPHEADER, request->headers);
}

/* Instead of the system's file, and of the folder that libcurl may know beside it. */
static void set_authorities(CURL *easy, const char *ca_bundle)
{
	curl_easy_setopt(easy, CURLOPT_CAINFO, ca_bundle);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, ca_bundle);
	curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
#if LIBCURL_VERSION_NUM >= 0x075700
	curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L); /* what is changed in it counts at once */
#endif
}

/* What every handle needs; each line keeps something from going wrong that was measured. */
static void set_manners(struct http_request *request, const struct http *http, const char *url)
{
	bool is_plain = strncmp(url, "http:", 5) == 0 && url_is_acceptable(url); /* a loopback host */

	curl_easy_setopt(request->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(request->easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(request->easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(request->easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(request->easy, CURLOPT_PROTOCOLS_STR, is_plain ? "http" : "https");
	curl_easy_setopt(request->easy, CURLOPT_PROXY, request->proxy ? http->proxy : "");
	curl_easy_setopt(request->easy, CURLOPT_NOPROXY, LOOPBACK);
	curl_easy_setopt(request->easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	curl_easy_setopt(request->easy, CURLOPT_SUPPRESS_CONNECT_HEADERS,
			 1L); /* a proxy's Date is not AWS's */
	if (http->ca_bundle)
		set_authorities(request->easy, http->ca_bundle);
	curl_easy_setopt(request->easy, CURLOPT_USERAGENT, "iamic/" IAMIC_VERSION);
}

static void set_callbacks(struct http_request *request)
{
	curl_easy_setopt(request->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(request->easy, CURLOPT_WRITEDATA, request);
	curl_easy_setopt(request->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(request->easy, CURLOPT_HEADERDATA, request);
	curl_easy_setopt(request->easy, CURLOPT_ERRORBUFFER, request->curl_message);
}

struct http_request *http_start(struct http *http, const struct aws_request *what, uint64_t timeout_usec,
				bool is_fresh, http_fn fn, void *userdata)
{
	struct http_request *request = xcalloc(1, sizeof(*request));
	long timeout_ms = (long)(timeout_usec / USEC_PER_MSEC) + 1;

	request->easy = curl_easy_init();
	if (!request->easy)
		abort();
	request->http = http;
	request->fn = fn;
	request->userdata = userdata;
	request->retry_after_s = -1;
	request->host = url_origin(what->url);
	if (!request->host)
		request->host = xstrdup("(no host)");
	request->body = what->is_reply_secret ? BUFFER_INIT(SECRET_BODY_MAX, &secret_body)
					      : BUFFER_INIT(BODY_MAX, &buffer_heap);
	curl_easy_setopt(request->easy, CURLOPT_URL, what->url);
	curl_easy_setopt(request->easy, CURLOPT_TIMEOUT_MS, timeout_ms);
	curl_easy_setopt(request->easy, CURLOPT_CONNECTTIMEOUT_MS,
			 timeout_ms < CONNECT_TIMEOUT_MS ? timeout_ms : CONNECT_TIMEOUT_MS);
	curl_easy_setopt(request->easy, CURLOPT_FRESH_CONNECT, is_fresh ? 1L : 0L);
	request->proxy = http_proxy_for(http, what->url);
	request->proxy_has_user = request->proxy && proxy_has_user(http->proxy);
	set_manners(request, http, what->url);
	set_callbacks(request);
	set_content(request, what);
	request->transfer =
		(struct http_transfer){.easy = request->easy, .done = on_done, .userdata = request};
	http_pool_add(http->pool, &request->transfer);
	return request;
}

struct http_request *http_request_free(struct http_request *request)
{
	if (!request)
		return NULL;
	http_pool_remove(&request->transfer);
	curl_easy_cleanup(request->easy);
	curl_slist_free_all(request->headers);
	buffer_clear(&request->body);
	free(request->host);
	free(request->proxy);
	free(request->error_type);
	free(request->content_type);
	free(request->location);
	free(request);
	return NULL;
}
