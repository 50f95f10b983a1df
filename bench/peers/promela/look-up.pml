/*
 * The bare program `look-up-tryget` with kref: READERS actors look the shown label up ROUNDS times, in a read section, use
 * it outside and drop it; a writer hides it and drops the initial reference. Whoever drops the last hands it to RCU.
 *
 * RCU: a bit of `open` for each reader in a section. A grace period begins with a copy of them, and whoever leaves a section
 * takes his bit out of both. The softirq process frees the label once nobody is left in the copy.
 *
 * BUG 1: look-ups count up from zero. BUG 2: no grace period.
 */
#ifndef READERS
#define READERS 3
#endif
#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef BUG
#define BUG 0
#endif

bool shown = true;
byte refs = 1;
bool queued;
bool freed;
byte open;        /* readers in a section */
byte awaited;     /* those of them whom the grace period waits for */

#define me (1 << _pid)

inline unlock() { d_step { open = open & ~me; awaited = awaited & ~me } }

/* callRcu: the grace period begins. */
inline queue() {
#if BUG == 2
  d_step { assert(!queued && !freed); queued = true }
#else
  d_step { assert(!queued && !freed); queued = true; awaited = open }
#endif
}

inline put() {
  if
  :: d_step { refs != 1 -> assert(!freed); assert(refs != 0); refs-- }
  :: d_step { refs == 1 -> assert(!freed); refs = 0 }; queue()
  fi
}

active [READERS] proctype reader() {
  byte round, seen;
next:
  do
  :: d_step { round < ROUNDS -> round++; open = open | me };
     if
     :: !shown -> unlock()
     :: shown ->
        d_step { assert(!freed); seen = refs };
        do
#if BUG == 1
        :: d_step { assert(!freed); refs++; seen = 0 }; break
#else
        :: seen == 0 -> unlock(); goto next
        :: d_step { seen != 0 && refs == seen -> assert(!freed); refs++; seen = 0 }; break
        :: d_step { seen != 0 && refs != seen -> assert(!freed); seen = refs }
#endif
        od;
        unlock();
        d_step { assert(!freed) };
        put()
     fi
  :: round == ROUNDS -> break
  od
}

active proctype writer() {
  shown = false;
  put()
}

active proctype softirq() {
  d_step { queued && awaited == 0 -> queued = false; assert(!freed); freed = true }
}
