#include "shim/request.h"

#include <string.h>

#include "iamic/protocol.h"

#define NUMBER_SIZE sizeof("18446744073709551615")

struct out {
	char *p, *end;
	bool has_members;
	bool is_full;
};

static void put(struct out *out, const char *data, size_t len)
{
	if (out->is_full || (size_t)(out->end - out->p) < len) {
		out->is_full = true;
		return;
	}
	memcpy(out->p, data, len);
	out->p += len;
}

static void put_text(struct out *out, const char *text)
{
	put(out, text, strlen(text));
}

static void put_escaped(struct out *out, char c)
{
	static const char hex[] = "0123456789abcdef";
	const char escape[] = {'\\', 'u', '0', '0', hex[c >> 4 & 1], hex[c & 15]};

	if (c == '"' || c == '\\')
		put(out, "\\", 1);
	if ((unsigned char)c < 0x20)
		put(out, escape, sizeof(escape));
	else
		put(out, &c, 1);
}

static void put_name(struct out *out, const char *name)
{
	put_text(out, out->has_members ? ",\"" : "\"");
	put_text(out, name);
	put_text(out, "\":");
	out->has_members = true;
}

static void put_string(struct out *out, const char *name, const char *value)
{
	if (!value)
		return;
	put_name(out, name);
	put_text(out, "\"");
	for (; *value; value++)
		put_escaped(out, *value);
	put_text(out, "\"");
}

static void put_number(struct out *out, const char *name, uint64_t value)
{
	char digits[NUMBER_SIZE], *p = digits + sizeof(digits) - 1;

	*p = '\0';
	do
		*--p = (char)('0' + value % 10);
	while ((value /= 10));
	put_name(out, name);
	put_text(out, p);
}

bool request_format(const struct request *request, char *buffer, size_t size, size_t *ret_len)
{
	struct out out = {.p = buffer, .end = buffer + size};

	put_text(&out, "{\"method\":\"" IAMIC_INTERFACE ".GetCredentials\",\"parameters\":{");
	put_string(&out, "profile", request->profile);
	put_string(&out, "session", request->session);
	put_string(&out, "accountId", request->account_id);
	put_string(&out, "roleName", request->role_name);
	put_string(&out, "roleArn", request->role_arn);
	put_number(&out, "timeoutMs", request->timeout_ms);
	put_number(&out, "loginMs", request->login_ms);
	put(&out, "}}", sizeof("}}"));
	*ret_len = (size_t)(out.p - buffer);
	return !out.is_full;
}
