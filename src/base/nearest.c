#include "base/nearest.h"

#include <stdbool.h>
#include <string.h>

#define NAME_MAX_LEN   32 /* longer ones are not typed by hand */
#define PREFIX_MIN_LEN 3

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Keys pressed wrongly, left out, added, or in the wrong order: a row of the usual table for each of a's. */
static size_t distance_of(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][NAME_MAX_LEN + 1] = {0}, *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *oldest = before;

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = last[j - 1] + (a[i - 1] != b[j - 1]);
			row[j] = smaller(row[j], 1 + smaller(last[j], row[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				row[j] = smaller(row[j], before[j - 2] + 1);
		}
		before = last;
		last = row;
		row = oldest;
	}
	return last[b_len];
}

/* One slip in three keys; or a name of which only the beginning was typed. */
static bool is_near(const char *word, size_t len, const char *name, size_t distance)
{
	return (distance * 3 <= len) || (len >= PREFIX_MIN_LEN && strncmp(word, name, len) == 0);
}

void nearest_try(struct nearest *nearest, const char *name)
{
	size_t len = nearest->len ? nearest->len : strlen(nearest->word), name_len = strlen(name), distance;

	if (len > NAME_MAX_LEN || name_len > NAME_MAX_LEN)
		return;
	distance = distance_of(nearest->word, len, name, name_len);
	if (!is_near(nearest->word, len, name, distance) || (nearest->name && distance >= nearest->distance))
		return;
	nearest->name = name;
	nearest->distance = distance;
}
