/*
 * The checker's program get-put with kref: USERS actors take and drop ROUNDS references, each with one of its own all along.
 * At the end all references are dropped, the one that keeps the label reachable last.
 *
 * One statement for each operation on shared memory of the portable program: under sequential consistency that is what the
 * checker explores. What only one actor can reach (its holders) is part of the statement beside it. A label that is never
 * freed leaves the softirq process waiting, which is an invalid end state.
 *
 * BUG 1: put reads and writes instead of one atomic addition.
 */
#ifndef USERS
#define USERS 3
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef BUG
#define BUG 0
#endif

byte refs = USERS + 1;
byte over;        /* users that are done */
bool queued;      /* with RCU; there are no read sections here, so the callback is ripe at once */
bool freed;

active [USERS] proctype user() {
  byte round;
#if BUG
  byte seen;
#endif
end:
  do
  :: d_step { round < ROUNDS -> assert(!freed); assert(refs != 0); refs++; round++ };
     if
#if BUG
     :: d_step { assert(!freed); seen = refs };
        d_step { assert(!freed); refs = seen - 1; seen = 0; over = over + (round == ROUNDS) }
#else
     :: d_step { refs != 1 -> assert(!freed); assert(refs != 0); refs--; over = over + (round == ROUNDS) }
     :: d_step { refs == 1 -> assert(!freed); refs = 0 };
        d_step { assert(!queued && !freed); queued = true; over = over + (round == ROUNDS) }
#endif
     fi
  od
}

active proctype clear() {
  d_step { over == USERS -> assert(!freed); assert(refs == USERS + 1); refs = 0; assert(!queued); queued = true }
}

active proctype softirq() {
  d_step { queued -> queued = false; assert(!freed); freed = true }
}
