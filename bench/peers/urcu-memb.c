/* liburcu, membarrier flavour (liburcu-dev): read sections that need no quiescent points, at the price of a counter. */
#define _LGPL_SOURCE
#include <urcu.h>
#include "urcu.h"

const struct peer peer_urcu_memb = {
	.name = "urcu-memb", .title = "liburcu memb: read lock, dereference, unlock", .max_threads = MAX_THREADS,
	.setup = setup, .run = run, .enter = enter, .leave = leave,
};
