/* AWS's configuration file, read at once and in steps: both must say the same. */
#include "aws/config_reader.h"

#include "fuzz.h"

#define LINES_MAX 7 /* a step */

struct result {
	struct config *config; /* NULL: err */
	struct error err;
};

static void result_done(struct result *result)
{
	config_free(result->config);
}

/* dice: NULL for one step. */
static struct result read_config(const uint8_t *data, size_t size, struct dice *dice)
{
	struct result result = {0};
	enum config_progress progress;
	char *copy = NULL;

	if (size) {
		copy = xcalloc(1, size);
		memcpy(copy, data, size);
	}
	_cleanup_(config_reader_freep) struct config_reader *reader = config_reader_new("cfg", copy, size);
	do
		progress = config_reader_step(reader, dice ? dice_roll(dice, LINES_MAX) : SIZE_MAX,
					      &result.config, &result.err);
	while (progress == CONFIG_MORE && dice);
	REQUIRE(progress != CONFIG_MORE);
	REQUIRE((progress == CONFIG_DONE) == (result.config != NULL));
	return result;
}

static void require_sound(const struct config *config, const struct config_section *section)
{
	REQUIRE(section->name && section->line > 0);
	REQUIRE(config_find(config, section->kind, section->name) == section);
	for (size_t i = 0; i < section->n_keys; i++) {
		const struct config_key *key = &section->keys[i];
		_cleanup_free_ char *nested = config_section_nested(section, key->name, "endpoint_url");

		REQUIRE(key->line > section->line);
		REQUIRE(config_section_key(section, key->name) == key);
		REQUIRE(utf8_is_valid(key->name, strlen(key->name)));
		REQUIRE(utf8_is_valid(key->value, strlen(key->value)));
		REQUIRE(!nested || strstr(key->value, nested));
	}
}

static void require_same(const struct config_section *one, const struct config_section *other)
{
	REQUIRE(strcmp(one->name, other->name) == 0 && one->line == other->line);
	REQUIRE(one->n_keys == other->n_keys);
	for (size_t i = 0; i < one->n_keys; i++) {
		REQUIRE(strcmp(one->keys[i].name, other->keys[i].name) == 0);
		REQUIRE(strcmp(one->keys[i].value, other->keys[i].value) == 0);
		REQUIRE(one->keys[i].line == other->keys[i].line);
	}
}

static void compare(const struct config *one, const struct config *other)
{
	for (enum config_kind kind = CONFIG_PROFILE; kind <= CONFIG_SERVICES; kind++) {
		const struct config_section *section;
		size_t i = 0;

		for (; (section = config_nth(one, kind, i)); i++) {
			REQUIRE(config_nth(other, kind, i));
			require_sound(one, section);
			require_same(section, config_nth(other, kind, i));
		}
		REQUIRE(!config_nth(other, kind, i));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dice dice = dice_of(data, size);
	_cleanup_(result_done) struct result at_once = read_config(data, size, NULL);
	_cleanup_(result_done) struct result in_steps = read_config(data, size, &dice);

	REQUIRE(!at_once.config == !in_steps.config);
	if (at_once.config) {
		compare(at_once.config, in_steps.config);
		return 0;
	}
	require_printable_error(&at_once.err);
	REQUIRE(at_once.err.kind == ERROR_CONFIG && strncmp(at_once.err.message, "cfg:", 4) == 0);
	REQUIRE(strcmp(at_once.err.message, in_steps.err.message) == 0);
	return 0;
}
