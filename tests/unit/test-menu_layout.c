/* The rows of a menu on wide and narrow terminals, with names that are long, wide, or not there. */
#include <locale.h>

#include "base/xalloc.h"
#include "check.h"
#include "cli/menu_layout.h"

static const char *const cells[] = {
	"dev",
	"ReadOnly",
	"開発環境",
	"012345678901", /**/
	NULL,
	"Administrator",
	"A name that is longer than anyone would like",
	"111122223333", /**/
	NULL,
	NULL,
	"Cafe\u0301",
	"999988887777", /**/
};
static const struct menu roles = {"role", cells, 3, 4, 0};

static void check_rows(size_t columns, bool may_cut, const char *const want[3])
{
	struct menu_layout widest = menu_layout_of(&roles);
	struct menu_layout layout = menu_layout_fit(&roles, &widest, columns, may_cut);

	for (size_t row = 0; row < 3; row++) {
		_cleanup_free_ char *line = menu_layout_row(&roles, &layout, row);

		CHECK_STR(line, want[row]);
	}
}

static void where_there_is_room_nothing_is_cut(void)
{
	static const char *const rows[] = {
		"1  dev  ReadOnly       開発環境                                      012345678901",
		"2  -    Administrator  A name that is longer than anyone would like  111122223333",
		"3  -    -              Cafe\u0301                                          999988887777",
	};

	check_rows(81, true, rows);
	check_rows(200, true, rows);
	check_rows(81, false, rows);
}

static void the_widest_column_gives_way_so_that_the_last_one_is_seen(void)
{
	static const char *const at_80[] = {
		"1  dev  ReadOnly       開発環境                            012345678901",
		"2  -    Administrator  A name that is longer than anyo...  111122223333",
		"3  -    -              Cafe\u0301                                999988887777",
	};
	static const char *const at_55[] = {
		"1  dev  ReadOnly       開発環境          012345678901",
		"2  -    Administrator  A name that i...  111122223333",
		"3  -    -              Cafe\u0301              999988887777",
	};

	check_rows(80, true, at_80);
	check_rows(71, true, at_80);
	check_rows(53, true, at_55);
}

static void on_a_narrow_terminal_a_row_is_its_cells_one_behind_the_other(void)
{
	static const char *const rows[] = {
		"1  dev  ReadOnly  開発環境  012345678901",
		"2  Administrator  A name that is longer than anyone would like  111122223333",
		"3  Cafe\u0301  999988887777",
	};

	check_rows(52, true, rows);
	check_rows(0, true, rows);
	check_rows(70, false, rows);
}

static void where_nothing_may_be_cut_only_the_longest_leave_their_columns(void)
{
	static const char *const rows[] = {
		"1  dev  ReadOnly       開発環境                            012345678901",
		"2  -    Administrator  A name that is longer than anyone would like  111122223333",
		"3  -    -              Cafe\u0301                                999988887777",
	};

	check_rows(80, false, rows);
}

int main(void)
{
	CHECK(setlocale(LC_CTYPE, "C.UTF-8"));
	where_there_is_room_nothing_is_cut();
	the_widest_column_gives_way_so_that_the_last_one_is_seen();
	on_a_narrow_terminal_a_row_is_its_cells_one_behind_the_other();
	where_nothing_may_be_cut_only_the_longest_leave_their_columns();
	return 0;
}
