/*
 * What every peer shares: the memory it works on and the shape of an adapter (one file per variant, one `struct peer`
 * each, as Concurrency Kit's regression suite does it). A peer does in C what a program of bench/programs does in
 * WebAssembly, access for access, so that a ratio of the two says what the linker and V8 cost and nothing else.
 *
 * Labels lie `LABEL_STRIDE` bytes apart, each on lines of its own; a loop takes label `i & mask` in its i-th turn. (A loop
 * over one label runs at 0.6 ns, because the processor renames memory; nobody's real load does.)
 */
#ifndef REFPLAY_PEER_H
#define REFPLAY_PEER_H

#include <stddef.h>
#include <stdint.h>

#define LINE_BYTES 64
#define LABEL_STRIDE 128
#define MAX_LABELS 1024
#define MAX_THREADS 64
/* Bytes of one CPU's area: its counters, 8 bytes apart as the kernel's per-CPU allocator packs them. */
#define CPU_STRIDE (MAX_LABELS * 8 + 2 * LINE_BYTES)

/* One access, neither repeated nor left out by the compiler; no ordering. READ_ONCE and WRITE_ONCE. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value) (*(volatile __typeof__(x) *)&(x) = (value))
#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* 32-bit cells at fixed offsets, as the label of src/kernel has them. */
struct label {
	int32_t refs;
	int32_t pad0;
	/* Address of CPU 0's counter; bits 0 and 1 are the mode: atomic, dead. */
	uint64_t percpu_count_ptr;
	int32_t released;
	/* Hazard pointers: alive, condemned or released; and whether somebody is going to retire it. */
	int32_t state, owned;
	char pad[LABEL_STRIDE - 28];
} __attribute__((aligned(LINE_BYTES)));

/* A holder that is an element of a CPU's list; strategies/parts/hazard-places.ts calls it so. */
struct place {
	uint64_t label;
	struct place *next, **back;
	struct hazard_cpu *list;
};

/* What a caller lends for a short use: the slot in use, or null and a holder. */
struct guard {
	struct place holder;
	struct slot *slot;
};

/* One CPU's hazard pointers: its list of holders on one line, then its slots, each with the guard that it is lent to. */
#define SLOTS 4
struct hazard_cpu {
	int32_t lock __attribute__((aligned(LINE_BYTES)));
	int32_t lost;
	struct place *first;
	struct slot {
		uint64_t label;
		struct guard *guard;
	} slots[SLOTS] __attribute__((aligned(LINE_BYTES)));
	struct place resident __attribute__((aligned(LINE_BYTES)));
} __attribute__((aligned(2 * LINE_BYTES)));

/* A task that counts references to its cred's label itself; a line. */
#define MAX_TASKS 64
struct task {
	uint64_t label, home;
	int32_t counts;
} __attribute__((aligned(LINE_BYTES)));

/* A CPU's private cells that are no counters. */
struct cpu {
	uint64_t current;
} __attribute__((aligned(2 * LINE_BYTES)));

/* What one thread has to itself, each group on lines of its own. */
struct lane {
	/* Where a reference is kept between get and put. */
	uint64_t holder __attribute__((aligned(LINE_BYTES)));
	uint64_t holder2, holder3;
	/* The hazard-pointer slot, which a reclaimer would scan. */
	uint64_t slot __attribute__((aligned(LINE_BYTES)));
	/* The target of the `lock addl` that makes a full barrier. */
	int32_t fence __attribute__((aligned(LINE_BYTES)));
	/* A holder of hazard pointers, and a guard. */
	struct place place __attribute__((aligned(LINE_BYTES)));
	struct guard guard __attribute__((aligned(LINE_BYTES)));
} __attribute__((aligned(LINE_BYTES)));

/* A shared slot that points to a label, on a line of its own. */
struct source {
	struct label *label;
} __attribute__((aligned(LABEL_STRIDE)));

struct bench {
	struct label labels[MAX_LABELS];
	struct source sources[MAX_LABELS];
	struct lane lanes[MAX_THREADS];
	struct task tasks[MAX_THREADS][MAX_TASKS];
	struct cpu cpus[MAX_THREADS];
	struct hazard_cpu hazards[MAX_THREADS];
	/* Which of two wildcards borrowers store, on a line of its own; 0 or 1. */
	int32_t wildcard_side __attribute__((aligned(LINE_BYTES)));
	char cpu_areas[MAX_THREADS][CPU_STRIDE] __attribute__((aligned(LINE_BYTES)));
	/* Labels in use - 1; a power of two - 1. */
	uint32_t mask;
	/* Counts that did not come out right are a defect of the peer; the driver looks. */
	int32_t released;
};

struct peer {
	const char *name;
	const char *title;
	unsigned max_threads;
	/* Before the first pair of a run, in one thread. May be null. */
	void (*setup)(struct bench *bench);
	/* `pairs` turns of the loop, in each thread. `thread` counts from 0. */
	void (*run)(struct bench *bench, unsigned thread, uint32_t pairs);
	/* After the run, in one thread: 1 where memory looks as it should. May be null. */
	int (*check)(struct bench *bench);
	/* In each thread when it starts and before it ends (registration with a library). May be null. */
	void (*enter)(unsigned thread);
	void (*leave)(unsigned thread);
};

/* The out-of-line ends of a count: last reference, or a saturated counter. Never taken in a run that counts right. */
void label_release(struct bench *bench, struct label *label) __attribute__((noinline, cold));
void label_saturate(struct bench *bench, struct label *label) __attribute__((noinline, cold));

static inline struct label *label_at(struct bench *bench, uint32_t i)
{
	return &bench->labels[i & bench->mask];
}

/* All labels hold exactly their initial reference again, and none was released. */
int labels_hold_one(struct bench *bench);
void labels_set_one(struct bench *bench);

#endif
