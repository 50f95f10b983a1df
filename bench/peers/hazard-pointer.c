/*
 * What strategies/hazard-pointer.ts does on its hot paths. Short use: look for a free one of the CPU's few slots, store a
 * wildcard there, full barrier, load the source, replace the wildcard by the label and note slot and guard in each other;
 * release is one store. Long use: link the holder into the CPU's list under its lock, and unlink it under the same.
 */
#include <stdbool.h>
#include "peer.h"

enum state { ALIVE, CONDEMNED, RELEASED };

static inline void full_barrier(struct lane *lane)
{
	__asm__ volatile("lock addl $0, %0" : "+m"(lane->fence) : : "memory", "cc");
}

static inline void lock(struct hazard_cpu *list)
{
	while (UNLIKELY(__atomic_exchange_n(&list->lock, 1, __ATOMIC_SEQ_CST) != 0))
		while (READ_ONCE(list->lock) != 0)
			__builtin_ia32_pause();
}

static inline void unlock(struct hazard_cpu *list)
{
	__atomic_store_n(&list->lock, 0, __ATOMIC_RELEASE);
}

/* A condemned label is alive again for whoever meets it, unless it was released. */
static bool __attribute__((noinline, cold)) acquit(struct label *label)
{
	int32_t before = CONDEMNED;

	__atomic_compare_exchange_n(&label->state, &before, ALIVE, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return before != RELEASED;
}

static inline bool link_holder(struct hazard_cpu *list, struct place *holder, struct label *label)
{
	bool good;

	lock(list);
	good = LIKELY(READ_ONCE(label->state) == ALIVE) || acquit(label);
	if (LIKELY(good)) {
		struct place *first = READ_ONCE(list->first);

		WRITE_ONCE(holder->next, first);
		WRITE_ONCE(holder->back, &list->first);
		WRITE_ONCE(holder->list, list);
		if (first)
			WRITE_ONCE(first->back, &holder->next);
		WRITE_ONCE(list->first, holder);
		__atomic_store_n(&holder->label, (uint64_t)(uintptr_t)label, __ATOMIC_RELEASE);
	}
	unlock(list);
	return good;
}

static inline void unlink_holder(struct place *holder, struct label *label)
{
	struct hazard_cpu *list = READ_ONCE(holder->list);
	struct place *next, **back;

	lock(list);
	next = READ_ONCE(holder->next);
	back = READ_ONCE(holder->back);
	WRITE_ONCE(*back, next);
	if (next)
		WRITE_ONCE(next->back, back);
	WRITE_ONCE(holder->label, 0);
	if (UNLIKELY(READ_ONCE(label->owned) == 0))
		WRITE_ONCE(list->lost, 1);
	unlock(list);
}

static inline void get(struct bench *bench, struct hazard_cpu *list, struct place *holder, struct label *label)
{
	if (UNLIKELY(!link_holder(list, holder, label)))
		label_saturate(bench, label);
}

static inline void put(struct bench *bench, struct place *holder, struct label *label)
{
	if (LIKELY(READ_ONCE(holder->label) == (uint64_t)(uintptr_t)label))
		unlink_holder(holder, label);
	else
		label_saturate(bench, label);
}

static inline struct slot *free_slot(struct hazard_cpu *cpu)
{
	for (int i = 0; i < SLOTS; i++)
		if (READ_ONCE(cpu->slots[i].label) == 0)
			return &cpu->slots[i];
	return NULL;
}

/* All slots are in use: the guard becomes a holder. */
static struct label *__attribute__((noinline, cold))
borrow_holding(struct hazard_cpu *cpu, struct guard *guard, struct source *source)
{
	struct label *label;

	WRITE_ONCE(guard->slot, NULL);
	label = READ_ONCE(source->label);
	while (label && !link_holder(cpu, &guard->holder, label))
		label = READ_ONCE(source->label);
	return label;
}

static inline struct label *borrow(struct bench *bench, unsigned thread, struct guard *guard, struct source *source)
{
	struct hazard_cpu *cpu = &bench->hazards[thread];
	struct slot *slot = free_slot(cpu);
	struct label *label;

	if (UNLIKELY(!slot))
		return borrow_holding(cpu, guard, source);
	WRITE_ONCE(slot->label, (uint64_t)READ_ONCE(bench->wildcard_side) + 1);
	full_barrier(&bench->lanes[thread]);
	label = READ_ONCE(source->label);
	WRITE_ONCE(slot->guard, guard);
	WRITE_ONCE(guard->slot, slot);
	WRITE_ONCE(slot->label, (uint64_t)(uintptr_t)label);
	return label;
}

static inline void unborrow(struct bench *bench, struct guard *guard, struct label *label)
{
	struct slot *slot = READ_ONCE(guard->slot);

	if (LIKELY(slot))
		__atomic_store_n(&slot->label, 0, __ATOMIC_RELEASE);
	else
		put(bench, &guard->holder, label);
}

static void setup(struct bench *bench)
{
	bench->released = 0;
	bench->wildcard_side = 0;
	for (uint32_t i = 0; i < MAX_LABELS; i++) {
		bench->sources[i].label = &bench->labels[i];
		bench->labels[i].state = ALIVE;
		bench->labels[i].owned = 1;
	}
	/* One holder is always there, as the labels' creators are in ours: who links has a neighbour to tell. */
	for (unsigned thread = 0; thread < MAX_THREADS; thread++) {
		struct hazard_cpu *list = &bench->hazards[thread];

		*list = (struct hazard_cpu){ .first = thread == 0 ? &list->resident : NULL };
		if (thread == 0) {
			list->resident.back = &list->first;
			list->resident.list = list;
		}
	}
}

static int check(struct bench *bench)
{
	for (unsigned thread = 0; thread < MAX_THREADS; thread++) {
		struct hazard_cpu *list = &bench->hazards[thread];

		if (list->lock != 0 || list->lost != 0 || list->first != (thread == 0 ? &list->resident : NULL))
			return 0;
		for (int i = 0; i < SLOTS; i++)
			if (list->slots[i].label != 0)
				return 0;
	}
	return bench->released == 0;
}

static void run_borrow(struct bench *bench, unsigned thread, uint32_t pairs)
{
	struct guard *guard = &bench->lanes[thread].guard;

	for (uint32_t i = 0; i < pairs; i++) {
		struct label *label = borrow(bench, thread, guard, &bench->sources[i & bench->mask]);

		unborrow(bench, guard, label);
	}
}

static void run_get_put(struct bench *bench, unsigned thread, uint32_t pairs)
{
	struct place *holder = &bench->lanes[thread].place;

	for (uint32_t i = 0; i < pairs; i++) {
		struct label *label = label_at(bench, i);

		get(bench, &bench->hazards[thread], holder, label);
		put(bench, holder, label);
	}
}

const struct peer peer_hazard_borrow = {
	.name = "hazard-pointer-borrow", .title = "free slot, wildcard, lock addl, load, store; release store",
	.max_threads = MAX_THREADS, .setup = setup, .run = run_borrow, .check = check,
};

const struct peer peer_hazard_pointer = {
	.name = "hazard-pointer", .title = "a holder linked into and out of the CPU's list, under its lock",
	.max_threads = MAX_THREADS, .setup = setup, .run = run_get_put, .check = check,
};
