/** Memory as it is when the run begins. What comes before takes no virtual time and is not the model's matter. */
import { type ActorSpec, ReferenceEngine } from "../../../../src/engines/reference/index.ts";
import type { SimJob } from "../../../../src/engines/sim/types.ts";

export function setUp(job: SimJob): Int32Array {
  const { program, scripts, memoryBytes } = job;
  const cpus = job.cpus + 2;
  const engine = new ReferenceEngine(program, { memoryBytes, cpus, scripts, seed: "sim", checks: false });
  const has = (entry: string): boolean => program.entries.has(entry);
  const phase = (...actors: ActorSpec[]): void => {
    if (has("softirq")) actors.push({ cpu: job.cpus, entry: "softirq", args: [job.cpus], role: "softirq" });
    if (!engine.run(actors)) throw new Error(engine.world.violations[0]?.detail ?? "the set-up failed");
  };
  if (has("boot")) phase({ cpu: 0, entry: "boot", args: job.boot ?? [], role: "script" });
  for (let cpu = 0; cpu < cpus && has("bootCpu"); cpu++)
    phase({ cpu, entry: "bootCpu", args: [cpu], role: "script" });
  const records = job.setupRecords ?? 0;
  if (records > 0) phase({ cpu: 0, entry: "run", args: [0, records], role: "script" });
  return engine.memory;
}
