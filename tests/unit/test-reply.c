#include "shim/reply.h"

#include "check.h"

#define DOCUMENT                                                                                             \
	"{\"Version\":1,\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"s/+=\",\"SessionToken\":\"t\","       \
	"\"Expiration\":\"2026-01-31T12:00:00Z\",\"AccountId\":\"123456789012\"}"
#define AGENT "io.iamic.Agent."

static struct reply reply;

/* The reply and its NUL, given in pieces that end at the cuts. */
static enum reply_state feed_cut(const char *text, size_t len, size_t first, size_t second)
{
	enum reply_state state;

	reply = (struct reply){.len = 0};
	state = reply_feed(&reply, text, first);
	if (state == REPLY_PARTIAL)
		state = reply_feed(&reply, text + first, second - first);
	if (state == REPLY_PARTIAL)
		state = reply_feed(&reply, text + second, len - second);
	return state;
}

static enum reply_state feed(const char *text)
{
	return feed_cut(text, strlen(text) + 1, 0, 0);
}

static void check_document(void)
{
	CHECK(reply.document_len == sizeof(DOCUMENT "\n") - 1);
	CHECK(memcmp(reply.document, DOCUMENT "\n", reply.document_len) == 0);
}

static void a_document_is_cut_out_wherever_the_bytes_are_cut(void)
{
	static const char text[] = "{\"parameters\":" DOCUMENT "}";

	for (size_t i = 0; i <= sizeof(text); i++) {
		for (size_t j = i; j <= sizeof(text); j++) {
			CHECK(feed_cut(text, sizeof(text), i, j) == REPLY_CREDENTIALS);
			check_document();
		}
	}
}

static void an_error_is_found_wherever_the_bytes_are_cut(void)
{
	static const char text[] =
		"{\"error\":\"" AGENT "LoginRequired\",\"parameters\":{\"session\":\"corp\","
		"\"message\":\"session 'corp' is signed out: run 'iamic-login corp'\",\"x\":[1]}}";

	for (size_t i = 0; i <= sizeof(text); i++) {
		for (size_t j = i; j <= sizeof(text); j++) {
			CHECK(feed_cut(text, sizeof(text), i, j) == REPLY_ERROR);
			CHECK(reply.error.kind == ERROR_LOGIN_REQUIRED);
			CHECK_STR(reply.error.message,
				  "session 'corp' is signed out: run 'iamic-login corp'");
		}
	}
}

static void bytes_may_come_one_by_one(void)
{
	static const char text[] = "{\"parameters\":" DOCUMENT "}";

	reply = (struct reply){.len = 0};
	for (size_t i = 0; i < sizeof(text) - 1; i++)
		CHECK(reply_feed(&reply, text + i, 1) == REPLY_PARTIAL);
	CHECK(reply_feed(&reply, "", 1) == REPLY_CREDENTIALS);
	check_document();
}

static void what_comes_behind_the_reply_is_ignored(void)
{
	static const char two[] = "{\"parameters\":" DOCUMENT "}\0{\"error\":\"x\"}";
	static const char one_and_a_half[] = "{\"parameters\":" DOCUMENT "}\0{\"err";

	CHECK(feed_cut(two, sizeof(two), 0, 0) == REPLY_CREDENTIALS);
	check_document();
	CHECK(feed_cut(one_and_a_half, sizeof(one_and_a_half) - 1, 0, 0) == REPLY_CREDENTIALS);
	check_document();
}

static void no_part_of_a_reply_is_a_reply(void)
{
	static const char text[] = "{\"parameters\":" DOCUMENT "}";
	char part[sizeof(text)];

	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		memcpy(part, text, i);
		part[i] = '\0';
		CHECK(feed(part) == REPLY_ERROR);
		CHECK(reply.error.kind == ERROR_UNAVAILABLE);
	}
}

