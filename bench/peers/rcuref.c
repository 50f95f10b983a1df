/*
 * rcuref_t (described from include/linux/rcuref.h and lib/rcuref.c, v6.4): a signed count that is only ever added to. The
 * number kept is references minus one; a sum below zero says that something is special, and only then it is looked at closer.
 * The same accesses and checks as strategies/rcuref.ts. The read section around a put costs nothing here, as it does in a
 * kernel that cannot be preempted.
 */
#include <stdbool.h>
#include "peer.h"

#define NO_REFERENCE (-1)
#define DEAD_ZONE ((int32_t)0xc0000000)
#define DEAD ((int32_t)0xe0000000)
#define SATURATED ((int32_t)0xa0000000)

/* A get that left the count below zero; whether it has a reference all the same. */
static bool __attribute__((noinline, cold)) late_get(struct bench *bench, struct label *label)
{
	if (READ_ONCE(label->refs) >= DEAD_ZONE) {
		WRITE_ONCE(label->refs, DEAD);
		return false;
	}
	WRITE_ONCE(label->refs, SATURATED);
	bench->released++;
	return true;
}

static void __attribute__((noinline, cold)) late_put(struct bench *bench, struct label *label, int32_t count)
{
	if (count == NO_REFERENCE) {
		if (__atomic_compare_exchange_n(&label->refs, &count, DEAD, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			label_release(bench, label);
	} else if (count >= DEAD_ZONE) {
		WRITE_ONCE(label->refs, DEAD);
		bench->released++;
	} else {
		WRITE_ONCE(label->refs, SATURATED);
	}
}

static inline void rcuref_get(struct bench *bench, uint64_t *holder, struct label *label)
{
	WRITE_ONCE(*holder, (uint64_t)(uintptr_t)label);
	if (UNLIKELY(__atomic_fetch_add(&label->refs, 1, __ATOMIC_SEQ_CST) + 1 < 0) && !late_get(bench, label))
		bench->released++;
}

static inline bool rcuref_try_get(struct bench *bench, uint64_t *holder, struct label *label)
{
	if (UNLIKELY(__atomic_fetch_add(&label->refs, 1, __ATOMIC_SEQ_CST) + 1 < 0) && !late_get(bench, label))
		return false;
	WRITE_ONCE(*holder, (uint64_t)(uintptr_t)label);
	return true;
}

static inline void rcuref_put(struct bench *bench, uint64_t *holder, struct label *label)
{
	int32_t count;

	WRITE_ONCE(*holder, 0);
	count = __atomic_fetch_add(&label->refs, -1, __ATOMIC_SEQ_CST) - 1;
	if (UNLIKELY(count < 0))
		late_put(bench, label, count);
}

static void setup(struct bench *bench)
{
	bench->released = 0;
	for (uint32_t i = 0; i < MAX_LABELS; i++)
		bench->labels[i].refs = 0;
}

static int check(struct bench *bench)
{
	for (uint32_t i = 0; i < MAX_LABELS; i++)
		if (bench->labels[i].refs != 0)
			return 0;
	return bench->released == 0;
}

static void run_get_put(struct bench *bench, unsigned thread, uint32_t pairs)
{
	uint64_t *holder = &bench->lanes[thread].holder;

	for (uint32_t i = 0; i < pairs; i++) {
		struct label *label = label_at(bench, i);

		rcuref_get(bench, holder, label);
		rcuref_put(bench, holder, label);
	}
}

static void run_try_get_put(struct bench *bench, unsigned thread, uint32_t pairs)
{
	uint64_t *holder = &bench->lanes[thread].holder;

	for (uint32_t i = 0; i < pairs; i++) {
		struct label *label = label_at(bench, i);

		if (rcuref_try_get(bench, holder, label))
			rcuref_put(bench, holder, label);
	}
}

const struct peer peer_rcuref = {
	.name = "rcuref", .title = "rcuref_t get+put (one atomic addition each, sign tested)", .max_threads = MAX_THREADS,
	.setup = setup, .run = run_get_put, .check = check,
};

const struct peer peer_rcuref_tryget = {
	.name = "rcuref-tryget", .title = "rcuref_t, look-up + put", .max_threads = MAX_THREADS,
	.setup = setup, .run = run_try_get_put, .check = check,
};
