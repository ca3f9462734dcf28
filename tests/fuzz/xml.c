/* AWS's XML, event by event, and by path. */
#include "aws/xml.h"

#include "fuzz.h"

/* False if it is not well-formed. */
static bool read_all(const char *data, size_t len)
{
	struct xml_reader reader;
	char text[XML_TEXT_MAX];
	size_t depth = 0, text_len;
	enum xml_event event;

	xml_reader_init(&reader, data, len);
	while ((event = xml_next(&reader)) != XML_END && event != XML_MALFORMED) {
		depth += event == XML_OPEN;
		depth -= event == XML_CLOSE;
		REQUIRE(reader.depth == depth && depth <= XML_DEPTH_MAX);
		text_len = 0;
		if (event == XML_TEXT && xml_decode_text(&reader, text, sizeof(text), &text_len))
			REQUIRE(text_len <= sizeof(text) && text_len <= reader.text_len);
	}
	REQUIRE(event == XML_MALFORMED || depth == 0);
	REQUIRE(xml_next(&reader) == event);
	return event == XML_END;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {"a", "a/b", "ErrorResponse/Error/Code"};
	bool is_well_formed = read_all((const char *)data, size);

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_free_ char *text = xml_find_text((const char *)data, size, paths[i]);

		REQUIRE(!text || is_well_formed);
		REQUIRE(!text || utf8_is_valid(text, strlen(text)));
	}
	return 0;
}
