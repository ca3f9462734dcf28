#pragma once
/*
 * Varlink's envelope: one JSON object, then a NUL byte. Pure: bytes in, structs out.
 *
 *     {"method":"io.iamic.Agent.Login","parameters":{"session":"corp"},"more":true}
 *     {"parameters":{"stage":"waiting", …},"continues":true}
 *     {"error":"io.iamic.Agent.LoginRequired","parameters":{"session":"corp","message":"…"}}
 */
#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/buffer.h"
#include "base/error.h"

struct message_request {
	char *method;       /* qualified by its interface */
	json_t *parameters; /* an object, empty when the request had none */
	bool more;          /* the caller takes several replies */
	bool oneway;        /* the caller wants none */
};

/* One whole message without its NUL. Unknown members are ignored. */
bool message_parse_request(const char *data, size_t len, struct message_request *ret,
			   struct error *err) MUST_CHECK;
void message_request_done(struct message_request *request);

struct message_reply {
	json_t *parameters; /* an object */
	char *error;        /* qualified name, or NULL */
	bool continues;
};

bool message_parse_reply(const char *data, size_t len, struct message_reply *ret,
			 struct error *err) MUST_CHECK;
void message_reply_done(struct message_reply *reply);

/* Each appends one message and its NUL; false when it does not fit, with the buffer as it was before. */
bool message_append_request(struct buffer *out, const char *method, const json_t *parameters,
			    bool more) MUST_CHECK;
bool message_append_reply(struct buffer *out, const json_t *parameters, bool continues) MUST_CHECK;
bool message_append_error(struct buffer *out, const char *name, const json_t *parameters) MUST_CHECK;

/* Where the first NUL is; data[*ret_len] is it. False: the message is not complete. */
bool message_find_end(const char *data, size_t len, size_t *ret_len);