/* Whatever one byte becomes: an answer, and on credentials what is printed is a document of that length. */
static void no_byte_makes_it_read_beyond(void)
{
	static const char text[] = "{\"parameters\":" DOCUMENT "}";
	char changed[sizeof(text)];

	for (size_t i = 0; i < sizeof(text); i++) {
		for (int byte = 0; byte < 256; byte++) {
			enum reply_state state;

			memcpy(changed, text, sizeof(text));
			changed[i] = (char)byte;
			state = feed_cut(changed, sizeof(changed), i, i);
			CHECK(state != REPLY_CREDENTIALS || reply.document[reply.document_len - 1] == '\n');
			CHECK(state != REPLY_PARTIAL || i == sizeof(text) - 1);
		}
	}
}

static void an_order_and_white_space_of_its_own_do_no_harm(void)
{
	CHECK(feed(" { \"x\" : [ ] , \"parameters\" : " DOCUMENT " }\n") == REPLY_CREDENTIALS);
	check_document();
	CHECK(feed("{\"parameters\":{\"message\":\"no\"},\"error\":\"" AGENT "Denied\"}") == REPLY_ERROR);
	CHECK(reply.error.kind == ERROR_DENIED);
	CHECK_STR(reply.error.message, "no");
}

static void an_error_without_message_is_named(void)
{
	static const struct {
		const char *text;
		enum error_kind kind;
		const char *message;
	} cases[] = {
		{"{\"error\":\"org.varlink.service.MethodNotFound\",\"parameters\":{\"method\":\"x\"}}",
		 ERROR_UNAVAILABLE, "the running daemon is older: systemctl --user restart iamicd"},
		{"{\"error\":\"org.varlink.service.InvalidParameter\",\"parameters\":{\"parameter\":"
		 "\"roleName\"}}",
		 ERROR_USAGE, "the daemon does not take this 'roleName': give another"},
		{"{\"error\":\"" AGENT "Locked\"}", ERROR_LOCKED,
		 "the daemon answered 'io.iamic.Agent.Locked': try again"},
		{"{\"error\":\"" AGENT "Config\",\"parameters\":{\"message\":\"\"}}", ERROR_CONFIG,
		 "the daemon answered 'io.iamic.Agent.Config': try again"},
		{"{\"error\":\"org.example.New\",\"parameters\":{\"message\":\"text\"}}", ERROR_INTERNAL,
		 "text"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK(feed(cases[i].text) == REPLY_ERROR);
		CHECK(reply.error.kind == cases[i].kind);
		CHECK_STR(reply.error.message, cases[i].message);
	}
}

static void a_message_stays_one_line_that_no_terminal_obeys(void)
{
	CHECK(feed("{\"error\":\"" AGENT
		   "Denied\",\"parameters\":{\"message\":\"a\\n\\u001b[2Jb\\\"\x7f\"}}") == REPLY_ERROR);
	CHECK_STR(reply.error.message, "a/n/u001b[2Jb/'?");
}

static void what_is_not_understood_is_unavailable(void)
{
	static const struct {
		const char *name, *text, *why;
	} cases[] = {
		{"nothing", "", "not a JSON object"},
		{"no JSON", "HTTP/1.1 400 Bad Request", "not a JSON object"},
		{"an array", "[" DOCUMENT "]", "not a JSON object"},
		{"two objects", "{\"parameters\":" DOCUMENT "}{}", "not a JSON object"},
		{"parameters twice", "{\"parameters\":" DOCUMENT ",\"parameters\":" DOCUMENT "}",
		 "not a JSON object"},
		{"a comma too many", "{\"parameters\":" DOCUMENT ",}", "not a JSON object"},
		{"a brace too many", "{\"parameters\":" DOCUMENT "}}", "not a JSON object"},
		{"a brace too few", "{\"parameters\":" DOCUMENT, "not a JSON object"},
		{"a key of the document twice",
		 "{\"parameters\":{\"Version\":1,\"AccessKeyId\":\"a\",\"AccessKeyId\":\"a\","
		 "\"SecretAccessKey\":\"s\","
		 "\"SessionToken\":\"t\",\"Expiration\":\"e\"}}",
		 "no credentials"},
		{"a key as a number",
		 "{\"parameters\":{\"Version\":1,\"AccessKeyId\":1,\"SecretAccessKey\":\"s\","
		 "\"SessionToken\":\"t\","
		 "\"Expiration\":\"e\"}}",
		 "no credentials"},
		{"an empty secret",
		 "{\"parameters\":{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"\","
		 "\"SessionToken\":\"t\","
		 "\"Expiration\":\"e\"}}",
		 "no credentials"},
		{"no Expiration",
		 "{\"parameters\":{\"Version\":1,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\","
		 "\"SessionToken\":\"t\"}}",
		 "no credentials"},
		{"another version",
		 "{\"parameters\":{\"Version\":2,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s\","
		 "\"SessionToken\":\"t\","
		 "\"Expiration\":\"e\"}}",
		 "no credentials"},
		{"empty parameters", "{\"parameters\":{}}", "no credentials"},
		{"parameters that are a list", "{\"parameters\":[]}", "no parameters"},
		{"no parameters", "{\"continues\":true}", "no parameters"},
		{"an error that is a number", "{\"error\":5}", "no name"},
		{"an error that is empty", "{\"error\":\"\"}", "no name"},
		{"parameters of an error that are a list", "{\"error\":\"x\",\"parameters\":[]}",
		 "no object"},
		{"a control in a string", "{\"x\":\"\x01\"}", "not a JSON object"},
		{"an escape that is none", "{\"x\":\"\\q\"}", "not a JSON object"},
		{"half an escape", "{\"x\":\"\\u12\"}", "not a JSON object"},
		{"a number with a zero in front", "{\"x\":01}", "not a JSON object"},
		{"a number that ends early", "{\"x\":1e}", "not a JSON object"},
		{"a word that is none", "{\"x\":nul}", "not a JSON object"},
		{"no UTF-8", "{\"x\":\"\xc3\"}", "not UTF-8"},
		{"an overlong character", "{\"x\":\"\xc0\xaf\"}", "not UTF-8"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (feed(cases[i].text) != REPLY_ERROR || reply.error.kind != ERROR_UNAVAILABLE ||
		    !strstr(reply.error.message, cases[i].why)) {
			fprintf(stderr, "%s: '%s'\n", cases[i].name, reply.error.message);
			exit(1);
		}
	}
}

static void nesting_has_an_end(void)
{
	char text[10000] = "{\"x\":";

	memset(text + 5, '[', sizeof(text) - 6);
	CHECK(feed(text) == REPLY_ERROR);
	CHECK(feed("{\"x\":[[[[{\"y\":[{}]}]]]],\"parameters\":" DOCUMENT "}") == REPLY_CREDENTIALS);
}

static void sixteen_kilobytes_are_taken_and_no_byte_more(void)
{
	static char text[IAMIC_CREDENTIALS_MAX + 2];
	size_t n = sizeof("{\"parameters\":" DOCUMENT "}") - 1;

	memset(text, ' ', sizeof(text));
	memcpy(text, "{\"parameters\":" DOCUMENT "}", n);
	text[IAMIC_CREDENTIALS_MAX] = '\0';
	CHECK(feed_cut(text, IAMIC_CREDENTIALS_MAX + 1, 1000, 2000) == REPLY_CREDENTIALS);
	check_document();
	text[IAMIC_CREDENTIALS_MAX] = ' ';
	CHECK(feed_cut(text, IAMIC_CREDENTIALS_MAX + 2, 1000, 2000) == REPLY_ERROR);
	CHECK(strstr(reply.error.message, "too long"));
	CHECK(feed_cut(text, IAMIC_CREDENTIALS_MAX + 1, 1000, IAMIC_CREDENTIALS_MAX) == REPLY_ERROR);
}

int main(void)
{
	a_document_is_cut_out_wherever_the_bytes_are_cut();
	an_error_is_found_wherever_the_bytes_are_cut();
	bytes_may_come_one_by_one();
	what_comes_behind_the_reply_is_ignored();
	no_part_of_a_reply_is_a_reply();
	no_byte_makes_it_read_beyond();
	an_order_and_white_space_of_its_own_do_no_harm();
	an_error_without_message_is_named();
	a_message_stays_one_line_that_no_terminal_obeys();
	what_is_not_understood_is_unavailable();
	nesting_has_an_end();
	sixteen_kilobytes_are_taken_and_no_byte_more();
	return 0;
}
