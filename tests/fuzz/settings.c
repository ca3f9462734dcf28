/* iamic's own configuration: an administrator's file, and a person's above it; parts of one input. */
#include "aws/settings.h"

#include "aws/region.h"
#include "fuzz.h"

static const char *lookup(const char *name, void *userdata)
{
	(void)userdata;
	return strcmp(name, "HOME") == 0 ? "/home/alice" : NULL;
}

static void require_sound(const struct settings *settings)
{
	REQUIRE(settings->store && settings->key && settings->collection && settings->log_level);
	REQUIRE(settings_session(settings, NULL) == &settings->general);
	for (size_t i = 0; i < settings->n_sessions; i++) {
		const struct session_settings *session = &settings->sessions[i];

		REQUIRE(session->name && session->where);
		REQUIRE(settings_session(settings, session->name) == session);
	}
	for (size_t i = 0; i < settings->n_warnings; i++)
		REQUIRE(*settings->warnings[i] && !text_has_controls(settings->warnings[i]));
}

static bool add_part(struct settings *settings, const char *path, const uint8_t **data, size_t *size,
		     struct error *err)
{
	size_t len;
	_cleanup_free_ char *part = next_part(data, size, &len);

	return settings_add_file(settings, path, part, len, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(settings_freep) struct settings *settings = settings_new();
	struct error err = {0};

	if (!add_part(settings, "company", &data, &size, &err) ||
	    !add_part(settings, "own", &data, &size, &err) ||
	    !settings_add_environment(settings, lookup, NULL, &err)) {
		require_printable_error(&err);
		REQUIRE(err.kind == ERROR_CONFIG);
		return 0;
	}
	REQUIRE(err.kind == ERROR_NONE);
	require_sound(settings);
	REQUIRE(settings->aws_config_file);
	return 0;
}
