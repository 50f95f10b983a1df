/*
 * The checker's program hazard: READERS actors protect what is shown by their slot ROUNDS times, use it and let it go; WRITERS
 * actors show an object of their own instead, wait until no slot names the old one, and free it. At the end the object that
 * is shown is freed, and none is left.
 *
 * BUG 1: no second look at what is shown. BUG 2: the writer skips the last reader's slot.
 */
#ifndef READERS
#define READERS 2
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef WRITERS
#define WRITERS 1
#endif
#ifndef BUG
#define BUG 0
#endif

#if BUG == 2
#define SCANNED (READERS - 1)
#else
#define SCANNED READERS
#endif

#define nothing 255

byte shown;                       /* objects are numbered from 0 */
byte slot[READERS] = nothing;
byte freed;                       /* a bit for each object */
byte over;                        /* actors that are done */

#define alive(object) (((freed >> object) & 1) == 0)

active [READERS] proctype reader() {
  byte round, object;
end:
  do
  :: d_step { round < ROUNDS -> round++; object = shown };
     do
     :: slot[_pid] = object;
#if BUG == 1
        break
#else
        if
        :: shown == object -> break
        :: d_step { shown != object -> object = shown }
        fi
#endif
     od;
     assert(alive(object));
     d_step { slot[_pid] = nothing; object = 0; over = over + (round == ROUNDS) }
  od
}

active [WRITERS] proctype writer() {
  byte old, i;
  d_step { old = shown; shown = _pid - READERS + 1 };
  do
  :: d_step { i < SCANNED && slot[i] != old -> i++ }
  :: d_step { i == SCANNED -> assert(alive(old)); freed = freed | (1 << old); old = 0; i = 0; over++ }; break
  od
}

active proctype clear() {
  d_step {
    over == READERS + WRITERS -> assert(alive(shown));
    freed = freed | (1 << shown);
    assert(freed == (1 << (WRITERS + 1)) - 1)
  }
}
