/* The token of a session: made of what OIDC granted, stored, put to use, forgotten. */
#include <stdlib.h>

#include "aws/oidc.h"
#include "base/xalloc.h"
#include "daemon/cli_cache.h"
#include "daemon/session_private.h"

#define DOCUMENT_MAX (64 * 1024)

void session_set_token(struct session *session, struct token *token_taken)
{
	cli_cache_follow(session->deps.configuration, session_name(session), session->token, token_taken);
	token_free(session->token);
	session->former = token_free(session->former);
	session->token = token_taken;
	session->generation++;
	session->is_token_refused = false;
	session->n_postponed = 0;
}

struct token *session_take_token(struct session *session)
{
	cli_cache_follow(session->deps.configuration, session_name(session), session->token, NULL);
	session->is_unsaved = false;
	session->is_token_refused = false;
	session->was_refreshed_for_refusal = false;
	return TAKE(session->token);
}

void session_forget_token(struct session *session)
{
	token_free(session_take_token(session));
	session->former = token_free(session->former);
}

void session_set_token_aside(struct session *session)
{
	cli_cache_follow(session->deps.configuration, session_name(session), session->token, NULL);
	session->former = TAKE(session->token);
}

bool session_take_token_back(struct session *session)
{
	if (!session->former)
		return false;
	cli_cache_follow(session->deps.configuration, session_name(session), NULL, session->former);
	session->token = TAKE(session->former);
	return true;
}

/* Only the client that a token was issued to can refresh it, and nothing is sent where it was not issued. */
bool session_can_refresh(const struct session *session)
{
	enum flow ignored;

	return session->token && session->token->refresh_token &&
	       registrations_find(&session->registrations, session->token->client_id, &ignored);
}

/* By which the token came that is to be refreshed. */
enum flow session_issuing_flow(const struct session *session, const struct token *token)
{
	enum flow flow = FLOW_DEVICE;

	(void)registrations_find(&session->registrations, token->client_id, &flow);
	return flow;
}

enum oidc_outcome session_read_refresh(const struct session *session, const struct token *previous,
				       const struct aws_reply *reply, struct oidc_tokens *ret,
				       struct error *err)
{
	return oidc_read_tokens_unpolled(reply, session_issuing_flow(session, previous), ret, err);
}

/* What another program left here may have no client: then it cannot be refreshed. */
static const char *client_id_of(const struct session *session, const struct token *previous)
{
	const struct registration *registration = session->registrations.of[session->flow];

	return previous ? previous->client_id : registration ? registration->client_id : "-";
}

struct token *session_make_token(const struct session *session, struct oidc_tokens *tokens,
				 struct token *previous)
{
	struct token *token = xcalloc(1, sizeof(*token));
	int64_t now = aws_clock_now(session->deps.clock);

	token->access_token = TAKE(tokens->access_token);
	token->refresh_token = TAKE(tokens->refresh_token);
	token->issued_at = now;
	token->expires_at = now + tokens->expires_in_s;
	token->signed_in_at = previous ? previous->signed_in_at : now;
	token->session = xstrdup(session->definition->name);
	token->start_url = xstrdup(session->definition->start_url);
	token->region = xstrdup(session->definition->region);
	token->oidc_origin = xstrdup(session->oidc_origin);
	token->portal_origin = xstrdup(session->portal_origin);
	token->client_id = xstrdup(client_id_of(session, previous));
	if (!token->refresh_token && previous) /* a reply without one keeps the old */
		token->refresh_token = TAKE(previous->refresh_token);
	return token;
}

void session_save(struct session *session, const struct token *token, store_fn fn)
{
	_cleanup_(buffer_clearp) struct buffer document = BUFFER_INIT(DOCUMENT_MAX, &secret_memory);
	struct store_name name;

	session_store_name(session, &name);
	store_operation_free(session->store_operation);
	if (!token_format(token, &session->registrations, &document))
		buffer_clear(&document); /* no room in the arena: an empty document is refused */
	session->store_operation = store_save(session->deps.store, &name, &document, fn, session);
}
