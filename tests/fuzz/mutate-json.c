/*
 * For targets that read JSON: mutations that leave it JSON, so that more than the parser is tried. Half of
 * the inputs get one value changed; the other half is libFuzzer's, bytes without sense.
 */
#include <jansson.h>

#include "fuzz.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

static const char *const values[] = {
	"null",
	"true",
	"false",
	"0",
	"-1",
	"1.5",
	"3600.0",
	"9223372036854775807",
	"-9223372036854775808",
	"1e300",
	"\"\"",
	"\"a\"",
	"\"a b\"",
	"\"\\u0007\"",
	"\"\\u202e\"",
	"\"\\\"\\\\\"",
	"\"https://h/\"",
	"\"http://127.0.0.1/\"",
	"[]",
	"[[]]",
	"{}",
	"{\"a\":1}",
};

static json_t *a_value(struct dice *dice)
{
	return json_loads(values[dice_roll(dice, ARRAY_SIZE(values)) - 1], JSON_DECODE_ANY, NULL);
}

/* Its key, in an object that has members. */
static const char *a_member(json_t *object, struct dice *dice)
{
	void *iterator = json_object_iter(object);

	for (size_t n = dice_roll(dice, json_object_size(object)); n > 1; n--)
		iterator = json_object_iter_next(object, iterator);
	return json_object_iter_key(iterator);
}

static void change(json_t *json, struct dice *dice);

static void change_object(json_t *object, struct dice *dice)
{
	const char *key;

	if (json_object_size(object) == 0)
		return;
	key = a_member(object, dice);
	switch (dice_roll(dice, 4)) {
	case 1:
		json_object_set_new(object, key, a_value(dice));
		break;
	case 2:
		json_object_set(object, key, json_object_get(object, a_member(object, dice)));
		break;
	case 3:
		json_object_del(object, key);
		break;
	default:
		change(json_object_get(object, key), dice);
	}
}

static void change_array(json_t *array, struct dice *dice)
{
	size_t n = json_array_size(array), i;

	if (n == 0 || dice_roll(dice, 3) == 1) {
		json_array_append_new(array, a_value(dice));
		return;
	}
	i = dice_roll(dice, n) - 1;
	if (dice_roll(dice, 2) == 1)
		json_array_set_new(array, i, a_value(dice));
	else
		change(json_array_get(array, i), dice);
}

static void change(json_t *json, struct dice *dice)
{
	if (json_is_object(json))
		change_object(json, dice);
	else if (json_is_array(json))
		change_array(json, dice);
}

/* Behind a head of other text; size if there is none. */
static size_t find_json(const uint8_t *data, size_t size)
{
	size_t i = 0;

	while (i < size && data[i] != '{')
		i++;
	return i;
}

/* The new size; 0: as it was, because there is no JSON, or no room for what it becomes. */
static size_t change_text(uint8_t *data, size_t size, size_t max_size, struct dice *dice)
{
	size_t begin = find_json(data, size), room, len;
	json_error_t where;
	json_t *json = json_loadb((const char *)data + begin, size - begin, JSON_DISABLE_EOF_CHECK, &where);

	if (!json)
		return 0;
	const uint8_t *tail = data + begin + where.position;
	size_t tail_len = size - begin - (size_t)where.position;
	change(json, dice);
	_cleanup_free_ char *text = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	len = text ? strlen(text) : 0;
	room = max_size - begin;
	if (len == 0 || tail_len > room || len > room - tail_len)
		return 0;
	memmove(data + begin + len, tail, tail_len);
	memcpy(data + begin, text, len);
	return begin + len + tail_len;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
	struct dice dice = {seed};
	size_t changed = dice_roll(&dice, 2) == 1 ? change_text(data, size, max_size, &dice) : 0;

	return changed ? changed : LLVMFuzzerMutate(data, size, max_size);
}
