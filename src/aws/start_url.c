#include "aws/start_url.h"

#include <string.h>
#include <strings.h>

#include "aws/region.h"
#include "aws/url.h"
#include "base/text.h"
#include "base/xalloc.h"

static const char *const suffixes[] = {
	".app.aws",
	".portal.amazonaws.com",
	".portal.amazonaws.com.cn",
	".app.amazonwebservices.com.cn",
	".portal.amazonaws.eu",
	".api.amazonwebservices.eu",
	".awsapps.com",
	".awsapps.cn",
};

static const char *const hosts[] = {
	"identitycenter.amazonaws.com",
	"identitycenter.amazonaws.com.cn",
	"identitycenter.amazonaws.eu",
	"identitycenter.us-gov.amazonaws.com",
};

char *start_url_complete(const char *typed)
{
	return strstr(typed, "://") ? xstrdup(typed) : xasprintf("https://%s", typed);
}

/* What stands in front of AWS's suffix; NULL for another's host. */
static char *own_part(const char *url)
{
	_cleanup_free_ char *host = url_host(url);
	size_t len = host ? strlen(host) : 0;

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t suffix_len = strlen(suffixes[i]);

		if (len > suffix_len && strcmp(host + len - suffix_len, suffixes[i]) == 0)
			return xstrndup(host, len - suffix_len);
	}
	return NULL;
}

bool start_url_is_aws(const char *url)
{
	_cleanup_free_ char *own = own_part(url), *host = url_host(url);

	for (size_t i = 0; host && i < ARRAY_SIZE(hosts); i++)
		if (strcmp(host, hosts[i]) == 0)
			return true;
	return own != NULL;
}

bool start_url_may_lead_on(const char *url)
{
	_cleanup_free_ char *host = url_host(url);

	return host && !host_is_loopback(host) && !start_url_is_aws(url);
}

static bool is_https_of_aws(const char *url)
{
	return url_is_acceptable(url) && strncasecmp(url, "https://", strlen("https://")) == 0 &&
	       start_url_is_aws(url);
}

bool start_url_of_redirect(const char *url, const char *location, char **ret, struct error *err)
{
	_cleanup_free_ char *target = xstrndup(location, strcspn(location, "?#"));
	size_t len = strlen(target);

	while (len > 0 && target[len - 1] == '/')
		target[--len] = '\0';
	if (is_https_of_aws(target)) {
		*ret = TAKE(target);
		return true;
	}
	error_fill(
		err, ERROR_CONFIG,
		"start URL '%.150s' leads to '%.150s', which is no access portal of AWS's: give the one that "
		"your browser shows when you have signed in",
		url, target);
	text_make_printable(err->message);
	return false;
}

char *start_url_sent_on(const char *url, const char *location)
{
	bool is_path = location[0] == '/' && location[1] != '/';
	_cleanup_free_ char *origin = is_path ? url_origin(url) : NULL, *target = NULL;

	target = xasprintf("%s%.*s", origin ? origin : "", (int)strcspn(location, "#"), location);
	return is_https_of_aws(target) ? TAKE(target) : NULL;
}

char *start_url_region(const char *url)
{
	_cleanup_free_ char *labels = own_part(url);
	char *rest = labels, *label, *region = NULL;

	while (labels && (label = strsep(&rest, ".")))
		if (region_partition(label))
			region = label;
	return xstrdup_or_null(region);
}

/* "d-1234567890", "ssoins-…" and "identitycenter" are AWS's, not the company's. */
static bool is_id(const char *label)
{
	return strncmp(label, "d-", 2) == 0 || strncmp(label, "sso", 3) == 0 ||
	       strcmp(label, "identitycenter") == 0 || label[strspn(label, "0123456789.-")] == '\0';
}

char *start_url_session_name(const char *url)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	_cleanup_free_ char *own = own_part(url), *host = own ? NULL : url_host(url);
	char *label = own ? own : host, *dot;

	if (!label)
		return xstrdup("sso");
	/* Of another's host, "sso.corp.example.com", the name in front of the last two or of the last. */
	if (!own && (dot = strrchr(label, '.')))
		*dot = '\0';
	if (!own && (dot = strrchr(label, '.')))
		label = dot + 1;
	label[strcspn(label, ".")] = '\0';
	return xstrdup(*label && !is_id(label) && label[strspn(label, plain)] == '\0' ? label : "sso");
}
