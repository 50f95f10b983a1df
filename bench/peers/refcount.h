/*
 * refcount_t as kref uses it (described from include/linux/refcount.h, v6.6): one `lock xadd` each way with the checks
 * that make it saturate, get-unless-zero by compare-exchange. The same accesses and checks as strategies/kref.ts.
 */
#ifndef REFPLAY_REFCOUNT_H
#define REFPLAY_REFCOUNT_H

#include <limits.h>
#include <stdbool.h>
#include "peer.h"

static inline void refcount_get(struct bench *bench, uint64_t *holder, struct label *label)
{
	WRITE_ONCE(*holder, (uint64_t)(uintptr_t)label);
	int32_t before = __atomic_fetch_add(&label->refs, 1, __ATOMIC_SEQ_CST);

	if (UNLIKELY((uint32_t)before - 1 >= (uint32_t)INT_MAX - 1))
		label_saturate(bench, label);
}

static inline bool refcount_try_get(struct bench *bench, uint64_t *holder, struct label *label)
{
	int32_t before = READ_ONCE(label->refs);

	do {
		if (before == 0)
			return false;
	} while (!__atomic_compare_exchange_n(&label->refs, &before, before + 1, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_SEQ_CST));
	if (UNLIKELY(before < 0 || before == INT_MAX))
		label_saturate(bench, label);
	WRITE_ONCE(*holder, (uint64_t)(uintptr_t)label);
	return true;
}

static inline void refcount_put(struct bench *bench, uint64_t *holder, struct label *label)
{
	WRITE_ONCE(*holder, 0);
	int32_t before = __atomic_fetch_add(&label->refs, -1, __ATOMIC_SEQ_CST);

	if (UNLIKELY(before <= 1)) {
		if (before == 1)
			label_release(bench, label);
		else
			label_saturate(bench, label);
	}
}

#endif
