#pragma once
/*
 * The SSO OIDC service: writes its requests, reads its replies, names its errors. Pure.
 * endpoint is the base URL. Source: botocore's model sso-oidc, 2019-06-10.
 */
#include <stdbool.h>
#include <stdint.h>

#include "aws/oidc_refusal.h"
#include "aws/request.h"
#include "aws/token.h"

#define OIDC_INTERVAL_DEFAULT_S 5 /* RFC 8628 3.2 */
#define OIDC_SLOW_DOWN_STEP_S   5 /* RFC 8628 3.5: added for good */

/* What a registration is for, as struct registration keeps it: separated by spaces, each once, in the order
 * given; sso:account:access, without which the portal answers nothing, is put in front if it lacks. scopes:
 * NULL-terminated, or NULL. */
char *oidc_scopes_text(char *const *scopes);

/* Where a browser comes back to; AWS does not look at the port of a loopback address (RFC 8252 7.3). */
#define OIDC_REDIRECT_HOST "127.0.0.1"
#define OIDC_REDIRECT_PATH "/oauth/callback"

/* start_url: of the Identity Center whose page a browser shows. */
void oidc_write_register_client(struct aws_request *ret, const char *endpoint, enum flow flow,
				char *const *scopes, const char *start_url);
/* A refusal names the other flow, which may be allowed. */
bool oidc_read_registration(const struct aws_reply *reply, enum flow flow, char *const *scopes,
			    const char *oidc_origin, struct registration **ret, struct error *err) MUST_CHECK;

struct device_authorization {
	struct secret *device_code;
	char *user_code;
	char *verification_uri;
	char *open_url; /* verificationUriComplete, else verification_uri */
	int64_t expires_in_s;
	int64_t interval_s; /* at least 1 */
};

struct device_authorization *device_authorization_free(struct device_authorization *device);
DEFINE_CLEANUP(struct device_authorization *, device_authorization_free)

void oidc_write_start_device_authorization(struct aws_request *ret, const char *endpoint,
					   const struct registration *registration, const char *start_url);
/* Addresses must be url_is_acceptable(), the code printable and at most 64 bytes. */
enum oidc_outcome oidc_read_device_authorization(const struct aws_reply *reply,
						 struct device_authorization **ret,
						 struct error *err) MUST_CHECK;

void oidc_write_token_for_device(struct aws_request *ret, const char *endpoint,
				 const struct registration *registration, const struct secret *device_code);
void oidc_write_token_for_refresh(struct aws_request *ret, const char *endpoint,
				  const struct registration *registration,
				  const struct secret *refresh_token);

/* What a browser brought back, and what only we know of it. */
struct oidc_code {
	struct secret *code, *verifier;
	char *redirect_uri; /* with the port, just as it was in the address that the browser was sent to */
};
void oidc_write_token_for_code(struct aws_request *ret, const char *endpoint,
			       const struct registration *registration, const struct oidc_code *code);

struct oidc_tokens {
	struct secret *access_token;
	struct secret *refresh_token; /* NULL: the reply has none; after a refresh the old one stays */
	int64_t expires_in_s;         /* at least 1 */
};
void oidc_tokens_done(struct oidc_tokens *tokens);
/*
 * OIDC_GRANTED fills *ret. The reply is not quoted in errors. flow: the one that is under way, or that the
 * refreshed token came by.
 */
enum oidc_outcome oidc_read_tokens(const struct aws_reply *reply, enum flow flow, struct oidc_tokens *ret,
				   struct error *err) MUST_CHECK;
/* As above for what is not polled, but asked for once: OIDC_PENDING and OIDC_SLOW_DOWN do not come of it. */
enum oidc_outcome oidc_read_tokens_unpolled(const struct aws_reply *reply, enum flow flow,
					    struct oidc_tokens *ret, struct error *err) MUST_CHECK;
