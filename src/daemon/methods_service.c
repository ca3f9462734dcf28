/* org.varlink.service: what every varlink service says of itself. */
#include <string.h>

#include "daemon/methods_private.h"
#include "iamic/protocol.h"

#include "build-config.h"
#include "interface-description.h" /* made from include/iamic/io.iamic.Agent.varlink */

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
