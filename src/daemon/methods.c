/* The table, varlink's own methods, and what the methods share. */
#include "daemon/methods.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "aws/profile_endpoints.h"
#include "base/clock.h"
#include "base/xalloc.h"
#include "daemon/methods_private.h"
#include "iamic/protocol.h"

#include "build-config.h"
#include "interface-description.h" /* made from include/iamic/io.iamic.Agent.varlink */

const struct method agent_methods[] = {
	{IAMIC_INTERFACE ".GetCredentials", method_get_credentials, METHOD_WORKS},
	{IAMIC_INTERFACE ".ServeRole", method_serve_role, METHOD_WORKS},
	{IAMIC_INTERFACE ".EksToken", method_eks_token, METHOD_WORKS},
	{IAMIC_INTERFACE ".SigninLink", method_signin_link, METHOD_WORKS},
	{IAMIC_INTERFACE ".Call", method_call, METHOD_WORKS},
	{IAMIC_INTERFACE ".Login", method_login, METHOD_WORKS},
	{IAMIC_INTERFACE ".FinishLogin", method_finish_login, METHOD_WORKS},
	{IAMIC_INTERFACE ".CancelLogin", method_cancel_login, METHOD_WORKS},
	{IAMIC_INTERFACE ".Logout", method_logout, METHOD_IS_SEEN_THROUGH},
	{IAMIC_INTERFACE ".ImportSession", method_import_session, METHOD_WORKS},
	{IAMIC_INTERFACE ".ResolveStartUrl", method_resolve_start_url, METHOD_WORKS},
	{IAMIC_INTERFACE ".Lock", method_lock, METHOD_IS_SEEN_THROUGH},
	{IAMIC_INTERFACE ".Unlock", method_unlock, METHOD_WORKS},
	{IAMIC_INTERFACE ".MoveStore", method_move_store, METHOD_IS_SEEN_THROUGH},
	{IAMIC_INTERFACE ".Status", method_status, METHOD_LOOKS},
	{IAMIC_INTERFACE ".ProfileSession", method_profile_session, METHOD_LOOKS},
	{IAMIC_INTERFACE ".Log", method_log, METHOD_LOOKS},
	{IAMIC_INTERFACE ".Reach", method_reach, METHOD_LOOKS},
	{IAMIC_INTERFACE ".Share", method_share, METHOD_STANDS},
	{IAMIC_INTERFACE ".ListAccounts", method_list_accounts, METHOD_WORKS},
	{IAMIC_INTERFACE ".ListRoles", method_list_roles, METHOD_WORKS},
	{IAMIC_SERVICE_INTERFACE ".GetInfo", method_get_info, METHOD_LOOKS},
	{IAMIC_SERVICE_INTERFACE ".GetInterfaceDescription", method_get_interface_description, METHOD_LOOKS},
};
const size_t agent_n_methods = ARRAY_SIZE(agent_methods);

static const char service_description[] =
	"# The Varlink Service Interface is provided by every varlink service. It\n"
	"# describes the service and the interfaces it implements.\n"
	"interface org.varlink.service\n"
	"\n"
	"method GetInfo() -> (\n"
	"  vendor: string,\n"
	"  product: string,\n"
	"  version: string,\n"
	"  url: string,\n"
	"  interfaces: []string\n"
	")\n"
	"method GetInterfaceDescription(interface: string) -> (description: string)\n"
	"\n"
	"error InterfaceNotFound (interface: string)\n"
	"error MethodNotFound (method: string)\n"
	"error MethodNotImplemented (method: string)\n"
	"error InvalidParameter (parameter: string)\n";

void method_get_info(struct call *call, const json_t *parameters)
{
	(void)parameters;
	call_reply(call, json_pack("{s:s, s:s, s:s, s:s, s:[ss]}", "vendor", "the iamic authors", "product",
				   "iamic", "version", IAMIC_VERSION, "url", "", "interfaces",
				   IAMIC_SERVICE_INTERFACE, IAMIC_INTERFACE));
}

