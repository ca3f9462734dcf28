#include <stdlib.h>
#include <string.h>

#include "aws/proxy.h"
#include "aws/url.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/wsl.h"
#include "base/xalloc.h"
#include "cli/agent.h"
#include "cli/doctor.h"
#include "cli/finding.h"
#include "cli/network.h"

#define CLOCK_OFF_MAX_S 240 /* at five minutes AWS refuses what others sign by this clock */
#define BUNDLE_MAX      (16 * 1024 * 1024)

/* The daemon's value, without user name and password; NULL: it has none. */
static const char *in_force(const struct doctor *doctor, const char *name)
{
	return agent_text(json_object_get(doctor->status, "network"), name);
}

static void check_variables(struct doctor *doctor)
{
	_cleanup_free_ char *names = network_differences(doctor->status), *fix = NULL;

	if (!names) {
		finding_add(doctor->findings, "network", FINDING_OK, "network variables", NULL,
			    "are the same here and in the daemon");
		return;
	}
	fix = network_advice(doctor->status);
	finding_add(doctor->findings, "network", FINDING_WARN, names, fix,
		    "the daemon, which alone speaks to AWS, has other values than this shell");
}

/* ---- proxy and certificates ---- */

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && *value;
}

static void check_proxy(struct doctor *doctor)
{
	const char *proxy = in_force(doctor, "HTTPS_PROXY"), *except = in_force(doctor, "NO_PROXY");
	const char *plain = is_set("http_proxy") ? "http_proxy" : is_set("HTTP_PROXY") ? "HTTP_PROXY" : NULL;

	if (proxy)
		finding_add(doctor->findings, "proxy", FINDING_OK, "proxy", NULL, "%s is in force%s%s", proxy,
			    except ? ", but for " : "", except ? except : "");
	else if (plain)
		finding_add(doctor->findings, "proxy", FINDING_WARN, plain,
			    "https_proxy = ADDRESS in iamic's config (iamic-config(5)), or HTTPS_PROXY",
			    "is set alone, and is not for https, which is all that AWS speaks");
	else
		finding_add(doctor->findings, "proxy", FINDING_OK, "proxy", NULL,
			    "none is set: AWS is asked directly");
}

static size_t count_certificates(const char *text)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	size_t n = 0;

	for (const char *p = text; p && (p = strstr(p, begin)); p += strlen(begin))
		n++;
	return n;
}

static void check_bundle(struct doctor *doctor, const char *path)
{
	static const char fix[] = "correct ca_bundle in iamic's config (iamic-config(5)), or AWS_CA_BUNDLE";
	_cleanup_(buffer_clearp) struct buffer text = BUFFER_INIT(BUNDLE_MAX, &buffer_heap);
	struct error err;
	bool exists;
	size_t n;

	if (!fs_read(path, &text, &exists, &err)) {
		finding_add(doctor->findings, "ca", FINDING_FAIL, path, fix, "%s", err.message);
		return;
	}
	n = count_certificates(text.data);
	if (n > 0)
		finding_add(doctor->findings, "ca", FINDING_OK, path, NULL,
			    n == 1 ? "%zu certificate is trusted" : "%zu certificates are trusted", n);
	else
		finding_add(doctor->findings, "ca", FINDING_FAIL, path, fix,
			    exists ? "has no certificate in it, so no connection to AWS is trusted"
				   : "is not there, so no connection to AWS is trusted");
}

/* What other tools are told to trust, iamicd must be told as well. */
static void check_certificates(struct doctor *doctor)
{
	static const char *const others[] = {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"};
	const char *path = in_force(doctor, "AWS_CA_BUNDLE");

	if (path) {
		check_bundle(doctor, path);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		_cleanup_free_ char *fix = NULL;

		if (!is_set(others[i]))
			continue;
		fix = xasprintf("ca_bundle = %s in iamic's config (iamic-config(5)), or AWS_CA_BUNDLE",
				getenv(others[i]));
		finding_add(doctor->findings, "ca", FINDING_WARN, others[i], fix,
			    "is set for other tools, and iamicd trusts the system's certificates alone");
		return;
	}
	finding_add(doctor->findings, "ca", FINDING_OK, "certificates", NULL,
		    "those of the system are trusted");
}

/* ---- AWS itself ---- */

static void report_reached(struct doctor *doctor, const char *url)
{
	const char *proxy = in_force(doctor, "HTTPS_PROXY"), *except = in_force(doctor, "NO_PROXY");
	_cleanup_free_ char *host = url_host(url);
	bool is_direct = !proxy || !host || proxy_is_bypassed(except, host);

	finding_add(doctor->findings, "reach", FINDING_OK, url, NULL, "answers%s%s",
		    is_direct ? "" : " through the proxy ", is_direct ? "" : proxy);
}

/* Whoever is signed out learns as well what is in the way. The reply, or NULL. */
static json_t *check_reach(struct doctor *doctor)
{
	json_t *reply = NULL;
	struct error err;

	if (!doctor->session) {
		finding_add(doctor->findings, "reach", FINDING_UNKNOWN, "AWS", "iamic configure",
			    "no session is configured, so no address of it is known");
		return NULL;
	}
	if (agent_call(doctor->client, "Reach", json_pack("{s:s}", "session", doctor->session), &reply, &err))
		report_reached(doctor, agent_text(reply, "url"));
	else
		finding_add_error(doctor->findings, "reach",
				  err.kind == ERROR_UNAVAILABLE || err.kind == ERROR_TIMED_OUT
					  ? FINDING_FAIL
					  : FINDING_UNKNOWN,
				  "AWS", NULL, &err);
	return reply;
}

/* Under WSL the clock stands still while the machine sleeps. */
static void check_clock(struct doctor *doctor, const json_t *reached)
{
	const json_t *ahead = json_object_get(reached ? reached : doctor->status, "clockAhead");
	long long ahead_s = json_integer_value(ahead);

	if (!json_is_integer(ahead))
		finding_add(doctor->findings, "clock", FINDING_UNKNOWN, "this machine's clock", NULL,
			    "AWS has not said yet what time it is");
	else if (llabs(ahead_s) <= CLOCK_OFF_MAX_S)
		finding_add(doctor->findings, "clock", FINDING_OK, "this machine's clock", NULL,
			    "agrees with AWS's");
	else
		finding_add(doctor->findings, "clock", FINDING_FAIL, "this machine's clock",
			    wsl_is_here() ? "sudo hwclock --hctosys, or in Windows: wsl.exe --shutdown"
					  : "sudo timedatectl set-ntp true",
			    "is %lld min %s: AWS refuses what other tools sign by it", llabs(ahead_s) / 60,
			    ahead_s < 0 ? "fast" : "slow");
}

void doctor_check_network(struct doctor *doctor)
{
	json_t *reached;

	check_variables(doctor);
	check_proxy(doctor);
	check_certificates(doctor);
	reached = check_reach(doctor);
	check_clock(doctor, reached);
	json_decref(reached);
}
