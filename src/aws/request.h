#pragma once
/*
 * One HTTP request to AWS as a value: written by the modules that know a service, sent by the daemon.
 */
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/secret.h"

struct role_keys;

/* The headers that sign one attempt (aws/sigv4.h); all NULL where nothing is signed. */
struct aws_signature {
	char *host, *date, *authorization;
};
void aws_signature_done(struct aws_signature *signature);

struct aws_request {
	const char *operation;    /* AWS's name, for messages and logs; static */
	bool is_post;             /* else GET */
	char *url;                /* owned */
	const char *content_type; /* static, or NULL */
	char *target;             /* owned; sent and signed as X-Amz-Target; or NULL */
	struct buffer body;       /* in secret memory */
	struct secret *bearer;    /* owned; sent as x-amz-sso_bearer_token; or NULL */
	struct role_keys
		*sign_with;       /* owned; AWS Signature Version 4 for service and region below; or NULL */
	const char *sign_service; /* static */
	char *sign_region;        /* owned */
	struct aws_signature signature;
	bool is_idempotent;   /* may be sent again although the first may have arrived */
	bool is_poll;         /* its owner repeats it at a pace of his own, and no one else may */
	bool is_reply_secret; /* the reply's body is kept in secret memory */
	bool is_elsewhere;    /* to a host that is not AWS's: its clock is not AWS's either */
};

void aws_request_done(struct aws_request *request);
static inline void aws_request_donep(struct aws_request *request)
{
	aws_request_done(request);
}

/* A reply as the parsers below src/aws take it. error_type is the x-amzn-ErrorType header, or NULL. */
struct aws_reply {
	long status;
	const char *body; /* NUL-terminated */
	size_t body_len;
	const char *error_type;
	const char *content_type; /* or NULL */
	const char *location;     /* where a redirect leads, as it was said; or NULL */
};

/*
 * AWS's name for what went wrong ("InvalidGrantException"): header, then __type, code, Code of a JSON body,
 * then the error member of OIDC mapped to its exception's name; "" when the reply names none (a proxy's
 * page). message is AWS's words, printable, or ""; a run of characters that is as long as a token is left out
 * of it. reason is what OIDC adds to some ("KMS_DisabledException"), or "". None quotes anything else of the
 * body.
 */
struct aws_fault {
	char name[64];
	char reason[64];
	char message[200];
};
void aws_fault_read(const struct aws_reply *reply, struct aws_fault *ret);
/* For services that say it in another form than JSON. What name cannot be is left out. */
void aws_fault_set(struct aws_fault *ret, const char *name, const char *message);
