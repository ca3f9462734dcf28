#include "daemon/loopback_page.h"

#include "base/xalloc.h"
#include "check.h"

static void what_is_said_is_text_and_no_markup(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(LOOPBACK_PAGE_MAX, &buffer_heap);
	const struct loopback_page page = {
		.status = 200, .title = "A & B", .text = "<script>\"x\"</script> 'y' \xc3\xa9"};
	const char *body;

	CHECK(loopback_page_format(&page, &out));
	CHECK(strncmp(out.data, "HTTP/1.1 200 OK\r\n", 17) == 0);
	CHECK(strstr(out.data, "<h1>A &amp; B</h1>"));
	CHECK(strstr(out.data, "&lt;script&gt;&quot;x&quot;&lt;/script&gt; &#39;y&#39; \xc3\xa9"));
	body = strstr(out.data, "\r\n\r\n") + 4;
	CHECK(strtoul(strstr(out.data, "Content-Length: ") + 16, NULL, 10) == strlen(body));
	CHECK(!strstr(out.data, "<script"));
}

static void every_status_has_its_words(void)
{
	static const struct {
		int status;
		const char *line;
	} cases[] = {
		{400, "HTTP/1.1 400 Bad Request\r\n"},
		{404, "HTTP/1.1 404 Not Found\r\n"},
		{405, "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\n"},
		{421, "HTTP/1.1 421 Misdirected Request\r\n"},
		{431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(LOOPBACK_PAGE_MAX, &buffer_heap);
		const struct loopback_page page = {.status = cases[i].status, .title = "t", .text = "x"};

		CHECK(loopback_page_format(&page, &out));
		CHECK(strncmp(out.data, cases[i].line, strlen(cases[i].line)) == 0);
	}
}

/* An error's message has 512 bytes, and each may become six. */
static void the_longest_message_fits_and_longer_text_does_not(void)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(LOOPBACK_PAGE_MAX, &buffer_heap);
	char text[4096] = "";
	struct loopback_page page = {.status = 200, .title = "t", .text = text};

	memset(text, '"', 1024);
	CHECK(loopback_page_format(&page, &out));
	buffer_clear(&out);
	memset(text, '"', sizeof(text) - 1);
	CHECK(!loopback_page_format(&page, &out));
}

int main(void)
{
	what_is_said_is_text_and_no_markup();
	every_status_has_its_words();
	the_longest_message_fits_and_longer_text_does_not();
	return 0;
}
