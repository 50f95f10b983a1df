/*
 * The checker's program put-vs-look-up with kref and one writer: READERS actors look the shown label up ROUNDS times, in a
 * read section, use it outside and drop it; the writer takes it away and drops the reference that kept it reachable. Whoever
 * drops the last reference hands the label to RCU.
 *
 * RCU: a bit of `open` for each reader in a section. A grace period begins with a copy of them, and whoever leaves a section
 * takes his bit out of both. The softirq process frees the label once nobody is left in the copy; if that never happens it
 * waits for ever, which is an invalid end state.
 *
 * BUG 1: look-ups count up from zero. BUG 2: no grace period.
 */
#ifndef READERS
#define READERS 2
#endif
#ifndef ROUNDS
#define ROUNDS 1
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

#define unlock open = open & ~me; awaited = awaited & ~me

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

/* With a reference: what follows the look-up. */
inline use() {
  d_step { unlock };
  assert(!freed);
  put()
}

active [READERS] proctype reader() {
  byte round, seen;
end:
  do
  :: d_step { round < ROUNDS -> round++; open = open | me };
     if
     :: !shown -> d_step { unlock }
     :: shown ->
        d_step { assert(!freed); seen = refs };
        do
#if BUG == 1
        :: d_step { assert(!freed); refs++; seen = 0 }; use(); break
#else
        :: d_step { seen == 0 -> unlock }; break
        :: d_step { seen != 0 && refs == seen -> assert(!freed); refs++; seen = 0 }; use(); break
        :: d_step { seen != 0 && refs != seen -> assert(!freed); seen = refs }
#endif
        od
     fi
  od
}

active proctype writer() {
  shown;
  shown = false;
  put()
}

active proctype softirq() {
  d_step { queued && awaited == 0 -> queued = false; assert(!freed); freed = true }
}
