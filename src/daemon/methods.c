/* The table of what can be asked. */
#include "daemon/methods.h"

#include "daemon/methods_private.h"
#include "iamic/protocol.h"

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
	{IAMIC_INTERFACE ".CanConfirm", method_can_confirm, METHOD_LOOKS},
	{IAMIC_INTERFACE ".ListAccounts", method_list_accounts, METHOD_WORKS},
	{IAMIC_INTERFACE ".ListRoles", method_list_roles, METHOD_WORKS},
	{IAMIC_SERVICE_INTERFACE ".GetInfo", method_get_info, METHOD_LOOKS},
	{IAMIC_SERVICE_INTERFACE ".GetInterfaceDescription", method_get_interface_description, METHOD_LOOKS},
};
const size_t agent_n_methods = ARRAY_SIZE(agent_methods);
