/* kref: every get and every put is one locked instruction on the label's own line. */
#include "refcount.h"

static void run_get_put(struct bench *bench, unsigned thread, uint32_t pairs)
{
	uint64_t *holder = &bench->lanes[thread].holder;

	for (uint32_t i = 0; i < pairs; i++) {
		struct label *label = label_at(bench, i);

		refcount_get(bench, holder, label);
		refcount_put(bench, holder, label);
	}
}

static void run_try_get_put(struct bench *bench, unsigned thread, uint32_t pairs)
{
	uint64_t *holder = &bench->lanes[thread].holder;

	for (uint32_t i = 0; i < pairs; i++) {
		struct label *label = label_at(bench, i);

		if (refcount_try_get(bench, holder, label))
			refcount_put(bench, holder, label);
	}
}

/*
 * The references of one open and one close at level v6.6, without anything else of the hooks: file alloc keeps one, the
 * secid hook and the open hook take and drop one each, the close drops the file's.
 */
static void run_open_close(struct bench *bench, unsigned thread, uint32_t pairs)
{
	struct lane *lane = &bench->lanes[thread];

	for (uint32_t i = 0; i < pairs; i++) {
		struct label *label = label_at(bench, i);

		refcount_get(bench, &lane->holder, label);
		refcount_get(bench, &lane->holder2, label);
		refcount_put(bench, &lane->holder2, label);
		refcount_get(bench, &lane->holder3, label);
		refcount_put(bench, &lane->holder3, label);
		refcount_put(bench, &lane->holder, label);
	}
}

const struct peer peer_kref = {
	.name = "kref", .title = "refcount_t get+put (lock xadd, saturation checks)", .max_threads = MAX_THREADS,
	.setup = labels_set_one, .run = run_get_put, .check = labels_hold_one,
};

const struct peer peer_kref_tryget = {
	.name = "kref-tryget", .title = "refcount_t get-unless-zero + put (lock cmpxchg loop)", .max_threads = MAX_THREADS,
	.setup = labels_set_one, .run = run_try_get_put, .check = labels_hold_one,
};

const struct peer peer_kref_open_close = {
	.name = "kref-open-close", .title = "refcount_t, the 3 gets and 3 puts of open+close at v6.6", .max_threads = MAX_THREADS,
	.setup = labels_set_one, .run = run_open_close, .check = labels_hold_one,
};
