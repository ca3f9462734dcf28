#pragma once
/*
 * AWS's small XML documents, read in one pass over bytes that stay where they are.
 *
 * Understood are elements with attributes, text with the five entities and character references, CDATA,
 * comments and processing instructions. A document type is refused (AWS sends none, and entities that expand
 * are an attack), and so is whatever is not well-formed, not UTF-8, or nested deeper than XML_DEPTH_MAX.
 * Names are compared without their prefix; attributes are passed over.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/cleanup.h"

#define XML_DEPTH_MAX 32
#define XML_TEXT_MAX  2048

struct xml_name {
	const char *data; /* of the document */
	size_t len;       /* with prefix */
};

struct xml_reader {
	const char *p, *end;
	struct xml_name open[XML_DEPTH_MAX]; /* outermost first */
	size_t depth;
	const char *text; /* of XML_TEXT, as it stands in the document */
	size_t text_len;
	bool is_literal;   /* of XML_TEXT: CDATA, in which & means itself */
	bool has_root;     /* seen */
	bool closes_next;  /* <a/> is an XML_OPEN, then an XML_CLOSE */
	bool is_malformed; /* for good */
};

enum xml_event {
	XML_OPEN, /* open[depth - 1] is the element */
	XML_TEXT,
	XML_CLOSE, /* the element has left open[] */
	XML_END,
	XML_MALFORMED,
};

void xml_reader_init(struct xml_reader *reader, const char *data, size_t len);
enum xml_event xml_next(struct xml_reader *reader) MUST_CHECK;
/* Are the open elements just these? path: "ErrorResponse/Error/Code". */
bool xml_is_at(const struct xml_reader *reader, const char *path);
/* Decodes the text behind the *len bytes that are in out; false for an entity that XML does not have, and
 * where size is not enough. */
bool xml_decode_text(const struct xml_reader *reader, char *out, size_t size, size_t *len) MUST_CHECK;

/*
 * The text of the first element at that path, without white space at its ends; NULL if there is none, if it
 * holds other elements or more than XML_TEXT_MAX bytes, or if the document as a whole is not well-formed.
 */
char *xml_find_text(const char *data, size_t len, const char *path);
/*
 * As above, into memory of the caller's choice, with a NUL behind it; what is in out after false means
 * nothing.
 */
bool xml_copy_text(const char *data, size_t len, const char *path, char *out, size_t size) MUST_CHECK;
