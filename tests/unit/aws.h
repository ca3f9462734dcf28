#pragma once
/* What the tests of src/aws share: memory as the daemon has it, and replies. */
#include <stdbool.h>

#include "aws/request.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/wipe.h"
#include "check.h"

#define SECRET "hunter2.hunter2/hunter2+hunter2=!~"

static inline void use_memory_as_the_daemon_does(void)
{
	static const struct json_memory memory = {
		.alloc = wipe_malloc, .alloc_secret = secret_malloc, .release = secret_release};
	bool locked;

	CHECK(secret_init(&locked));
	json_use_memory(&memory);
}

static inline struct aws_reply reply_of(long status, const char *body)
{
	return (struct aws_reply){
		.status = status, .body = body, .body_len = strlen(body), .content_type = "application/json"};
}

/* One line that quotes no secret, names what was asked for, and fits. */
static inline void check_message(const struct error *err, const char *operation)
{
	if (err->kind == ERROR_NONE || !strstr(err->message, operation) || strstr(err->message, "hunter2") ||
	    strchr(err->message, '\n') || !memchr(err->message, '\0', sizeof(err->message))) {
		fprintf(stderr, "kind %d: %s\n", err->kind, err->message);
		exit(1);
	}
}

/* A copy of json in which member has that value; value NULL: it lacks. What is below another: "outer.member".
 */
static inline char *spoilt(const char *json, const char *member, const char *value)
{
	json_t *document = json_loads(json, 0, NULL), *holder = document;
	const char *dot = strchr(member, '.');
	char *text;

	CHECK(document);
	if (dot) {
		holder = json_object_getn(document, member, (size_t)(dot - member));
		member = dot + 1;
	}
	CHECK(json_object_get(holder, member));
	if (value)
		json_object_set_new(holder, member, json_loads(value, JSON_DECODE_ANY, NULL));
	else
		json_object_del(holder, member);
	text = json_dumps(document, JSON_COMPACT);
	json_decref(document);
	return text;
}

#define release_text(text) secret_release(text)

/* Keeps the arena full, but for a few small blocks, until given back. */
struct hoard {
	struct secret *kept[4096];
	size_t n;
};

static inline void hoard_fill(struct hoard *hoard)
{
	static char block[64 * 1024];

	for (size_t size = sizeof(block); size >= 32; size /= 2) {
		struct secret *secret;

		while (hoard->n < 4096 && (secret = secret_new(block, size - 32)) != NULL)
			hoard->kept[hoard->n++] = secret;
	}
}

static inline void hoard_release(struct hoard *hoard)
{
	while (hoard->n > 0)
		secret_free(hoard->kept[--hoard->n]);
}
