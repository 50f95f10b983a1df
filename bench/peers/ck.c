/* Concurrency Kit (libck-dev): its fetch-and-add and its hazard pointers, through the same loop. */
#include <ck_hp.h>
#include <ck_pr.h>
#include "peer.h"

static void run_faa(struct bench *bench, unsigned thread, uint32_t pairs)
{
	(void)thread;
	for (uint32_t i = 0; i < pairs; i++) {
		int *refs = (int *)&label_at(bench, i)->refs;

		if (UNLIKELY(ck_pr_faa_int(refs, 1) <= 0))
			label_saturate(bench, label_at(bench, i));
		if (UNLIKELY(ck_pr_faa_int(refs, -1) <= 1))
			label_release(bench, label_at(bench, i));
	}
}

static ck_hp_t hazards;
static ck_hp_record_t records[MAX_THREADS];

static void destroy(void *pointer)
{
	(void)pointer;
}

static void setup_hp(struct bench *bench)
{
	static int done;

	for (uint32_t i = 0; i < MAX_LABELS; i++)
		bench->sources[i].label = &bench->labels[i];
	if (done)
		return;
	done = 1;
	ck_hp_init(&hazards, 1, 16, destroy);
	for (unsigned thread = 0; thread < MAX_THREADS; thread++) {
		static void *slots[MAX_THREADS][8] __attribute__((aligned(LINE_BYTES)));

		ck_hp_register(&hazards, &records[thread], slots[thread]);
	}
}

static void run_hp(struct bench *bench, unsigned thread, uint32_t pairs)
{
	ck_hp_record_t *record = &records[thread];

	for (uint32_t i = 0; i < pairs; i++) {
		struct source *source = &bench->sources[i & bench->mask];
		struct label *label = ck_pr_load_ptr(&source->label);

		for (;;) {
			struct label *again;

			ck_hp_set_fence(record, 0, label);
			again = ck_pr_load_ptr(&source->label);
			if (LIKELY(again == label))
				break;
			label = again;
		}
		ck_hp_set(record, 0, NULL);
	}
}

const struct peer peer_ck_faa = {
	.name = "ck-faa", .title = "Concurrency Kit ck_pr_faa_int +1, -1", .max_threads = MAX_THREADS,
	.setup = labels_set_one, .run = run_faa, .check = labels_hold_one,
};

const struct peer peer_ck_hp = {
	.name = "ck-hp", .title = "Concurrency Kit ck_hp_set_fence, re-load, ck_hp_set(NULL)", .max_threads = MAX_THREADS,
	.setup = setup_hp, .run = run_hp,
};
