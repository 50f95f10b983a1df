/*
 * The bare program `get-put` with kref: ACTORS actors, each with a reference of its own, take and drop PAIRS more and then
 * drop their own; whoever drops the last hands the label to RCU, and a softirq process frees it.
 *
 * One statement for each operation on shared memory of the portable program. Under sequential consistency that is what the
 * checker explores too; holders are each actor's own and therefore part of the statement beside them. A label that is
 * never freed leaves the softirq process waiting: an invalid end state.
 *
 * BUG 1: put reads and writes instead of one atomic addition.
 */
#ifndef ACTORS
#define ACTORS 3
#endif
#ifndef PAIRS
#define PAIRS 3
#endif
#ifndef BUG
#define BUG 0
#endif

byte refs = ACTORS;
bool queued;      /* with RCU; there are no read sections here, so the callback is ripe at once */
bool freed;

active [ACTORS] proctype user() {
  byte pair;
#if BUG
  byte seen;
#endif
  do
  :: d_step { pair < PAIRS -> assert(!freed); assert(refs != 0); refs++ };
#if BUG
     d_step { assert(!freed); seen = refs };
     d_step { assert(!freed); refs = seen - 1; pair++; seen = 0 }
#else
     d_step { assert(!freed); assert(refs > 1); refs--; pair++ }
#endif
  :: d_step { pair == PAIRS && refs != 1 -> assert(!freed); assert(refs != 0); refs--; pair = 0 }; break
  :: d_step { pair == PAIRS && refs == 1 -> assert(!freed); refs = 0; pair = 0 };
     d_step { assert(!queued && !freed); queued = true }; break
  od
}

active proctype softirq() {
  d_step { queued -> queued = false; assert(!freed); freed = true }
}
