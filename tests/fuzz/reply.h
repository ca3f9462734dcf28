#pragma once
/*
 * An HTTP reply as an input: a first line of status, media type and x-amzn-ErrorType, of which the latter two
 * may be missing; then the body.
 *
 *     400 application/json InvalidGrantException:http://internal.amazon.com/
 *     {"error":"invalid_grant"}
 */
#include "aws/request.h"
#include "fuzz.h"

struct input {
	char *head, *body;
	struct aws_reply reply;
};

static inline void input_done(struct input *input)
{
	free(input->head);
	free(input->body);
}

static inline struct input input_read(const uint8_t *data, size_t size)
{
	const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
	size_t head_len = newline ? (size_t)(newline - data) : size;
	size_t body_len = newline ? size - head_len - 1 : 0;
	struct input input = {.head = text_of(data, head_len), .body = xcalloc(1, body_len + 1)};
	char *rest = input.head, *word = strsep(&rest, " ");

	if (body_len)
		memcpy(input.body, newline + 1, body_len);
	input.reply = (struct aws_reply){
		.status = strtol(word, NULL, 10),
		.body = input.body,
		.body_len = body_len,
		.content_type = strsep(&rest, " "),
		.error_type = rest,
	};
	return input;
}
