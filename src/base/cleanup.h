#pragma once
/* Scope-bound ownership: a variable marked _cleanup_() owns what it points to. */

#define _cleanup_(func) __attribute__((cleanup(func)))
#define MUST_CHECK      __attribute__((warn_unused_result))

/* Defines func##p() for _cleanup_(func##p); func() must accept NULL. */
#define DEFINE_CLEANUP(type, func)                                                                           \
	static inline void func##p(type *p)                                                                  \
	{                                                                                                    \
		(void)func(*p);                                                                              \
	}

/* Gives ownership away: yields the pointer and leaves NULL behind. */
#define TAKE(p)                                                                                              \
	({                                                                                                   \
		__typeof__(p) *take_ = &(p);                                                                 \
		__typeof__(p) value_ = *take_;                                                               \
		*take_ = NULL;                                                                               \
		value_;                                                                                      \
	})

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
