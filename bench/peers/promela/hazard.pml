/*
 * The bare program `hazard`: READERS actors acquire what the source shows ROUNDS times, use it and let it go; WRITERS actors
 * replace it by a label of their own, wait until no slot has the old one, and free it.
 *
 * A fence has no effect here: sequential consistency. It is part of the store before it.
 *
 * BUG 1: no look at the source once the slot is written. BUG 2: the scan leaves the last reader out.
 */
#ifndef READERS
#define READERS 3
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef WRITERS
#define WRITERS 2
#endif
#ifndef BUG
#define BUG 0
#endif

#if BUG == 2
#define SCANNED (READERS - 1)
#else
#define SCANNED READERS
#endif

byte source;            /* labels are numbered from 0 */
byte slot[READERS] = 255;
byte freed;             /* a bit for each label */

#define alive(label) (((freed >> label) & 1) == 0)

active [READERS] proctype reader() {
  byte round, label;
  do
  :: d_step { round < ROUNDS -> round++; label = source };
     do
     :: slot[_pid] = label;
#if BUG == 1
        break
#else
        if
        :: source == label -> break
        :: d_step { source != label -> label = source }
        fi
#endif
     od;
     assert(alive(label));
     d_step { slot[_pid] = 255; label = 0 }
  :: round == ROUNDS -> break
  od
}

active [WRITERS] proctype writer() {
  byte old, i;
  d_step { old = source; source = _pid - READERS + 1 };
  do
  :: d_step { i < SCANNED && slot[i] != old -> i++ }
  :: d_step { i == SCANNED -> assert(alive(old)); freed = freed | (1 << old); old = 0; i = 0 }; break
  od
}
