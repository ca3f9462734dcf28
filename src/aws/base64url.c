#include "aws/base64url.h"

#include <stdint.h>

void base64url(const unsigned char *bytes, size_t len, char *ret)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	unsigned n_bits = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | bytes[i];
		for (n_bits += 8; n_bits >= 6; n_bits -= 6)
			*ret++ = digits[bits >> (n_bits - 6) & 63];
	}
	if (n_bits > 0)
		*ret++ = digits[bits << (6 - n_bits) & 63];
	*ret = '\0';
}

bool base64url_append(struct buffer *out, const void *bytes, size_t len)
{
	if (!buffer_reserve(out, (len + 2) / 3 * 4))
		return false;
	base64url(bytes, len, out->data + out->len);
	out->len += (len * 4 + 2) / 3;
	return true;
}
