#include "aws/xml.h"

#include "base/xalloc.h"
#include "check.h"

#define IDENTITY                                                                                             \
	"<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"                  \
	"  <GetCallerIdentityResult>\n    <Arn>arn:aws:sts::1:assumed-role/R/alice</Arn>\n"                  \
	"    <UserId> AROA:alice\n</UserId>\n    <Account>123456789012</Account>\n"                          \
	"  </GetCallerIdentityResult>\n  <ResponseMetadata><RequestId>x</RequestId></ResponseMetadata>\n"    \
	"</GetCallerIdentityResponse>\n"

static void expect(const char *xml, const char *path, const char *want)
{
	_cleanup_free_ char *got = xml_find_text(xml, strlen(xml), path);

	if (!got != !want || (got && strcmp(got, want) != 0)) {
		fprintf(stderr, "%s: got '%s', want '%s'\n", xml, got ? got : "(null)",
			want ? want : "(null)");
		exit(1);
	}
}

static void text_is_found_by_its_path(void)
{
	expect(IDENTITY, "GetCallerIdentityResponse/GetCallerIdentityResult/Arn",
	       "arn:aws:sts::1:assumed-role/R/alice");
	expect(IDENTITY, "GetCallerIdentityResponse/GetCallerIdentityResult/UserId", "AROA:alice");
	expect(IDENTITY, "GetCallerIdentityResponse/ResponseMetadata/RequestId", "x");
	expect("<a>root</a>", "a", "root");
	expect("<a><b><c>deep</c></b><c>right</c><c>second</c></a>", "a/c", "right");
	expect("<a><bc>no</bc><b>yes</b></a>", "a/b", "yes");
	expect("<a><b/></a>", "a/b", "");
	expect("<a><b></b></a>", "a/b", "");
}

static void what_is_not_there_is_null(void)
{
	expect(IDENTITY, "GetCallerIdentityResponse/GetCallerIdentityResult/Nothing", NULL);
	expect(IDENTITY, "Arn", NULL);
	expect(IDENTITY, "GetCallerIdentityResult/Arn", NULL);
	expect("<a><b>x</b></a>", "a/b/c", NULL);
	expect("<a><b>x</b></a>", "a/", NULL);
	expect("<a><b>x</b></a>", "", NULL);
	expect("<a><b>one<c/>two</b></a>", "a/b", NULL); /* holds more than text */
}

static void entities_are_decoded(void)
{
	expect("<a>&lt;&amp;&gt;&quot;&apos;</a>", "a", "<&>\"'");
	expect("<a>&#65;&#x42;&#x1F511;&#xe9;&#10;x</a>", "a", "AB\xf0\x9f\x94\x91\xc3\xa9\nx");
	expect("<a>&amp;lt;</a>", "a", "&lt;");
	expect("<a><![CDATA[<x>&amp;]]> &amp;</a>", "a", "<x>&amp; &");
}

static void what_xml_allows_besides_is_passed_over(void)
{
	expect("\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- <a>no</a> -->\n<a x='1' y = \"<\"/>", "a", NULL);
	expect("\xef\xbb\xbf<?xml version=\"1.0\"?>\n<!-- <a>no</a> -->\n<a x='>' y = \"/>\" "
	       "><!--c--><?p?>t</a >\n"
	       "<!-- end --> ",
	       "a", "t");
	expect("<n:a xmlns:n='u'><n:b>x</n:b></n:a>", "a/b", "x");
	expect("<\xc3\xa9>x</\xc3\xa9>", "\xc3\xa9", "x");
}

