/* StartDeviceAuthorization's reply: its address goes to a browser, its code to a terminal. */
#include "aws/oidc.h"

#include "aws/url.h"
#include "reply.h"

static void require_sound(const struct device_authorization *device)
{
	REQUIRE(secret_len(device->device_code) > 0);
	REQUIRE(*device->user_code && strlen(device->user_code) <= 64);
	for (const char *p = device->user_code; *p; p++)
		REQUIRE(*p >= ' ' && *p <= '~');
	REQUIRE(url_is_acceptable(device->verification_uri) && url_is_acceptable(device->open_url));
	REQUIRE(device->expires_in_s >= 1 && device->interval_s >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(input_done) struct input input = input_read(data, size);
	_cleanup_(device_authorization_freep) struct device_authorization *device = NULL;
	struct error err = {0};
	enum oidc_outcome outcome = oidc_read_device_authorization(&input.reply, &device, &err);

	REQUIRE((outcome == OIDC_GRANTED) == (device != NULL));
	REQUIRE(outcome != OIDC_PENDING && outcome != OIDC_SLOW_DOWN);
	if (device)
		require_sound(device);
	else
		require_printable_error(&err);
	return 0;
}
