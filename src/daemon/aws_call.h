#pragma once
/*
 * One call to AWS with a role's credentials. Its XML, where AWS answers in XML, arrives as JSON.
 *
 * Owned by whoever started it; the callback runs once, from the event loop, and may free the call.
 */
#include <stdbool.h>

#include <jansson.h>

#include "aws/admin.h"
#include "aws/request.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "daemon/roles.h"

struct aws_call;

/* How one operation is written and read. */
struct aws_call_kind {
	const char *service, *operation; /* as Call names them: "sts", "GetCallerIdentity" */
	enum aws_service endpoint;
	void (*write)(struct aws_request *ret, const char *endpoint, const char *region,
		      struct role_keys *keys_taken);
	bool (*read)(const struct aws_reply *reply, json_t **ret, struct error *err);
};
extern const struct aws_call_kind aws_call_caller_identity;
/* What a browser is signed in to the console with; not on the list of what clients may ask for. */
extern const struct aws_call_kind aws_call_signin_token;

struct aws_call_spec {
	const struct aws_call_kind *kind;    /* or NULL: then it is */
	const struct admin_operation *admin; /* with input */
	const char *input;
	const char *region;   /* valid */
	const char *endpoint; /* base URL */
};

/* document: AWS's reply as JSON, borrowed; or NULL and err. */
typedef void (*aws_call_fn)(json_t *document, const struct error *err, void *userdata);

/* Sets kind or admin, and which service's endpoint it wants. ERROR_DENIED for a pair that is not on the list,
 * and for one that changes something where the caller has not said that it means to. */
bool aws_call_find(const char *service, const char *operation, bool may_write, struct aws_call_spec *ret,
		   enum aws_service *ret_endpoint, struct error *err) MUST_CHECK;
struct aws_call *aws_call_start(struct roles *roles, const struct session_deps *deps,
				const struct caller *caller, const struct role_wish *wish,
				const struct aws_call_spec *spec, aws_call_fn fn, void *userdata);
struct aws_call *aws_call_free(struct aws_call *call);
/* What AWS calls its refusal ("ConflictException"), within the callback that has an error; NULL: it is none.
 */
const char *aws_call_refusal(const struct aws_call *call);
/* Why the service has not answered yet; false: it has not been asked, for want of credentials. */
bool aws_call_explain_silence(const struct aws_call *call, struct error *err) MUST_CHECK;
DEFINE_CLEANUP(struct aws_call *, aws_call_free)
