/* The page behind a start URL: whatever is on it, what is read is a region. */
#include "aws/start_page.h"

#include "aws/region.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *html = text_of(data, size), *region = start_page_region(html);

	REQUIRE(!region || region_partition(region));
	return 0;
}
