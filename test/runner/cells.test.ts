/** Cells measured for real, small: that their figures say what docs/results-format.md says, and can be bad. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { realServices } from "../../src/cli/services.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import type { Cell, ResultsRecord } from "../../src/results/schema.ts";
import { session } from "../cli/support.ts";

/** A counter of which `put` is the part that a test gets wrong. */
const counter = (put: string): string => `import { release, type StrategyMeta } from "refplay/kernel";
import { type bool, compareExchange, fetchAdd, type i32, layout, load, type ptr, store } from "refplay/machine";

export const labelBytes: i32 = 8;
const refs: i32 = layout("label");

export function init(_cpu: i32, holder: ptr, label: ptr): void {
  store(label + refs, 1);
  store(holder, label);
}
export function get(_cpu: i32, holder: ptr, label: ptr): void {
  store(holder, label);
  fetchAdd(label + refs, 1);
}
export function tryGet(cpu: i32, holder: ptr, label: ptr): bool {
  if (load(label + refs) === 0) return false;
  get(cpu, holder, label);
  return true;
}
export function put(cpu: i32, holder: ptr, label: ptr): void {
  store(holder, 0);
  ${put}
}
export default {
  title: "mine", summary: "a counter", sources: [], options: {},
  capabilities: { releases: "lastPut", detects: [], needsMaintenance: false },
} satisfies StrategyMeta;
`;

const settings = "cpus: [1]\nrepetitions: 1\nwarmupRuns: 0\nmemoryMiB: 64\n";

async function cells(config: string, strategy = ""): Promise<readonly Cell[]> {
  const shell = session({ "config.yaml": settings + config, "mine.ts": strategy }, realServices());
  const { stdout, stderr } = await shell.run("run", "config.yaml", "--json");
  expect(stderr).not.toMatch(/error|defect/i);
  return (JSON.parse(stdout) as ResultsRecord).cells;
}

const openClose = "scenario: open-close\nworkload: { requests: 100, thinkUs: 0 }\n";

describe("a cell's figures", () => {
  it.each([
    ["v6.6", 6],
    ["v6.11", 2],
  ])(
    "count what strategies do for a request under %s, and nothing of boot and tear-down",
    async (hooks, rmws) => {
      const [none, kref, percpu] = await cells(
        `${openClose}hooks: ${hooks}\nstrategies: [none, kref, percpu-ref]\n`,
      );
      expect([none, kref, percpu].map((cell) => cell?.rmwPerRequest)).toEqual([0, rmws, 0]);
      expect(kref?.rmwPerRequestTotal).toBeGreaterThan(rmws);
      for (const cell of [none, kref, percpu])
        expect(cell).toMatchObject({ requests: 100, leaked: 0, violations: 0, openAtEnd: 0 });
    },
  );

  it("tell of labels that a strategy does not give back, in every run", async () => {
    const [cell] = await cells(
      `${openClose}strategies: [./mine.ts]\n`,
      counter("fetchAdd(label + refs, 0);"),
    );
    // Unconfined and eight more, in the worst run of several and in the counted one.
    expect(cell?.leakedByKind).toMatchObject({ labels: 9, "label (counted run)": 9 });
    expect(cell?.leaked).toBeGreaterThanOrEqual(18);
  });

  it("tell of broken rules that only the verified run sees on threads", async () => {
    const put = "if (fetchAdd(label + refs, -1) === 1) release(cpu, label);";
    const twice = `export function destroy(cpu: i32, _label: ptr): void {
  const extra: ptr = heapAlloc(cpu, Kind.labelExtra, 64);
  heapFree(cpu, extra);
  heapFree(cpu, extra);
}
`;
    const text = counter(put)
      .replace("{ release,", "{ heapAlloc, heapFree, Kind, release,")
      .replace("export default", `${twice}export default`);
    const [cell] = await cells(`${openClose}strategies: [./mine.ts]\n`, text);
    // The counted run ends at the first; the verified run goes on, one for each label.
    expect(cell?.violationsByVerdict).toMatchObject({ "double-free": 10 });
    expect(cell?.violations).toBe(10);
    // The measured run freed each twice: that is no leak made good.
    expect(cell?.leakedByKind).toEqual({ "label-extras": 9 });
    expect(cell?.leaked).toBe(9);
  });

  it("are none where a label goes so early that threads die of it: the line is told instead", async () => {
    const early = "if (fetchAdd(label + refs, -1) === 2) release(cpu, label);";
    const shell = session(
      { "config.yaml": `${settings}${openClose}strategies: [./mine.ts]\n`, "mine.ts": counter(early) },
      realServices(),
    );
    const { status, stderr } = await shell.run("run", "config.yaml");
    expect(status).toBe(1);
    expect(stderr).toMatch(/mine\.ts:22:\d+: strategy mine fails under load in `put`: premature-release/);
  });

  const history = (settings: string) =>
    cells(`scenario: policy
strategies: [kref]
${settings}workload:
  steps:
    - load: [nginx, dnsmasq, man]
    - label: nginx//&dnsmasq
    - change: nginx
    - open: 1
    - replace: nginx
    - label: nginx//&dnsmasq//&man
    - load: man
`);

  it("say what became of a history of policy, with the label set and buffers of the config", async () => {
    const [cell] = await history("labelSet: rcu-list\nbuffers: percpu\n");
    expect(cell?.policySteps?.map(({ verdict }) => verdict)).toEqual([...Array(6).fill("done"), "EEXIST"]);
    expect(cell).toMatchObject({
      leaked: 0,
      violations: 0,
      policyErrors: { EEXIST: 1 },
      labelSet: { variant: "rcu-list", updates: 1 },
      // Two for the CPU, as long as it lives.
      buffers: { variant: "percpu", bytes: 2 * 8192 },
    });
    expect(cell?.labelSet?.listed).toBeGreaterThan(0);
  });

  it("tell of compounds that are larger than the config lets them be", async () => {
    const [cell] = await history("maxLabelParts: 2\nbuffers: kmalloc\n");
    expect(cell?.policySteps?.map(({ verdict }) => verdict).slice(5)).toEqual(["E2BIG", "EEXIST"]);
    expect(cell).toMatchObject({
      violations: 0,
      labelSet: { variant: "rwlock", listed: 0 },
      buffers: { bytes: 0 },
    });
  });

  it("count descriptors that a trace leaves open as open, not as leaked", async () => {
    const trace = join(packageRoot, "configs/traces/nginx-static.strace");
    const [cell] = await cells(
      `scenario: strace\nworkload: { trace: ${trace}, timeScale: 0 }\nstrategies: [kref]\n`,
    );
    expect(cell).toMatchObject({ leaked: 0, violations: 0, events: { opens: 1516, failedOpens: 76 } });
    expect(cell?.openAtEnd).toBeGreaterThan(0);
  });
});
