/*
 * A per-CPU counter behind a mode word, as percpu_ref has it (described from include/linux/percpu-refcount.h, v6.6): load
 * the word, test its two mode bits, then load, add and store this CPU's own cell. No locked instruction.
 * The same accesses as strategies/percpu-ref.ts in per-CPU mode; the atomic mode is the refcount with a bias.
 */
#include <limits.h>
#include <stdbool.h>
#include "peer.h"

#define MODE_MASK 3

static void setup(struct bench *bench)
{
	labels_set_one(bench);
	for (uint32_t i = 0; i < MAX_LABELS; i++) {
		bench->labels[i].percpu_count_ptr = (uint64_t)(uintptr_t)&bench->cpu_areas[0][i * 8];
		for (unsigned cpu = 0; cpu < MAX_THREADS; cpu++)
			*(int32_t *)&bench->cpu_areas[cpu][i * 8] = 0;
	}
}

static int check(struct bench *bench)
{
	for (uint32_t i = 0; i < MAX_LABELS; i++) {
		int32_t sum = 0;

		for (unsigned cpu = 0; cpu < MAX_THREADS; cpu++)
			sum += *(int32_t *)&bench->cpu_areas[cpu][i * 8];
		if (sum != 0)
			return 0;
	}
	return labels_hold_one(bench);
}

static inline void percpu_add(struct bench *bench, uint64_t cpu_offset, struct label *label, int32_t by)
{
	uint64_t word = READ_ONCE(label->percpu_count_ptr);

	if (LIKELY((word & MODE_MASK) == 0)) {
		int32_t *cell = (int32_t *)(uintptr_t)(word + cpu_offset);

		WRITE_ONCE(*cell, READ_ONCE(*cell) + by);
		return;
	}
	if (__atomic_fetch_add(&label->refs, by, __ATOMIC_SEQ_CST) + by == 0)
		label_release(bench, label);
}

static void run_get_put(struct bench *bench, unsigned thread, uint32_t pairs)
{
	uint64_t *holder = &bench->lanes[thread].holder;
	uint64_t cpu_offset = (uint64_t)thread * CPU_STRIDE;

	for (uint32_t i = 0; i < pairs; i++) {
		struct label *label = label_at(bench, i);

		WRITE_ONCE(*holder, (uint64_t)(uintptr_t)label);
		percpu_add(bench, cpu_offset, label, 1);
		WRITE_ONCE(*holder, 0);
		percpu_add(bench, cpu_offset, label, -1);
	}
}

/* In per-CPU mode a try always succeeds: nobody can see zero. */
static inline bool percpu_try_get(struct bench *bench, uint64_t cpu_offset, struct label *label)
{
	uint64_t word = READ_ONCE(label->percpu_count_ptr);

	if (LIKELY((word & MODE_MASK) == 0)) {
		int32_t *cell = (int32_t *)(uintptr_t)(word + cpu_offset);

		WRITE_ONCE(*cell, READ_ONCE(*cell) + 1);
		return true;
	}
	int32_t before = READ_ONCE(label->refs);

	do {
		if (before == 0)
			return false;
	} while (!__atomic_compare_exchange_n(&label->refs, &before, before + 1, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_SEQ_CST));
	if (UNLIKELY(before == INT_MAX))
		label_saturate(bench, label);
	return true;
}

static void run_try_get_put(struct bench *bench, unsigned thread, uint32_t pairs)
{
	uint64_t *holder = &bench->lanes[thread].holder;
	uint64_t cpu_offset = (uint64_t)thread * CPU_STRIDE;

	for (uint32_t i = 0; i < pairs; i++) {
		struct label *label = label_at(bench, i);

		if (!percpu_try_get(bench, cpu_offset, label))
			continue;
		WRITE_ONCE(*holder, (uint64_t)(uintptr_t)label);
		WRITE_ONCE(*holder, 0);
		percpu_add(bench, cpu_offset, label, -1);
	}
}

const struct peer peer_percpu = {
	.name = "percpu-ref", .title = "per-CPU counter behind a mode word, get+put", .max_threads = MAX_THREADS,
	.setup = setup, .run = run_get_put, .check = check,
};

const struct peer peer_percpu_tryget = {
	.name = "percpu-ref-tryget", .title = "per-CPU counter behind a mode word, tryGet+put", .max_threads = MAX_THREADS,
	.setup = setup, .run = run_try_get_put, .check = check,
};
