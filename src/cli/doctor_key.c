/* The key of the sealed file, and whether systemd could keep it sealed to this machine: a credential. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/doctor_service.h"
#include "cli/finding.h"
#include "cli/tool.h"

#define ID          "sealed-key"
#define OBJECT      "key of the sealed file"
#define CREDENTIAL  "iamic.key"
#define VERSION_ANY 250 /* encrypted credentials, for services of the system */

#define LIES_BESIDE "lies in another file of the home, and whoever copies the whole disk has both"
#define MAKE_KEY    "head -c 32 /dev/urandom | base64 | "

static bool has_tpm(void)
{
	_cleanup_(tool_answer_done) struct tool_answer answer;

	tool_ask("systemd-creds has-tpm2", NULL, SYSTEMD_PATIENCE, &answer);
	return strncmp(answer.text, "yes", 3) == 0;
}

static bool has_tool(void)
{
	_cleanup_(tool_answer_done) struct tool_answer answer;

	tool_ask("systemd-creds --version", NULL, SYSTEMD_PATIENCE, &answer);
	return answer.status == 0;
}

/* Without line ends and what else was said, to be freed. */
static char *base64_of(const char *text)
{
	char *base64 = xcalloc(strlen(text) + 1, 1), *out = base64;

	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");

		if (strcspn(line, " ") >= len)
			out = mempcpy(out, line, len);
		line += len + (line[len] == '\n');
	}
	return base64;
}

/*
 * Seals nothing at all, and lets a unit unseal it: to seal it is not enough, for the manager of a person
 * cannot open what it gets in every version that can seal it for them.
 */
static bool can_seal(void)
{
	_cleanup_(tool_answer_done) struct tool_answer sealed, unsealed = {0};
	_cleanup_free_ char *base64 = NULL, *credential = NULL;

	tool_ask("systemd-creds encrypt --user --name=" CREDENTIAL " - -", NULL, SYSTEMD_PATIENCE, &sealed);
	if (sealed.status != 0)
		return false;
	base64 = base64_of(sealed.text);
	credential = xasprintf("-pSetCredentialEncrypted=" CREDENTIAL ":%s", base64);
	tool_ask("systemd-run --user --quiet --wait --collect",
		 (const char *const[]){credential, "true", NULL}, SYSTEMD_PATIENCE, &unsealed);
	return unsealed.status == 0;
}

/* What root lets systemd unseal for this person's service manager. */
static bool manager_has_it(void)
{
	_cleanup_free_ char *path =
		xasprintf("/run/credentials/user@%u.service/" CREDENTIAL, (unsigned)getuid());

	return access(path, F_OK) == 0;
}

/* ---- what to type ---- */

static char *sealing_by_root(void)
{
	unsigned uid = (unsigned)getuid();

	return xasprintf(
		MAKE_KEY
		"sudo systemd-creds encrypt --name=" CREDENTIAL " - /etc/iamic-%u.key\n"
		"sudo mkdir -p /etc/systemd/system/user@%u.service.d\n"
		"printf '[Service]\\nLoadCredentialEncrypted=" CREDENTIAL ":/etc/iamic-%u.key\\n' | "
		"sudo tee /etc/systemd/system/user@%u.service.d/iamic.conf\n"
		"sudo systemctl daemon-reload\n"
		"# log out of all sessions and in again, for your service manager to get it; then:\n",
		uid, uid, uid, uid);
}

/* The last step: a file keeps the key that it was made with. */
static char *sealing_anew(const struct doctor *doctor)
{
	_cleanup_free_ char *state = NULL, *word = NULL;
	struct error ignored;

	if (!fs_xdg("XDG_STATE_HOME", ".local/state", &state, &ignored))
		return xstrdup("");
	word = doctor_path_word(doctor, state);
	return xasprintf("rm -f %s/iamic/sealed\n"
			 "systemctl --user restart iamicd\n"
			 "iamic-login --all",
			 word);
}

/* load: the line by which the unit gets it; before: what comes first, taken. */
static char *using_it(const struct doctor *doctor, const struct systemd *systemd, char *before_taken,
		      const char *load)
{
	_cleanup_free_ char *before = before_taken, *folder = doctor_unit_folder(), *into = NULL;
	_cleanup_free_ char *service = doctor_service_lines(systemd), *last = sealing_anew(doctor);

	if (!folder)
		return NULL;
	into = doctor_path_word(doctor, folder);
	return xasprintf("%smkdir -p %s\n"
			 "printf '[Service]\\n%s\\nEnvironment=IAMIC_KEY=credential\\n' >%s/key.conf\n"
			 "%ssystemctl --user daemon-reload\n"
			 "%s",
			 before, into, load, into, service, last);
}

