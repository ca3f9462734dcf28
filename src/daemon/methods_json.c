/* What methods read and write: parameters, and members that replies and errors have in common. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/methods_private.h"
#include "iamic/protocol.h"

/* Reading a format of parameters_read() as it goes. */
struct unpacking {
	const char *format;
	va_list args;
	const char *wrong; /* the first member that is missing or of another type */
};

static bool read_value(struct unpacking *unpacking, char type, const json_t *value)
{
	void *ret = va_arg(unpacking->args, void *);

	if (!value)
		return true;
	switch (type) {
	case 's':
		*(const char **)ret = json_string_value(value);
		return json_is_string(value);
	case 'I':
		*(json_int_t *)ret = json_integer_value(value);
		return json_is_integer(value);
	case 'b':
		*(int *)ret = json_is_true(value);
		return json_is_boolean(value);
	default:
		abort(); /* a format that is written wrong */
	}
}

/* From behind the '{' to behind the '}'. */
static void read_members(struct unpacking *unpacking, const json_t *object)
{
	while (!unpacking->wrong && *unpacking->format != '}') {
		const char *format = unpacking->format, *name = va_arg(unpacking->args, const char *);
		const json_t *value = json_object_get(object, name);
		bool is_needed = format[1] == ':';

		if (json_is_null(value)) /* libraries write what is left out as null */
			value = NULL;
		unpacking->format += 3 + strspn(format + 3, ", ");
		if (!value && is_needed)
			unpacking->wrong = name;
		else if (format[2] != '{' && !read_value(unpacking, format[2], value))
			unpacking->wrong = name;
		else if (format[2] == '{' && !json_is_object(value))
			unpacking->wrong = name;
		else if (format[2] == '{')
			read_members(unpacking, value);
	}
	if (!unpacking->wrong)
		unpacking->format += 1 + strspn(unpacking->format + 1, ", ");
}

bool parameters_read(struct call *call, const json_t *parameters, const char *format, ...)
{
	struct unpacking unpacking = {.format = format + 1};

	va_start(unpacking.args, format);
	read_members(&unpacking, parameters);
	va_end(unpacking.args);
	if (!unpacking.wrong)
		return true;
	call_fail_named(call, IAMIC_SERVICE_INTERFACE ".InvalidParameter",
			json_pack("{s:s}", "parameter", unpacking.wrong));
	return false;
}

json_t *json_string_or_null(const char *text)
{
	json_t *string = text ? json_string(text) : NULL;

	return string ? string : json_null(); /* jansson takes UTF-8 only */
}

json_t *json_time_or_null(int64_t s)
{
	char time[RFC3339_SIZE];

	return s ? json_string(rfc3339_format(s, time)) : json_null();
}

json_t *session_error_members(const struct session *session, const struct error *err)
{
	struct session_status status;

	if (err->kind != ERROR_LOGIN_REQUIRED)
		return NULL;
	session_get_status(session, &status);
	return json_pack("{s:o, s:o, s:o}", "session", json_string_or_null(session_name(session)), "openUrl",
			 json_string_or_null(status.open_url), "code", json_string_or_null(status.code));
}
