/*
 * Hazard pointers (Michael, IEEE TPDS 15(6), 2004): publish the pointer in an own slot, full barrier, look again; release
 * is one store. Two forms of store-then-barrier: a store and a `lock addl` on a private line (smp_mb on x86), or one xchg.
 * The same accesses as bench/programs/hazard.ts.
 */
#include "peer.h"

static void setup(struct bench *bench)
{
	for (uint32_t i = 0; i < MAX_LABELS; i++)
		bench->sources[i].label = &bench->labels[i];
}

static int check(struct bench *bench)
{
	for (unsigned thread = 0; thread < MAX_THREADS; thread++)
		if (bench->lanes[thread].slot != 0)
			return 0;
	return 1;
}

static inline void full_barrier(struct lane *lane)
{
	__asm__ volatile("lock addl $0, %0" : "+m"(lane->fence) : : "memory", "cc");
}

static inline void release(struct lane *lane)
{
	__atomic_store_n(&lane->slot, 0, __ATOMIC_RELEASE);
}

static void run_fence(struct bench *bench, unsigned thread, uint32_t pairs)
{
	struct lane *lane = &bench->lanes[thread];

	for (uint32_t i = 0; i < pairs; i++) {
		struct source *source = &bench->sources[i & bench->mask];
		struct label *label = READ_ONCE(source->label);

		for (;;) {
			struct label *again;

			WRITE_ONCE(lane->slot, (uint64_t)(uintptr_t)label);
			full_barrier(lane);
			again = READ_ONCE(source->label);
			if (LIKELY(again == label))
				break;
			label = again;
		}
		release(lane);
	}
}

static void run_exchange(struct bench *bench, unsigned thread, uint32_t pairs)
{
	struct lane *lane = &bench->lanes[thread];

	for (uint32_t i = 0; i < pairs; i++) {
		struct source *source = &bench->sources[i & bench->mask];
		struct label *label = READ_ONCE(source->label);

		for (;;) {
			struct label *again;

			__atomic_exchange_n(&lane->slot, (uint64_t)(uintptr_t)label, __ATOMIC_SEQ_CST);
			again = READ_ONCE(source->label);
			if (LIKELY(again == label))
				break;
			label = again;
		}
		release(lane);
	}
}

const struct peer peer_hazard = {
	.name = "hazard", .title = "hazard pointer: store, lock addl, re-load, release store", .max_threads = MAX_THREADS,
	.setup = setup, .run = run_fence, .check = check,
};

const struct peer peer_hazard_exchange = {
	.name = "hazard-exchange", .title = "hazard pointer: xchg, re-load, release store", .max_threads = MAX_THREADS,
	.setup = setup, .run = run_exchange, .check = check,
};