static void what_is_not_well_formed_yields_nothing(void)
{
	static const char *const cases[] = {
		"",
		" ",
		"text",
		"<",
		"<>x</>",
		"<a",
		"<a>x",
		"<a>x</",
		"<a>x</a",
		"<a>x</b>",
		"<a>x</ a>",
		"<a>x</a>trailing",
		"<a>x</a><a>y</a>",
		"<a>x</a></a>",
		"text<a>x</a>",
		"<a><b>y</a></b>",
		"< a>x</a>",
		"<1a>x</1a>",
		"<a b>x</a>",
		"<a b=c>x</a>",
		"<a b='c>x</a>",
		"<a b='c'd='e'>x</a>",
		"<a b='<'>x</a>",
		"<a / >x</a>",
		"<a>&unknown;</a>",
		"<a>&amp</a>",
		"<a>&;</a>",
		"<a>&</a>",
		"<a>&#;</a>",
		"<a>&#x;</a>",
		"<a>&#xg;</a>",
		"<a>&#-1;</a>",
		"<a>&#0;</a>",
		"<a>&#8;</a>",
		"<a>&#xd800;</a>",
		"<a>&#x110000;</a>",
		"<a>&#99999999999999999999;</a>",
		"<a>&averyveryverylongentity;</a>",
		"<a>\x01</a>",
		"<a>\xff</a>",
		"<a><!-- x</a>",
		"<a><?x</a>",
		"<a><![CDATA[x</a>",
		"<![CDATA[x]]><a>x</a>",
		"<!DOCTYPE a><a>x</a>",
		"<!DOCTYPE a [<!ENTITY b 'c'>]><a>x</a>",
		"<a><!ELEMENT b></a>",
		"<a><!x></a>",
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		expect(cases[i], "a", NULL);
	CHECK(!xml_find_text("<a>x\0y</a>", 10, "a"));
	CHECK(!xml_find_text("<a>x</a>\0", 9, "a"));
}

static void every_truncation_yields_nothing(void)
{
	static const char whole[] = IDENTITY;

	for (size_t len = 0; len < sizeof(whole) - 2; len++) {
		char *exact = malloc(len ? len : 1);

		memcpy(exact, whole, len); /* so that ASan sees a look behind the end */
		CHECK(!xml_find_text(exact, len, "GetCallerIdentityResponse/GetCallerIdentityResult/Arn"));
		free(exact);
	}
}

static void size_and_depth_are_bounded(void)
{
	static char deep[200000], wide[10000];
	size_t n = 0;

	for (int i = 0; i < XML_DEPTH_MAX; i++)
		n += (size_t)snprintf(deep + n, sizeof(deep) - n, "<a>");
	for (int i = 0; i < XML_DEPTH_MAX; i++)
		n += (size_t)snprintf(deep + n, sizeof(deep) - n, "</a>");
	CHECK(!xml_find_text(deep, n, "b"));
	expect("<a><b>x</b></a>", "a/b", "x");
	memset(deep, 0, sizeof(deep));
	for (n = 0; n + 3 < sizeof(deep); n += 3)
		memcpy(deep + n, "<a>", 3);
	CHECK(!xml_find_text(deep, n, "a"));
	memset(wide, 'x', sizeof(wide));
	memcpy(wide, "<a>", 3);
	memcpy(wide + 3 + XML_TEXT_MAX, "</a>", 5);
	{
		_cleanup_free_ char *text = xml_find_text(wide, strlen(wide), "a");

		CHECK(text && strlen(text) == XML_TEXT_MAX);
	}
	memset(wide + 3, 'x', sizeof(wide) - 3);
	memcpy(wide + 4 + XML_TEXT_MAX, "</a>", 5);
	CHECK(!xml_find_text(wide, strlen(wide), "a"));
}

static void events_come_in_the_documents_order(void)
{
	static const char xml[] = "<a>1<b x='y'/><c>2</c></a>";
	static const enum xml_event want[] = {XML_OPEN, XML_TEXT,  XML_OPEN,  XML_CLOSE, XML_OPEN,
					      XML_TEXT, XML_CLOSE, XML_CLOSE, XML_END,   XML_END};
	struct xml_reader reader;

	xml_reader_init(&reader, xml, strlen(xml));
	for (size_t i = 0; i < ARRAY_SIZE(want); i++)
		CHECK(xml_next(&reader) == want[i]);
	CHECK(reader.depth == 0);
	xml_reader_init(&reader, "<a></b>", 7);
	CHECK(xml_next(&reader) == XML_OPEN && xml_is_at(&reader, "a") && !xml_is_at(&reader, "a/b"));
	CHECK(xml_next(&reader) == XML_MALFORMED && xml_next(&reader) == XML_MALFORMED);
}

int main(void)
{
	text_is_found_by_its_path();
	what_is_not_there_is_null();
	entities_are_decoded();
	what_xml_allows_besides_is_passed_over();
	what_is_not_well_formed_yields_nothing();
	every_truncation_yields_nothing();
	size_and_depth_are_bounded();
	events_come_in_the_documents_order();
	return 0;
}
