#include "daemon/loopback_page.h"

#include <string.h>

#define BODY_MAX (LOOPBACK_PAGE_MAX - 1024) /* the rest is the head's */

#define STYLE                                                                                                \
	"body{margin:0;background:#f2f3f5;color:#16191f;font:16px/1.5 system-ui,sans-serif}"                 \
	"main{max-width:28rem;margin:12vh auto;padding:2rem;background:#fff;border:1px solid #d5dbdb;"       \
	"border-radius:8px}"                                                                                 \
	"h1{margin:0 0 .75rem;font-size:1.35rem}p{margin:0}"                                                 \
	"@media(prefers-color-scheme:dark){body{background:#16191f;color:#e9ebed}"                           \
	"main{background:#21252c;border-color:#414d5c}}"
/* What the browser holds it against; a test computes it. */
#define STYLE_HASH "n8StbvkAx9a8rw5l4+EEnG9m+1kF1znHDBKEATJZMfk="

/* The address has the code in it: nobody is told of it, nothing is kept, nothing is loaded or run. */
#define HEAD                                                                                                 \
	"Content-Type: text/html; charset=utf-8\r\n"                                                         \
	"Cache-Control: no-store\r\n"                                                                        \
	"Content-Security-Policy: default-src 'none'; style-src 'sha256-" STYLE_HASH "'; base-uri 'none'; "  \
	"form-action 'none'; frame-ancestors 'none'\r\n"                                                     \
	"Referrer-Policy: no-referrer\r\n"                                                                   \
	"X-Content-Type-Options: nosniff\r\n"                                                                \
	"Connection: close\r\n"

static const char *reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 405:
		return "Method Not Allowed";
	case 421:
		return "Misdirected Request";
	case 431:
		return "Request Header Fields Too Large";
	default:
		return "Bad Request";
	}
}

static bool append_escaped(struct buffer *out, const char *text)
{
	bool ok = true;

	for (; *text && ok; text++) {
		switch (*text) {
		case '<':
			ok = buffer_append_text(out, "&lt;");
			break;
		case '>':
			ok = buffer_append_text(out, "&gt;");
			break;
		case '&':
			ok = buffer_append_text(out, "&amp;");
			break;
		case '"':
			ok = buffer_append_text(out, "&quot;");
			break;
		case '\'':
			ok = buffer_append_text(out, "&#39;");
			break;
		default:
			ok = buffer_append(out, text, 1);
		}
	}
	return ok;
}

static bool format_body(const struct loopback_page *page, struct buffer *out)
{
	return buffer_append_text(out, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
				       "<meta name=\"viewport\" content=\"width=device-width\">"
				       "<title>iamic: ") &&
	       append_escaped(out, page->title) &&
	       buffer_append_text(out, "</title><style>" STYLE "</style></head>\n<body><main><h1>") &&
	       append_escaped(out, page->title) && buffer_append_text(out, "</h1><p>") &&
	       append_escaped(out, page->text) && buffer_append_text(out, "</p></main></body></html>\n");
}

bool loopback_page_format(const struct loopback_page *page, struct buffer *out)
{
	_cleanup_(buffer_clearp) struct buffer body = BUFFER_INIT(BODY_MAX, &buffer_heap);

	return format_body(page, &body) &&
	       buffer_append_format(out, "HTTP/1.1 %d %s\r\n%sContent-Length: %zu\r\n\r\n", page->status,
				    reason(page->status), page->status == 405 ? "Allow: GET\r\n" HEAD : HEAD,
				    body.len) &&
	       buffer_append(out, body.data, body.len);
}
