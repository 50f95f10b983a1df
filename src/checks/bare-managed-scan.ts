/** A managed percpu_ref scanned while its label is in use, over test/programs/check/label.ts. */
import { alike, bootCall, bound, softirq } from "./shapes.ts";
import type { CheckProgram } from "./types.ts";

export const managedScanPrograms: readonly CheckProgram[] = [
  {
    name: "managed-scan",
    title:
      "Users take and drop references, the last of them the only ones, while scans look for labels that nobody uses.",
    kind: "bare",
    source: "test/programs/check/label.ts",
    strategy: true,
    needs: { strategies: ["percpu_ref, managed"] },
    bounds: { users: bound("users", 2, 4), rounds: bound("pairs of each user", 2, 8, 0) },
    build: ({ users = 0, rounds = 0 }) => ({
      actors: [...alike("user", users, 0, "getPutLeave", rounds), softirq(users)],
      cpus: users + 1,
      // The label is gone from where look-ups find it: what users have is all there is.
      boot: [bootCall(users, "boot", users, 1), bootCall(users, "remove", users, 1)],
      finish: [],
    }),
  },
];
