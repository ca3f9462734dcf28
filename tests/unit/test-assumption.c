/* What a profile says becomes a form: tests of target.c. Here: assumptions as a whole. */
#include "aws/assumption.h"

#include "base/xalloc.h"
#include "check.h"

static struct assumption *chain(const char *last, const char *source, const char *region)
{
	struct assumption *assumption = assumption_new(last);

	CHECK(assumption);
	assumption->source = source ? assumption_new(source) : NULL;
	assumption->region = xstrdup_or_null(region);
	return assumption;
}

#define A "arn:aws:iam::000000000001:role/A"
#define B "arn:aws:iam::000000000001:role/B"

static void a_copy_is_the_same(void)
{
	_cleanup_(assumption_freep) struct assumption *original = chain(A, B, "us-east-1");
	_cleanup_(assumption_freep) struct assumption *copy = assumption_copy(original);

	CHECK(copy != original && copy->source != original->source);
	CHECK(assumption_is_same(copy, original) && assumption_hash(copy) == assumption_hash(original));
	CHECK_STR(copy->source->role_arn, B);
	CHECK_STR(copy->account_id, "000000000001");
	CHECK_STR(copy->role_name, "A");
	CHECK(!assumption_copy(NULL));
}

static void whatever_differs_is_another(void)
{
	_cleanup_(assumption_freep) struct assumption *one = chain(A, B, "us-east-1");
	_cleanup_(assumption_freep) struct assumption *other_region = chain(A, B, "us-east-2");
	_cleanup_(assumption_freep) struct assumption *no_region = chain(A, B, NULL);
	_cleanup_(assumption_freep) struct assumption *no_source = chain(A, NULL, "us-east-1");
	_cleanup_(assumption_freep) struct assumption *other_source = chain(A, A, "us-east-1");
	const struct assumption *const others[] = {other_region, no_region, no_source, other_source, NULL};

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		CHECK(!assumption_is_same(one, others[i]) && !assumption_is_same(others[i], one));
	CHECK(assumption_is_same(NULL, NULL));
}

static void what_is_no_role_cannot_be_assumed(void)
{
	CHECK(!assumption_new("arn:aws:iam::000000000001:user/A"));
	CHECK(!assumption_new(""));
}

int main(void)
{
	a_copy_is_the_same();
	whatever_differs_is_another();
	what_is_no_role_cannot_be_assumed();
	return 0;
}
