#include "aws/region.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define LABEL_FIRST_MIN 2
#define LABEL_FIRST_MAX 8
#define LABEL_MAX       16
#define LABELS_MAX      5

/*
 * A region of a partition is PREFIX-WORD-NUMBER. The order does not matter: WORD has no hyphen in it, so
 * "us-gov-west-1" is not one of "us".
 */
static const struct {
	const char *prefixes; /* each followed by a blank */
	struct partition partition;
} partitions[] = {
	{"us eu ap sa ca me af il mx ", {"aws", "amazonaws.com", "api.aws"}},
	{"cn ", {"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn"}},
	{"us-gov ", {"aws-us-gov", "amazonaws.com", "api.aws"}},
	{"eusc-de ", {"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu"}},
	{"us-iso ", {"aws-iso", "c2s.ic.gov", "api.aws.ic.gov"}},
	{"us-isob ", {"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud"}},
	{"eu-isoe ", {"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"}},
	{"us-isof ", {"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov"}},
};

static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
static const char digits[] = "0123456789";
static const char lower_and_digits[] = "abcdefghijklmnopqrstuvwxyz0123456789";

bool region_is_valid(const char *region)
{
	size_t len = strspn(region, lower);
	size_t labels = 1;

	if (len < LABEL_FIRST_MIN || len > LABEL_FIRST_MAX)
		return false;
	for (region += len; *region == '-'; region += len) {
		region++;
		len = strspn(region, lower_and_digits);
		if (len < 1 || len > LABEL_MAX || ++labels > LABELS_MAX)
			return false;
	}
	return *region == '\0' && labels > 1;
}

/* Is rest, what stands behind the prefix, "-WORD-NUMBER"? */
static bool is_word_and_number(const char *rest)
{
	size_t n;

	if (*rest++ != '-')
		return false;
	n = strspn(rest, lower_and_digits);
	if (n == 0 || rest[n] != '-')
		return false;
	rest += n + 1;
	n = strspn(rest, digits);
	return n > 0 && rest[n] == '\0';
}

static bool takes(const char *prefixes, const char *region)
{
	for (const char *p = prefixes; *p; p += strcspn(p, " ") + 1) {
		size_t n = strcspn(p, " ");

		if (strncmp(region, p, n) == 0 && is_word_and_number(region + n))
			return true;
	}
	return false;
}

const struct partition *region_partition(const char *region)
{
	if (!region_is_valid(region))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(partitions); i++)
		if (takes(partitions[i].prefixes, region))
			return &partitions[i].partition;
	return NULL;
}

bool region_check(const char *region, const char *where, struct error *err)
{
	if (region_partition(region))
		return true;
	error_fill(err, ERROR_CONFIG, "%s: '%.64s' is not a region of AWS: write one like us-east-1", where,
		   region);
	text_make_printable(err->message);
	return false;
}