static char *sealing_by_person(const struct doctor *doctor, const struct systemd *systemd)
{
	_cleanup_free_ char *config = NULL, *word = NULL, *load = NULL;
	struct error ignored;

	if (!fs_xdg("XDG_CONFIG_HOME", ".config", &config, &ignored))
		return NULL;
	word = doctor_path_word(doctor, config);
	load = xasprintf("LoadCredentialEncrypted=" CREDENTIAL ":%s/credstore.encrypted/" CREDENTIAL, config);
	return using_it(doctor, systemd,
			xasprintf("mkdir -p -m 700 %s/credstore.encrypted\n" MAKE_KEY
				  "systemd-creds encrypt --user --name=" CREDENTIAL
				  " - %s/credstore.encrypted/" CREDENTIAL "\n",
				  word, word),
			load);
}

/* ---- what is found ---- */

/* To a machine's TPM; what is sealed to root's key is as good as the disk that both are on. */
static void report_possible(struct doctor *doctor, const char *fix)
{
	if (has_tpm())
		finding_add(doctor->findings, ID, FINDING_OK, OBJECT, fix,
			    LIES_BESIDE "; systemd can seal it to the TPM, and then a copy does not open");
	else
		finding_add(doctor->findings, ID, FINDING_OK, OBJECT, fix,
			    LIES_BESIDE
			    "; there is no TPM here, but systemd can seal it to root's key, and then "
			    "it is not in the home");
}

static void report_impossible(struct doctor *doctor, const char *fix, const char *why)
{
	finding_add(doctor->findings, ID, FINDING_UNKNOWN, OBJECT, fix,
		    LIES_BESIDE "; systemd cannot seal it to this machine: %s", why);
}

static void check_possible(struct doctor *doctor, const struct systemd *systemd)
{
	_cleanup_free_ char *fix = NULL, *why = NULL;

	if (systemd->why_not) {
		report_impossible(doctor, doctor_manager_fix(), systemd->why_not);
	} else if (systemd->version < VERSION_ANY) {
		why = xasprintf("version %u does not seal credentials, %d does", systemd->version,
				VERSION_ANY);
		report_impossible(doctor, NULL, why);
	} else if (!has_tool()) {
		report_impossible(doctor, "install the package that has systemd-creds",
				  "there is no systemd-creds");
	} else if (strstr(systemd->unit, CREDENTIAL)) {
		fix = sealing_anew(doctor);
		finding_add(doctor->findings, ID, FINDING_WARN, OBJECT, fix,
			    LIES_BESIDE "; iamicd gets a credential for it, and the file was made before");
	} else if (can_seal()) {
		fix = sealing_by_person(doctor, systemd);
		report_possible(doctor, fix);
	} else {
		fix = using_it(doctor, systemd, manager_has_it() ? xstrdup("") : sealing_by_root(),
			       "LoadCredential=" CREDENTIAL);
		report_possible(doctor, fix);
	}
}

void doctor_check_key(struct doctor *doctor, const struct systemd *systemd)
{
	static const struct {
		const char *key, *text;
	} kept[] = {
		{"secret-service", "is in the keyring"},
		{"credential", "is a systemd credential, sealed as it was made: to the TPM or to root's key"},
		{"passphrase", "is made of your passphrase"},
	};
	const json_t *store = json_object_get(doctor->status, "store");
	const char *kind = agent_text(store, "kind"), *key = agent_text(store, "key");

	for (size_t i = 0; key && i < ARRAY_SIZE(kept); i++) {
		if (strcmp(kept[i].key, key) == 0) {
			finding_add(doctor->findings, ID, FINDING_OK, OBJECT, NULL, "%s", kept[i].text);
			return;
		}
	}
	if (kind && strcmp(kind, "file") != 0 && strcmp(kind, "auto") != 0)
		finding_add(doctor->findings, ID, FINDING_OK, OBJECT, NULL,
			    "is not needed: store %s keeps sign-ins elsewhere", kind);
	else
		check_possible(doctor, systemd);
}
