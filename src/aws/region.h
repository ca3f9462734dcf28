#pragma once
/*
 * Regions and partitions. A region goes into host names, so its form is checked before anything is made of
 * it, wherever it came from. Source: AWS's partitions table (botocore data/partitions.json).
 */
#include <stdbool.h>

#include "base/error.h"

struct partition {
	const char *name;       /* "aws", "aws-cn", … */
	const char *dns_suffix; /* "amazonaws.com" */
	const char *dual_stack_dns_suffix;
};

/* ^[a-z]{2,8}(-[a-z0-9]{1,16}){1,4}$ */
bool region_is_valid(const char *region);
/* By AWS's patterns, never by a list: new regions appear. NULL for a region that no partition takes. */
const struct partition *region_partition(const char *region);
/* ERROR_CONFIG that names the value and where it stands ("~/.aws/config:12") unless valid and of a partition.
 */
bool region_check(const char *region, const char *where, struct error *err) MUST_CHECK;
