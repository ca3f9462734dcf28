/* A page of ListAccounts or ListAccountRoles, and replies that have no body to speak of. */
#include "aws/portal.h"

#include "base/json.h"
#include "reply.h"

typedef enum portal_outcome (*read_fn)(const struct aws_reply *reply, json_t **ret, char **ret_next,
				       struct error *err);

static void require_rows(const json_t *rows, const char *name)
{
	const json_t *row;
	size_t i;

	json_array_foreach (rows, i, row) {
		REQUIRE(json_string_length(json_object_get(row, name)) > 0);
	}
}

static void read_page(const struct aws_reply *reply, read_fn read, const char *name)
{
	_cleanup_json_ json_t *rows = NULL;
	_cleanup_free_ char *next = NULL;
	struct error err = {0};
	enum portal_outcome outcome = read(reply, &rows, &next, &err);

	REQUIRE((outcome == PORTAL_OK) == (rows != NULL));
	if (rows)
		require_rows(rows, name);
	else if (outcome != PORTAL_UNAUTHORIZED)
		require_printable_error(&err);
	REQUIRE(!next || (rows && *next));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(input_done) struct input input = input_read(data, size);
	struct error err = {0};
	enum portal_outcome outcome = portal_read_outcome(&input.reply, &err);

	REQUIRE((outcome == PORTAL_OK) == (input.reply.status == 200));
	if (outcome != PORTAL_OK && outcome != PORTAL_UNAUTHORIZED)
		require_printable_error(&err);
	read_page(&input.reply, portal_read_accounts, "accountId");
	read_page(&input.reply, portal_read_account_roles, "roleName");
	return 0;
}
