#include "daemon/login.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "daemon/login_device.h"
#include "daemon/login_pkce.h"

struct login { /* one of them */
	struct login_device *device;
	struct login_pkce *pkce;
};

struct login *login_new(const struct login_deps *deps, const struct login_wish *wish,
			struct registration *registration_taken, const struct login_watcher *watcher)
{
	struct login *login = xcalloc(1, sizeof(*login));

	if (wish->flow == FLOW_BROWSER)
		login->pkce = login_pkce_new(deps, wish, registration_taken, watcher);
	else
		login->device = login_device_new(deps, wish, registration_taken, watcher);
	return login;
}

bool login_come_back(struct login *login, const char *address)
{
	return login->pkce && login_pkce_come_back(login->pkce, address);
}

struct registration *login_take_registration(struct login *login)
{
	return login->pkce ? login_pkce_take_registration(login->pkce)
			   : login_device_take_registration(login->device);
}

struct login *login_free(struct login *login)
{
	if (!login)
		return NULL;
	login_device_free(login->device);
	login_pkce_free(login->pkce);
	free(login);
	return NULL;
}
