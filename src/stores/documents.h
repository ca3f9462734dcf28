#pragma once
/* What the sealed file holds: the document of each session, with its generation. In secret memory. */
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/json.h"
#include "ipc/store_message.h"

struct documents {
	json_t *list; /* of objects */
};

void documents_done(struct documents *documents);

/* No documents yet. */
void documents_init(struct documents *documents);
/* path is for the error. */
bool documents_parse(const struct buffer *plain, const char *path, struct documents *ret,
		     struct error *err) MUST_CHECK;
bool documents_append(struct buffer *out, const struct documents *documents) MUST_CHECK;

/* Of the session that request names: name, start URL and region, all three. false: there is none. */
bool documents_find(const struct documents *documents, const struct store_request *request,
		    const char **ret_text, int64_t *ret_generation);
/* Puts the request's secret in place of what is there. */
bool documents_put(struct documents *documents, const struct store_request *request,
		   struct error *err) MUST_CHECK;
/* false: there is none. */
bool documents_remove(struct documents *documents, const struct store_request *request);
