/** What of creds that tasks count only real threads show: hand-over of counts between CPUs, and a lock that is fought for. */
import { expect, it } from "vitest";
import { hostWasmOptions } from "../../src/engines/threads/compile.ts";
import { withThreads } from "../../src/engines/threads/index.ts";
import { Audit } from "../../src/kernel/audit.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { type Line, linkedKernel, scriptOf } from "./support.ts";

const cpus = 2;
const rounds = 20_000;
/** Of each CPU: one that works, one that is forked again and again, and beside them one that goes from CPU to CPU. */
const tasks = 2 * cpus + 1;
const wanderer = 2 * cpus;

/** So many files of each round are closed last by a task with another cred, which takes the lock each time. */
const foreign = [4, 5, 6, 7] as const;

/**
 * Each round: files opened and closed, one sent to the next CPU and one closed that came, a thread that comes and goes, and files
 * that a child of another cred closes.
 */
function work(cpu: number): Line[] {
  const child = cpus + cpu;
  const round: readonly Line[] = [
    ["open", 1],
    ["open", 2],
    ["passFile", 1, cpu],
    ["close", 1],
    ["fork", child, 1],
    ["close", 2],
    ["receiveFile", 3, (cpu + 1) % cpus],
    ["switchTask", child],
    ["close", 2],
    ["switchTask", cpu],
    ["close", 3],
    ...foreign.map((fd): Line => ["open", fd]),
    ["fork", child, 0],
    ...foreign.map((fd): Line => ["close", fd]),
    ["switchTask", child],
    ...foreign.map((fd): Line => ["close", fd]),
    ["switchTask", cpu],
  ];
  return [
    ["switchTask", cpu],
    ["repeat", rounds, round.length],
    ...round,
    // The wanderer closes here what it opened on the CPU before.
    ...(cpu === 0 ? [] : ([["waitFor", cpu - 1, 1]] as const)),
    ["switchTask", wanderer],
    ...(cpu === 0 ? [] : ([["close", cpu - 1]] as const)),
    ["open", cpu],
    ["switchTask", cpu],
    ["post"],
  ];
}

it("tasks that count their shared cred themselves leave nothing", async () => {
  const ir = linkedKernel("kref", { verify: 1, creds: 1, percpuBytes: 4096 });
  const { binary: wasm } = await buildWasm(ir, { ...hostWasmOptions, checks: true });
  const scripts = Array.from({ length: cpus }, (_, cpu) => scriptOf(work(cpu)));
  const options = { wasm, cpus, memoryBytes: 16 << 20, constants: ir.constants, scripts };
  await withThreads(options, async (threads) => {
    const audit = async (counter: Audit) => (await threads.callOne(0, "audit", [counter])).value;
    // Profiles, tasks, descriptors of a task, threads of a process, channels.
    await threads.callOne(0, "boot", [1, tasks, 8, tasks, cpus, 0, 0, 0, 0, 0]);
    for (let cpu = 0; cpu < cpus; cpu++) await threads.callOne(cpu, "bootCpu", [cpu]);
    expect(await audit(Audit.creds)).toBe(1);
    const ended = await threads.callAll("run", (cpu) => [cpu, 0]);
    expect(ended.map(({ value }) => value)).toEqual(ended.map(() => 0));
    expect(await audit(Audit.allScriptErrors)).toBe(0);
    await threads.callAll("teardown", (cpu) => [cpu]);
    await threads.callAll("drain", (cpu) => [cpu]);
    expect(await audit(Audit.creds)).toBe(0);
    expect(await audit(Audit.files)).toBe(0);
    await threads.callOne(0, "dismantle");
    for (let pass = 0; pass < 3; pass++) await threads.callAll("drain", (cpu) => [cpu]);
    expect(await audit(Audit.allViolations)).toBe(0);
    expect(await audit(Audit.allWarnings)).toBe(0);
    expect(await audit(Audit.objects)).toBe(0);
  });
});
