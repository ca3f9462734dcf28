#include "aws/start_url.h"

#include "base/xalloc.h"
#include "check.h"

static const struct {
	const char *url, *region, *name;
} urls[] = {
	{"https://d-1234567890.awsapps.com/start", NULL, "sso"},
	{"https://mycompany.awsapps.com/start#/", NULL, "mycompany"},
	{"https://MyCompany.AwsApps.com/start", NULL, "mycompany"},
	{"https://ssoins-1234567890abcdef.portal.eu-west-1.app.aws", "eu-west-1", "sso"},
	{"https://mycompany.portal.us-gov-west-1.app.aws/", "us-gov-west-1", "mycompany"},
	{"https://d-1234567890.eu-central-1.portal.amazonaws.com/#", "eu-central-1", "sso"},
	{"https://corp.cn-north-1.portal.amazonaws.com.cn/start", "cn-north-1", "corp"},
	{"https://corp.portal.cn-northwest-1.app.amazonwebservices.com.cn", "cn-northwest-1", "corp"},
	{"https://corp.eusc-de-east-1.portal.amazonaws.eu", "eusc-de-east-1", "corp"},
	{"https://d-1.moon-1.portal.amazonaws.com", NULL, "sso"},
	{"https://eu-west-1.evil.example", NULL, "evil"},
	{"https://x.eu-west-1.app.aws.evil.example", NULL, "evil"},
	{"https://sso.acme.com/start", NULL, "acme"},
	{"https://localhost:4443/start", NULL, "localhost"},
	{"https://127.0.0.1/start", NULL, "sso"},
	{"https://[::1]/start", NULL, "sso"},
	{"nonsense", NULL, "sso"},
};

static void check_optional(const char *got, const char *want)
{
	CHECK(!got == !want);
	if (want)
		CHECK_STR(got, want);
}

static void check_redirect(const char *location, const char *want)
{
	_cleanup_free_ char *target = NULL;
	struct error err = {0};

	CHECK(start_url_of_redirect("https://sso.acme.com", location, &target, &err) == (want != NULL));
	if (want)
		CHECK_STR(target, want);
	else
		CHECK(err.kind == ERROR_CONFIG && strstr(err.message, "https://sso.acme.com"));
}

static void a_redirect_leads_to_aws_or_nowhere(void)
{
	check_redirect("https://d-1.awsapps.com/start/?a=b#/x", "https://d-1.awsapps.com/start");
	check_redirect("https://x.portal.eu-west-1.app.aws/", "https://x.portal.eu-west-1.app.aws");
	check_redirect("https://identitycenter.amazonaws.com/ssoins-1",
		       "https://identitycenter.amazonaws.com/ssoins-1");
	check_redirect("http://d-1.awsapps.com/start", NULL);
	check_redirect("https://evil.example/start", NULL);
	check_redirect("https://d-1.awsapps.com@evil.example/", NULL);
	check_redirect("https://evil.example/.awsapps.com", NULL);
	check_redirect("/start", NULL);
	check_redirect("", NULL);
	CHECK(start_url_may_lead_on("https://sso.acme.com") && !start_url_may_lead_on("https://127.0.0.1/x"));
	CHECK(!start_url_may_lead_on("https://a.awsapps.com/start") && !start_url_may_lead_on("nonsense"));
	CHECK(start_url_is_aws("https://IdentityCenter.amazonaws.com/x") &&
	      !start_url_is_aws("https://awsapps.com"));
}

static void check_sent_on(const char *location, const char *want)
{
	_cleanup_free_ char *target = start_url_sent_on("https://d-1.awsapps.com:4443/start", location);

	CHECK(!target == !want);
	if (want)
		CHECK_STR(target, want);
}

static void a_host_of_awss_sends_on_to_awss(void)
{
	check_sent_on("/start/?a=b#/x", "https://d-1.awsapps.com:4443/start/?a=b");
	check_sent_on("https://x.portal.eu-west-1.app.aws/", "https://x.portal.eu-west-1.app.aws/");
	check_sent_on("//evil.example/start", NULL);
	check_sent_on("https://evil.example/start", NULL);
	check_sent_on("http://d-1.awsapps.com/start", NULL);
	check_sent_on("start", NULL);
	check_sent_on("", NULL);
}

int main(void)
{
	a_host_of_awss_sends_on_to_awss();
	a_redirect_leads_to_aws_or_nowhere();
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		_cleanup_free_ char *region = start_url_region(urls[i].url);
		_cleanup_free_ char *name = start_url_session_name(urls[i].url);

		check_optional(region, urls[i].region);
		CHECK_STR(name, urls[i].name);
	}
	_cleanup_free_ char *bare = start_url_complete("corp.awsapps.com/start");
	_cleanup_free_ char *whole = start_url_complete("http://localhost/start");
	CHECK_STR(bare, "https://corp.awsapps.com/start");
	CHECK_STR(whole, "http://localhost/start");
	return 0;
}
