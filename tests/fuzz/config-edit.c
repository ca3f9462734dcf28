/*
 * AWS's file with keys of it changed. Parts of an input: edits, a line each (KIND NAME KEY VALUE with a tab
 * between them; no VALUE: the key is taken away; no KEY: the section is), and the file.
 */
#include "aws/config_edit.h"
#include "aws/config_reader.h"

#include "fuzz.h"

#define TEXT_MAX  (1 << 20)
#define EDITS_MAX 16

struct edits {
	struct config_edit edits[EDITS_MAX];
	struct config_change changes[EDITS_MAX];
	size_t n;
};

/* Each section once: a second edit of one is left out. */
static void add_edit(struct edits *edits, char *line)
{
	const char *kind = strsep(&line, "\t"), *name = strsep(&line, "\t"), *key = strsep(&line, "\t");
	struct config_edit *edit = &edits->edits[edits->n];

	if (edits->n == EDITS_MAX || !name)
		return;
	*edit = (struct config_edit){.kind = (enum config_kind)((unsigned char)*kind % (CONFIG_SERVICES + 1)),
				     .name = name,
				     .removes = !key,
				     .changes = &edits->changes[edits->n],
				     .n_changes = key != NULL};
	edits->changes[edits->n] = (struct config_change){key, line};
	/* Keys are of our own making. */
	if (key && (!*key || key[strspn(key, "abcdefghijklmnopqrstuvwxyz_")] != '\0'))
		return;
	for (size_t i = 0; i < edits->n; i++)
		if (edits->edits[i].kind == edit->kind && strcmp(edits->edits[i].name, name) == 0)
			return;
	edits->n++;
}

static void require_done(const struct config *config, const struct config_edit *edit)
{
	const struct config_section *section = config_find(config, edit->kind, edit->name);
	const char *value =
		section && !edit->removes ? config_section_get(section, edit->changes->key) : NULL;
	const char *wanted = edit->removes ? NULL : edit->changes->value;

	REQUIRE(!(edit->removes && section));
	REQUIRE(!value == !wanted);
	REQUIRE(!value || strcmp(value, wanted) == 0);
}

/* The same once more changes nothing. */
static void require_settled(const struct buffer *text, const struct edits *edits)
{
	_cleanup_(buffer_clearp) struct buffer again = BUFFER_INIT(TEXT_MAX, &buffer_heap);
	struct error err;

	REQUIRE(config_edit("cfg", text->data, text->len, edits->edits, edits->n, &again, &err));
	REQUIRE(again.len == text->len);
	REQUIRE(text->len == 0 || memcmp(again.data, text->data, text->len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(buffer_clearp) struct buffer out = BUFFER_INIT(TEXT_MAX, &buffer_heap);
	_cleanup_(config_freep) struct config *before = NULL, *after = NULL;
	struct edits edits = {.n = 0};
	struct error err, why;
	size_t len;
	_cleanup_free_ char *text = next_part(&data, &size, &len);

	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		add_edit(&edits, line);
	if (!config_edit("cfg", (const char *)data, size, edits.edits, edits.n, &out, &err)) {
		require_printable_error(&err);
		REQUIRE(err.kind == ERROR_CONFIG && out.len == 0);
		if (!config_parse("cfg", (const char *)data, size, &before, &why))
			REQUIRE(strcmp(err.message, why.message) == 0);
		return 0;
	}
	REQUIRE(config_parse("cfg", out.data, out.len, &after, &err));
	for (size_t i = 0; i < edits.n; i++)
		require_done(after, &edits.edits[i]);
	require_settled(&out, &edits);
	return 0;
}
