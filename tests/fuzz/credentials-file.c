/* What stands in ~/.aws/credentials. */
#include "aws/credentials_file.h"

#include "fuzz.h"

static void look(const struct static_keys *keys, void *userdata)
{
	unsigned *last = userdata;

	REQUIRE(keys->profile && keys->line > *last);
	*last = keys->line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned last = 0;

	credentials_file_visit((const char *)data, size, look, &last);
	(void)credentials_file_has((const char *)data, size, "default");
	return 0;
}