void method_get_interface_description(struct call *call, const json_t *parameters)
{
	const char *interface;

	if (!parameters_read(call, parameters, "{s:s}", "interface", &interface))
		return;
	if (strcmp(interface, IAMIC_INTERFACE) == 0)
		call_reply(call, json_pack("{s:s}", "description", interface_description));
	else if (strcmp(interface, IAMIC_SERVICE_INTERFACE) == 0)
		call_reply(call, json_pack("{s:s}", "description", service_description));
	else
		call_fail_named(call, IAMIC_SERVICE_INTERFACE ".InterfaceNotFound",
				json_pack("{s:s}", "interface", interface));
}

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

struct caller caller_of(const struct call *call)
{
	return (struct caller){
		.pid = call_pid(call), .listener = call_listener(call), .share = call_share(call)};
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

typedef bool (*find_fn)(const struct config *config, const struct settings *settings, const void *what,
			void *ret, struct error *err);

static bool find_in_force(struct agent *agent, find_fn find, const void *what, void *ret, struct error *err)
{
	const struct settings *settings;
	const struct config *config;

	return configuration_get(agent->configuration, &config, &settings, err) &&
	       find(config, settings, what, ret, err);
}

/*
 * Finds it in what is in force; if it is not there, once more in what the files say by now. Where a file is
 * not in force for a fault of its own, that fault is the better answer: what is missing may well stand in it.
 */
static bool with_configuration(struct agent *agent, find_fn find, const void *what, void *ret,
			       struct error *err)
{
	if (find_in_force(agent, find, what, ret, err))
		return true;
	if (err->kind != ERROR_CONFIG)
		return false;
	if (configuration_look_again(agent->configuration) && find_in_force(agent, find, what, ret, err))
		return true;
	if (err->kind == ERROR_CONFIG)
		(void)configuration_is_refused(agent->configuration, err);
	return false;
}

static bool find_session(const struct config *config, const struct settings *settings, const void *what,
			 void *ret, struct error *err)
{
	const struct session_proposal *wanted = what;

	if (wanted->name && wanted->start_url && wanted->region)
		return sso_session_propose(config, settings, wanted, ret, err);
	return sso_session_resolve(config, settings, wanted->name, ret, err);
}

bool agent_session(struct agent *agent, const struct session_proposal *wanted, struct session **ret,
		   struct error *err)
{
	struct sso_session *definition;

	/*
	 * A person asks, perhaps just after having written the file; who only wants credentials does not wait
	 * for it.
	 */
	configuration_look_again(agent->configuration);
	return with_configuration(agent, find_session, wanted, &definition, err) &&
	       sessions_get(agent->sessions, definition, ret, err);
}

bool agent_named_session(struct agent *agent, const struct config *config, const struct settings *settings,
			 const char *name, struct session **ret, struct error *err)
{
	struct sso_session *definition;

	return sso_session_resolve(config, settings, name, &definition, err) &&
	       sessions_get(agent->sessions, definition, ret, err);
}

static bool find_profile_session(const struct config *config, const struct settings *settings,
				 const void *what, void *ret, struct error *err)
{
	return sso_session_of_profile(config, settings, what, ret, err);
}

bool agent_profile_session(struct agent *agent, const char *profile, struct session **ret, struct error *err)
{
	struct sso_session *definition;

	return with_configuration(agent, find_profile_session, profile, &definition, err) &&
	       sessions_get(agent->sessions, definition, ret, err);
}

static bool find_role(const struct config *config, const struct settings *settings, const void *what,
		      void *ret, struct error *err)
{
	return target_resolve(config, settings, what, ret, err);
}

bool agent_role(struct agent *agent, const struct target *target, struct role **ret_role,
		struct session **ret_session, struct error *err)
{
	_cleanup_(role_freep) struct role *role = NULL;

	if (!with_configuration(agent, find_role, target, &role, err) ||
	    !sessions_get(agent->sessions, TAKE(role->session), ret_session, err))
		return false;
	*ret_role = TAKE(role);
	return true;
}

bool agent_profile_endpoints(struct agent *agent, const char *profile, struct endpoint_options *ret,
			     struct error *err)
{
	const struct config_section *section;
	const struct settings *settings;
	const struct config *config;

	if (!configuration_get(agent->configuration, &config, &settings, err))
		return false;
	section = config_find(config, CONFIG_PROFILE, profile);
	return !section || profile_endpoints_read(config, section, ret, err);
}
