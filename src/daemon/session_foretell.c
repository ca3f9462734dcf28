/* When the portal session will end, and how far that can be relied on. */
#include "daemon/configuration.h"
#include "daemon/session_private.h"

/* 0: the configuration does not say it. */
static int64_t configured_length(const struct session *session)
{
	const struct settings *settings;
	const struct config *config;
	struct error err;

	return configuration_get(session->deps.configuration, &config, &settings, &err)
		       ? settings_session(settings, session_name(session))->session_length_s
		       : 0;
}

void session_foretell_end(const struct session *session, struct session_end *ret)
{
	int64_t since = session->token ? session->token->signed_in_at : 0;
	int64_t length_s = configured_length(session), sure_s = length_s;

	if (length_s == 0) {
		length_s = history_length(session->deps.history, session_name(session));
		sure_s = history_sure_length(session->deps.history, session_name(session));
	}
	*ret = (struct session_end){
		.foretold = since && length_s ? since + length_s : 0,
		.sure = since && sure_s ? since + sure_s : 0,
	};
}
