/** Names of what lies in objects: a strategy's own names for its bytes, and the parts of a percpu_ref. */
import { describe, expect, it } from "vitest";
import { prepareCheck } from "../../src/checks/index.ts";
import { linkProgram } from "../../src/link/link.ts";
import { nodeHost, packageRoot } from "../../src/link/node-host.ts";
import { memoryHost } from "../../src/link/source-host.ts";
import { builtin } from "../conformance/support.ts";
import { programNamed } from "../lifetime/checks.ts";

const host = nodeHost(packageRoot);

function fieldsOf(strategy: string, struct: string): Record<string, number> {
  const { problem } = prepareCheck(programNamed("get-put"), builtin(strategy), { model: "sc" }, host);
  const found = problem.structs?.find(({ name }) => name.toLowerCase() === struct.toLowerCase());
  return Object.fromEntries((found?.fields ?? []).map(({ name, offset }) => [name, offset]));
}

describe("names in objects", () => {
  it("are the strategy's own in its bytes of a label", () => {
    const fields = fieldsOf("kref", "label");
    expect(fields).toHaveProperty("refs");
    expect(fields).not.toHaveProperty("strategy");
    expect(fields).toHaveProperty("vec");
  });

  it("are those of a percpu_ref where a label has one", () => {
    const { "ref.word": word, "ref.data": data } = fieldsOf("percpu-ref", "label");
    expect((data ?? 0) - (word ?? 0)).toBe(8);
    expect(fieldsOf("percpu-ref", "labelExtra")).toMatchObject({ count: 0 });
    expect(fieldsOf("kref", "labelExtra")).toEqual({});
  });
});

describe("constants that a strategy makes from `layout`", () => {
  const source = `
    import { type i32, layout, load, type ptr, store } from "refplay/machine";
    import { release, type StrategyMeta } from "refplay/kernel";
    export const labelBytes: i32 = 16;
    const first: i32 = layout("label");
    const second: i32 = first + 8;
    const same: i32 = 8;
    const own: i32 = layout("cpu") + same;
    export const cpuBytes: i32 = 16;
    export function init(_cpu: i32, holder: ptr, label: ptr): void {
      store(label + first, 1);
      store(label + second, same + own);
      store(holder, label);
    }
    export function get(_cpu: i32, holder: ptr, label: ptr): void { store(holder, label); }
    export function tryGet(_cpu: i32, _holder: ptr, label: ptr): bool { return load(label + first) === 1; }
    export function put(cpu: i32, holder: ptr, label: ptr): void { store(holder, 0); release(cpu, label); }
    export default {
      title: "two", summary: "Two.", sources: [], options: {},
      capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
    } satisfies StrategyMeta;
  `.replace("layout, load", "layout, type bool, load");

  it("name its bytes by area, whether exported or not", () => {
    const module = host.resolve("refplay/source/test/programs/check/label.ts", "") ?? "";
    const files = memoryHost({ "two.ts": source }, host);
    const strategies = [{ instance: "strategy", path: "two.ts", options: {} }];
    const { structs } = linkProgram(
      { module, entries: "all", strategies, options: { watched: 1 }, steppedOnly: true },
      files,
    );
    expect(structs.filter(({ name }) => name.startsWith("layout("))).toMatchObject([
      {
        name: "layout(label)",
        instance: "strategy",
        fields: [
          { name: "first", offset: 0 },
          { name: "second", offset: 8 },
        ],
      },
      { name: "layout(cpu)", fields: [{ name: "own", offset: 8 }] },
    ]);
  });
});
