/** What of the core only real threads show: waits for grace periods and for other CPUs' mode switches come to an end. */
import { expect, it } from "vitest";
import { hostWasmOptions } from "../../src/engines/threads/compile.ts";
import { withThreads } from "../../src/engines/threads/index.ts";
import { Kind } from "../../src/kernel/core/kinds.ts";
import { Mark, verdictLimit, warningLimit } from "../../src/kernel/core/marks.ts";
import { buildWasm } from "../../src/link/wasm/index.ts";
import { builtin, linkTestProgram } from "../conformance/support.ts";

it("CPUs that switch one percpu_ref to and fro wait for each other, while others use it", async () => {
  const ir = linkTestProgram("switch-stage", builtin("percpu-ref"));
  const { binary: wasm } = await buildWasm(ir, { ...hostWasmOptions, checks: true, inlineMaxSize: 40 });
  const options = { wasm, cpus: 3, memoryBytes: 4 << 20, constants: ir.constants };
  await withThreads(options, async (threads) => {
    await threads.callOne(0, "boot");
    await threads.callAll("bootCpu", (cpu) => [cpu]);
    await threads.callOne(0, "begin", [0]);
    const using = threads.callOne(2, "lookUps", [2, 20_000, 0]);
    await Promise.all([
      threads.callOne(0, "switches", [0, 300]),
      threads.callOne(1, "switches", [1, 300]),
      using,
    ]);
    await threads.callOne(0, "clear", [0]);
    for (let pass = 0; pass < 3; pass++) await threads.callAll("drain", (cpu) => [cpu]);
    for (let verdict = 1; verdict < verdictLimit; verdict++)
      expect((await threads.callOne(0, "violationCount", [verdict])).value, `verdict ${verdict}`).toBe(0);
    for (let mark = 1; mark < warningLimit; mark++)
      expect((await threads.callOne(0, "warningCount", [mark])).value, Mark[mark]).toBe(0);
    expect((await threads.callOne(0, "live", [Kind.label])).value).toBe(0);
    expect((await threads.callOne(0, "percpuBytesInUse")).value).toBe(0);
  });
});
