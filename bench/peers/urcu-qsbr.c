/* liburcu, quiescent-state flavour (liburcu-dev): what our rcuReadLock lowers to, so the pair should cost a load and a store. */
#define _LGPL_SOURCE
#include <urcu-qsbr.h>
#include "urcu.h"

const struct peer peer_urcu_qsbr = {
	.name = "urcu-qsbr", .title = "liburcu qsbr: read lock, dereference, unlock", .max_threads = MAX_THREADS,
	.setup = setup, .run = run, .enter = enter, .leave = leave,
};
