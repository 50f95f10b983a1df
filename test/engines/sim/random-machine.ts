/** Machines as no one would build them: few CPUs, odd latencies, short holds, small buffers. */
import type { DistanceNs, SimMachine } from "../../../src/engines/sim/types.ts";
import type { Rng } from "../../fuzz/random.ts";

/** Ns up to `most`: whole, with a fraction that ticks can tell, or with one that they cannot. */
function ns(rng: Rng, most: number): number {
  const whole = rng.below(most + 1);
  return rng.pick([whole, whole + rng.below(16) / 16, whole + rng.below(100) / 100]);
}

function distancesNs(rng: Rng): DistanceNs {
  // Mostly the farther the slower, now and then not at all.
  const step = (): number => 0.25 + ns(rng, rng.pick([4, 30, 120]));
  if (rng.chance(0.2)) return { smt: step(), l3: step(), socket: step(), cross: step() };
  const smt = step();
  const l3 = smt + step();
  const socket = l3 + step();
  return { smt, l3, socket, cross: socket + step() };
}

function scaling(rng: Rng): SimMachine["scaling"] {
  if (rng.chance(0.5)) return [];
  const points: { l3Domains: number; percent: number }[] = [];
  let l3Domains = rng.between(1, 2);
  for (let count = rng.between(1, 3); count > 0; count--) {
    points.push({ l3Domains, percent: rng.between(300, 1200) / 10 });
    l3Domains += rng.between(1, 3);
  }
  return points;
}

/** A machine with room for `cpus` CPUs. */
export function randomMachine(rng: Rng, cpus: number): SimMachine {
  const threadsPerCore = rng.pick([1, 2, 2, 4]);
  const coresPerL3 = rng.between(1, 4);
  const l3PerSocket = rng.between(1, 3);
  const perSocket = threadsPerCore * coresPerL3 * l3PerSocket;
  const sockets = Math.max(rng.between(1, 2), Math.ceil(cpus / perSocket));
  const holdNs = rng.chance(0.15) ? 0 : ns(rng, rng.pick([5, 40]));
  const mostHoldNs = rng.chance(0.15) ? ns(rng, 20) : holdNs + ns(rng, rng.pick([10, 200]));
  return {
    name: "random",
    threadsPerCore,
    coresPerL3,
    l3PerSocket,
    sockets,
    numbering: rng.pick(["compact", "cores-first"]),
    lineBytes: rng.pick([64, 64, 128, 256]),
    hitNs: rng.chance(0.1) ? 0 : ns(rng, 3),
    storeNs: rng.chance(0.3) ? 0 : ns(rng, 2),
    privateAtomicNs: ns(rng, 8),
    atomicNs: ns(rng, 10),
    fenceNs: rng.chance(0.2) ? 0 : ns(rng, 10),
    memoryNs: ns(rng, 150),
    idleNs: distancesNs(rng),
    handOffNs: distancesNs(rng),
    holdNs,
    mostHoldNs,
    storeBufferEntries: rng.pick([1, 1, 2, 3, 4, 8, 56]),
    gracePeriodNs: rng.chance(0.1) ? 0 : ns(rng, rng.pick([50, 500, 5000])),
    scaling: scaling(rng),
  };
}
