#include "ipc/error_name.h"

#include "check.h"

static void every_kind_comes_back_from_its_name(void)
{
	for (enum error_kind kind = ERROR_INTERNAL; kind <= ERROR_LOCKED; kind++) {
		if (kind != ERROR_USAGE)
			CHECK(error_kind_of_name(error_name(kind)) == kind);
	}
	CHECK_STR(error_name(ERROR_LOGIN_REQUIRED), "io.iamic.Agent.LoginRequired");
	CHECK_STR(error_name(ERROR_STORE), "io.iamic.Agent.StoreUnavailable");
}

static void what_has_no_name_of_its_own_is_internal(void)
{
	CHECK_STR(error_name(ERROR_USAGE), "io.iamic.Agent.Internal");
	CHECK_STR(error_name(ERROR_NONE), "io.iamic.Agent.Internal");
	CHECK_STR(error_name((enum error_kind)77), "io.iamic.Agent.Internal");
}

static void names_of_varlink_and_of_nobody(void)
{
	CHECK(error_kind_of_name("org.varlink.service.MethodNotFound") == ERROR_UNAVAILABLE);
	CHECK(error_kind_of_name("org.varlink.service.InterfaceNotFound") == ERROR_UNAVAILABLE);
	CHECK(error_kind_of_name("org.varlink.service.InvalidParameter") == ERROR_USAGE);
	CHECK(error_kind_of_name("org.varlink.service.Unheard") == ERROR_INTERNAL);
	CHECK(error_kind_of_name("io.iamic.Agent.LoginRequiredNot") == ERROR_INTERNAL);
	CHECK(error_kind_of_name("LoginRequired") == ERROR_INTERNAL);
	CHECK(error_kind_of_name("") == ERROR_INTERNAL);
}

int main(void)
{
	every_kind_comes_back_from_its_name();
	what_has_no_name_of_its_own_is_internal();
	names_of_varlink_and_of_nobody();
	return 0;
}
