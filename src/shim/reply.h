#pragma once
/*
 * The daemon's reply to GetCredentials, taken in as it comes. Pure.
 *
 *     {"parameters":{"Version":1,"AccessKeyId":"…","SecretAccessKey":"…",…}}
 *     {"error":"io.iamic.Agent.LoginRequired","parameters":{"session":"corp","message":"…"}}
 *
 * The document is passed on as it is: nothing is built from it, so nothing can be lost on the way.
 */
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "iamic/protocol.h"

enum reply_state {
	REPLY_PARTIAL,     /* more must come */
	REPLY_CREDENTIALS, /* document */
	REPLY_ERROR,       /* the daemon's, or that the reply is not to be understood: error */
};

struct reply {
	size_t len;
	const char *document; /* the credential_process document and a newline, in data */
	size_t document_len;
	struct error error;
	char data[IAMIC_CREDENTIALS_MAX + 1]; /* with its NUL */
};

/* Adds bytes. What comes behind the reply is nobody's answer, and ignored. */
enum reply_state reply_feed(struct reply *reply, const char *data, size_t len);
