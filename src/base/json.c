#include "base/json.h"

#include <stdarg.h>

static struct json_memory json_memory;
static bool json_in_secret;

static void *json_alloc(size_t size)
{
	return json_in_secret ? json_memory.alloc_secret(size) : json_memory.alloc(size);
}

void json_use_memory(const struct json_memory *memory)
{
	json_memory = *memory;
	json_set_alloc_funcs(json_alloc, json_memory.release);
}

bool json_parse_object(const char *data, size_t len, const char *what, json_t **ret, struct error *err)
{
	_cleanup_json_ json_t *json = NULL;
	json_error_t where;

	json = json_loadb(data, len, JSON_REJECT_DUPLICATES, &where);
	if (!json)
		return error_set(err, ERROR_UNAVAILABLE, "%s is not JSON: %s (byte %d)", what, where.text,
				 where.position);
	if (!json_is_object(json))
		return error_set(err, ERROR_UNAVAILABLE, "%s is not a JSON object", what);
	*ret = TAKE(json);
	return true;
}

/* jansson's messages quote the input near the fault, which here may be a secret. */
bool json_parse_secret(const char *data, size_t len, const char *what, json_t **ret, struct error *err)
{
	struct error quoting;
	bool ok;

	json_in_secret = json_memory.alloc_secret != NULL;
	ok = json_parse_object(data, len, what, ret, &quoting);
	json_in_secret = false;
	return ok ? true : error_set(err, ERROR_UNAVAILABLE, "%s is not a JSON object", what);
}

json_t *json_pack_secret(const char *format, ...)
{
	json_error_t where;
	json_t *json;
	va_list args;

	va_start(args, format);
	json_in_secret = json_memory.alloc_secret != NULL;
	json = json_vpack_ex(&where, 0, format, args);
	json_in_secret = false;
	va_end(args);
	return json;
}

static int append(const char *data, size_t len, void *userdata)
{
	return buffer_append(userdata, data, len) ? 0 : -1;
}

bool json_append(struct buffer *buffer, const json_t *json)
{
	return json_dump_callback(json, append, buffer, JSON_COMPACT) == 0;
}
