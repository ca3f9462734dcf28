#include "cli/doctor_service.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/text.h"
#include "base/wsl.h"
#include "base/xalloc.h"

#include "build-config.h"

char *doctor_unit_folder(void)
{
	_cleanup_free_ char *config = NULL;
	struct error ignored;

	if (!fs_xdg("XDG_CONFIG_HOME", ".config", &config, &ignored))
		return NULL;
	return xasprintf("%s/systemd/user/iamicd.service.d", config);
}

char *doctor_path_word(const struct doctor *doctor, const char *path)
{
	size_t len = strlen(doctor->home);
	bool is_below = strncmp(path, doctor->home, len) == 0 && path[len] == '/';
	_cleanup_free_ char *word = shell_word(is_below ? path + len + 1 : path);

	return is_below ? xasprintf("~/%s", word) : TAKE(word);
}

char *doctor_service_lines(const struct systemd *systemd)
{
	static const char link[] =
		"systemctl --user link " IAMIC_UNITDIR "/iamicd.service " IAMIC_UNITDIR "/iamicd.socket\n";
	static const char enable[] = "systemctl --user enable --now iamicd.socket\n";

	return xasprintf("%s%s", systemd->is_loaded ? "" : link, systemd->is_enabled ? "" : enable);
}

const char *doctor_manager_fix(void)
{
	return wsl_is_here() ? "write systemd=true below [boot] in /etc/wsl.conf, then: wsl.exe --shutdown"
			     : NULL;
}

void doctor_check_service(struct doctor *doctor)
{
	_cleanup_(systemd_done) struct systemd systemd;

	systemd_look(&systemd);
	doctor_check_strict(doctor, &systemd);
	doctor_check_key(doctor, &systemd);
}
