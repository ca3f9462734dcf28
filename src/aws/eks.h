#pragma once
/*
 * What a cluster of EKS takes for proof of who asks: an address of STS GetCallerIdentity, signed and good for
 * a minute, which the cluster opens by itself. Pure. Source: the AWS CLI, customizations/eks/get_token.py.
 */
#include <stdbool.h>
#include <stdint.h>

#include "aws/credentials.h"
#include "base/buffer.h"
#include "base/error.h"

/* What tools are told: a cluster takes such a token for 15 minutes. */
#define EKS_TOKEN_LIFE_S (14 * 60)

/* "k8s-aws-v1.…", appended to out. ERROR_CONFIG for a name that no cluster has. */
bool eks_token_append(struct buffer *out, const char *endpoint, const char *region, const char *cluster,
		      const struct role_keys *keys, int64_t now, struct error *err) MUST_CHECK;
