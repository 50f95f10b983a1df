/* No counting: what the loop and the two stores to the holder cost by themselves. */
#include "peer.h"

static void run_get_put(struct bench *bench, unsigned thread, uint32_t pairs)
{
	uint64_t *holder = &bench->lanes[thread].holder;

	for (uint32_t i = 0; i < pairs; i++) {
		WRITE_ONCE(*holder, (uint64_t)(uintptr_t)label_at(bench, i));
		WRITE_ONCE(*holder, 0);
	}
}

const struct peer peer_none = {
	.name = "none", .title = "no count: the loop and the holder's two stores", .max_threads = MAX_THREADS,
	.setup = labels_set_one, .run = run_get_put, .check = labels_hold_one,
};
