/*
 * Task-local references, as strategies/cred-local.ts counts them: a task that is a user of a label keeps a signed number of
 * what it took and dropped, and touches nothing else; everybody else changes one counter in the label, which has a bias for
 * each user. A turn is two system calls of one task: it opens a file under its own label, then it closes that file. Each begins
 * with the CPU noting the task, as the kernel's hook `enterKernel` does.
 */
#include "refcount.h"

#define BIAS 1024

static inline void enter_kernel(struct bench *bench, unsigned cpu, struct task *task)
{
	WRITE_ONCE(bench->cpus[cpu].current, (uint64_t)(uintptr_t)task);
}

/* The task whose system call this CPU is in, where that counts `label` itself; else null. */
static inline struct task *user_of(struct bench *bench, unsigned cpu, struct label *label)
{
	struct task *task = (struct task *)(uintptr_t)READ_ONCE(bench->cpus[cpu].current);

	if (UNLIKELY(!task) || UNLIKELY(READ_ONCE(task->home) != (uint64_t)(uintptr_t)label))
		return NULL;
	return task;
}

static inline void raise_shared(struct bench *bench, struct label *label, int32_t amount)
{
	int32_t before = __atomic_fetch_add(&label->refs, amount, __ATOMIC_SEQ_CST);

	if (UNLIKELY((uint32_t)before - 1 >= (uint32_t)(INT_MAX - amount)))
		label_saturate(bench, label);
}

static inline void lower_shared(struct bench *bench, struct label *label, int32_t amount)
{
	int32_t before = __atomic_fetch_add(&label->refs, -amount, __ATOMIC_SEQ_CST);

	if (UNLIKELY(before == amount))
		label_release(bench, label);
	else if (UNLIKELY(before < amount))
		label_saturate(bench, label);
}

/* The number has reached the bias: it goes into the label's counter. */
static void __attribute__((noinline, cold)) settle(struct bench *bench, struct task *task, struct label *label, int32_t counts)
{
	if (counts > 0)
		raise_shared(bench, label, counts);
	else
		lower_shared(bench, label, -counts);
	WRITE_ONCE(task->counts, 0);
}

static inline void count(struct bench *bench, struct task *task, struct label *label, int32_t change)
{
	int32_t counts = READ_ONCE(task->counts) + change;

	if (LIKELY(counts > -BIAS && counts < BIAS))
		WRITE_ONCE(task->counts, counts);
	else
		settle(bench, task, label, counts);
}

/* A task whose cred bears the label, but that is no user of it yet, becomes one; others count in the label. */
static void __attribute__((noinline, cold)) get_shared(struct bench *bench, unsigned cpu, struct label *label)
{
	struct task *task = (struct task *)(uintptr_t)READ_ONCE(bench->cpus[cpu].current);

	if (task && READ_ONCE(task->label) == (uint64_t)(uintptr_t)label) {
		uint64_t home = READ_ONCE(task->home);

		if (home)
			lower_shared(bench, (struct label *)(uintptr_t)home, BIAS - READ_ONCE(task->counts));
		WRITE_ONCE(task->counts, 0);
		raise_shared(bench, label, BIAS + 1);
		WRITE_ONCE(task->home, (uint64_t)(uintptr_t)label);
	} else {
		raise_shared(bench, label, 1);
	}
}

static inline void get(struct bench *bench, unsigned cpu, uint64_t *holder, struct label *label)
{
	struct task *task;

	WRITE_ONCE(*holder, (uint64_t)(uintptr_t)label);
	task = user_of(bench, cpu, label);
	if (LIKELY(task))
		count(bench, task, label, 1);
	else
		get_shared(bench, cpu, label);
}

static inline void put(struct bench *bench, unsigned cpu, uint64_t *holder, struct label *label)
{
	struct task *task;

	WRITE_ONCE(*holder, 0);
	task = user_of(bench, cpu, label);
	if (LIKELY(task))
		count(bench, task, label, -1);
	else
		lower_shared(bench, label, 1);
}

/* Every task bears the label of its number and is a user of it already. */
static void setup(struct bench *bench)
{
	labels_set_one(bench);
	for (unsigned cpu = 0; cpu < MAX_THREADS; cpu++) {
		bench->cpus[cpu].current = 0;
		for (uint32_t i = 0; i < MAX_TASKS; i++) {
			struct task *task = &bench->tasks[cpu][i];

			task->label = task->home = (uint64_t)(uintptr_t)&bench->labels[i];
			task->counts = 0;
			bench->labels[i].refs += BIAS;
		}
	}
}

static int check(struct bench *bench)
{
	for (uint32_t i = 0; i < MAX_LABELS; i++)
		if (bench->labels[i].refs != 1 + (i < MAX_TASKS ? MAX_THREADS * BIAS : 0))
			return 0;
	for (unsigned cpu = 0; cpu < MAX_THREADS; cpu++)
		for (uint32_t i = 0; i < MAX_TASKS; i++)
			if (bench->tasks[cpu][i].counts != 0)
				return 0;
	return bench->released == 0;
}

static void run(struct bench *bench, unsigned thread, uint32_t pairs)
{
	uint64_t *holder = &bench->lanes[thread].holder;

	for (uint32_t i = 0; i < pairs; i++) {
		struct label *label = label_at(bench, i);
		struct task *task = &bench->tasks[thread][i & bench->mask & (MAX_TASKS - 1)];

		enter_kernel(bench, thread, task);
		get(bench, thread, holder, label);
		enter_kernel(bench, thread, task);
		put(bench, thread, holder, label);
	}
}

const struct peer peer_cred_local = {
	.name = "cred-local", .title = "task-local count: open and close under the task's own label", .max_threads = MAX_THREADS,
	.setup = setup, .run = run, .check = check,
};
