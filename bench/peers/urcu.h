/* The loop of both liburcu flavours: a read section around one load of the label's slot. Needs <urcu-....h> before it. */
#ifndef REFPLAY_URCU_H
#define REFPLAY_URCU_H

#include "peer.h"

static void setup(struct bench *bench)
{
	for (uint32_t i = 0; i < MAX_LABELS; i++)
		bench->sources[i].label = &bench->labels[i];
}

static void run(struct bench *bench, unsigned thread, uint32_t pairs)
{
	uint64_t *holder = &bench->lanes[thread].holder;

	for (uint32_t i = 0; i < pairs; i++) {
		rcu_read_lock();
		WRITE_ONCE(*holder, (uint64_t)(uintptr_t)rcu_dereference(bench->sources[i & bench->mask].label));
		rcu_read_unlock();
	}
}

static void enter(unsigned thread)
{
	(void)thread;
	rcu_register_thread();
}

static void leave(unsigned thread)
{
	(void)thread;
	rcu_unregister_thread();
}

#endif
