#include "cli/menu.h"

#include "check.h"

/* Numbered from 1. */
static const char *const cells[] = {
	"012345678901", "Production", "prod@example.com",  /**/
	"210987654321", "Staging",    "stage@example.com", /**/
	"000000000012", NULL,         NULL,                /**/
	"100000000001", "Lab 2",      "LAB@example.com",   /**/
};
static const struct menu accounts = {"account", cells, 4, 3, 0};

static void check_rows(const char *typed, const char *want)
{
	size_t rows[4], n = menu_filter(&accounts, typed, rows);
	char got[16] = "";

	for (size_t i = 0; i < n; i++)
		got[i] = (char)('1' + rows[i]);
	if (strcmp(got, want) != 0) {
		fprintf(stderr, "'%s': got %s, want %s\n", typed, got, want);
		exit(1);
	}
}

int main(void)
{
	check_rows("", "1234");
	check_rows("prod", "1");
	check_rows("PROD", "1");
	check_rows("example lab", "4"); /* every word, in whatever cell */
	check_rows("lab  example", "4");
	check_rows("lab prod", "");
	check_rows("nothing", "");
	check_rows("-", "3"); /* what is shown is what matches */
	/* A row's own number comes first, whatever else it is part of. */
	check_rows("2", "2134");
	check_rows("4", "412");
	check_rows("210987654321", "2");
	check_rows("0123", "1");
	check_rows("5", "12");
	/* A cell that begins with what was typed comes before one that holds it elsewhere. */
	check_rows("1", "1423");
	check_rows("stag", "2");
	check_rows("a", "124");
	check_rows("l", "412");
	check_rows("02", "");
	return 0;
}
