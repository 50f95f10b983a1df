import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Calibration, CalibrationRequest } from "../../src/calibrate/index.ts";
import { figureOf } from "../../src/calibrate/statistics.ts";
import type { CalibrateService } from "../../src/cli/calibrate-command.ts";
import { session } from "./support.ts";

const one = figureOf([1, 1, 1]);

function madeUp({ name }: CalibrationRequest): Calibration {
  return {
    model: "Made-up CPU",
    shape: {
      threadsPerCore: 1,
      coresPerL3: 2,
      l3PerSocket: 1,
      sockets: 1,
      numbering: "compact",
      cpus: [
        { cpu: 0, core: 0, l3: 0, socket: 0 },
        { cpu: 1, core: 1, l3: 0, socket: 0 },
      ],
      notes: [],
    },
    plan: { pairs: [], groups: [], pairsInAll: { smt: 0, l3: 1, socket: 0, cross: 0 } },
    measurements: {
      pinned: true,
      ownCpu: 0,
      hit: one,
      store: one,
      privateAtomic: one,
      fence: one,
      memory: null,
      memoryBytes: 0,
      pairs: [],
      groups: [],
      gapLoads: 16,
      notes: [],
    },
    fields: [
      { path: "costNs.hit", value: 1.31, basis: "measured", where: "loads", spread: "+-0.02, 1.29 to 1.35" },
      { path: "gracePeriodUs", value: 7500, basis: "assumed", where: "not measured", spread: "" },
    ],
    load: [0.5, 1.25],
    notes: ["a thing to know"],
    text: `name: ${name}\n`,
  };
}

/** A session that measures nothing, and what was asked of it. */
function calibrating(service: CalibrateService = async (request) => madeUp(request)) {
  const requests: CalibrationRequest[] = [];
  const calibrate: CalibrateService = (request) => {
    requests.push(request);
    return service(request);
  };
  return { ...session({}, { calibrate }), requests };
}

describe("refplay calibrate", () => {
  it("writes my-host.yaml, and says what is in it and how to use it", async () => {
    const { run, folder, requests } = calibrating();
    const { status, stdout, stderr } = await run("calibrate");
    expect([status, stderr]).toEqual([0, ""]);
    expect(readFileSync(join(folder, "my-host.yaml"), "utf8")).toBe("name: my-host\n");
    expect(requests).toMatchObject([{ name: "my-host", rounds: 15, date: "2024-05-06T07:08:09.000Z" }]);
    expect(stdout).toBe(
      [
        "Made-up CPU",
        "1 socket of 1 L3 domain of 2 cores with 1 thread",
        "15 interleaved rounds, load 0.5 before and 1.3 after",
        "",
        "costNs.hit    1.31 ns measured +-0.02, 1.29 to 1.35",
        "gracePeriodUs 7500 us assumed",
        "",
        "Note: a thing to know.",
        "",
        "Written: ./my-host.yaml. To simulate this machine, name it in a config:",
        "",
        "  engine: sim",
        "  machine: ./my-host.yaml",
        "",
      ].join("\n"),
    );
  });

  it("takes another file, and the machine's name from it where it can be one", async () => {
    const { run, requests } = calibrating();
    for (const args of [["laptop.yaml"], ["büro pc.yaml"], ["b.yaml", "--name", "desk.1"]])
      await run("calibrate", "--out", ...args);
    expect(requests.map(({ name }) => name)).toEqual(["laptop", "my-host", "desk.1"]);
  });

  it("prints everything as JSON", async () => {
    const { run } = calibrating();
    const { stdout } = await run("calibrate", "--json", "--rounds", "7", "--out", "here.yaml");
    const document = JSON.parse(stdout);
    expect(document).toMatchObject({ file: "here.yaml", name: "here", rounds: 7, model: "Made-up CPU" });
    expect(document.measurements.hit.medianNs).toBe(1);
    expect(document.fields[0]).toMatchObject({ path: "costNs.hit", basis: "measured" });
  });

  it("does not write over a file unless it is told to, and measures nothing then", async () => {
    const { run, folder, requests } = calibrating();
    writeFileSync(join(folder, "my-host.yaml"), "edited by hand");
    const refused = await run("calibrate");
    expect([refused.status, refused.stdout, requests.length]).toEqual([2, "", 0]);
    expect(refused.stderr).toBe(
      "error: `my-host.yaml` is there already\n  Nothing was measured. Take another name with --out, or --force to write over\n  it.\n",
    );
    expect(readFileSync(join(folder, "my-host.yaml"), "utf8")).toBe("edited by hand");
    expect((await run("calibrate", "--force")).status).toBe(0);
    expect(readFileSync(join(folder, "my-host.yaml"), "utf8")).toBe("name: my-host\n");
  });

  it.each([
    [["--out", "no/such/place.yaml"], "there is no folder `no/such`"],
    [["--out", "file.txt/place.yaml"], "there is no folder `file.txt`"],
    [["--out", "folder"], "`folder` is a folder"],
    [["--out", "my-host.json"], "`my-host.json` would be JSON, and a machine file is written as YAML"],
    [["--name", "my host"], "`my host` cannot be a machine's name"],
    [["--rounds", "2"], "--rounds takes 3 to 1000, not 2"],
    [["--rounds", "many"], "`many` is not a whole number."],
    [["--out", "a.yaml", "--out", "b.yaml"], "It was given before, as `a.yaml`."],
  ])("refuses %j before it measures", async (args, message) => {
    const { run, folder, requests } = calibrating();
    mkdirSync(join(folder, "folder"));
    writeFileSync(join(folder, "file.txt"), "");
    const { status, stderr } = await run("calibrate", ...args);
    expect([status, requests.length]).toEqual([2, 0]);
    expect(stderr).toContain(message);
  });

  // Who is root may write to any folder.
  it.skipIf(process.getuid?.() === 0)("refuses a folder that it cannot write to", async () => {
    const { run, folder, requests } = calibrating();
    mkdirSync(join(folder, "locked"), { mode: 0o555 });
    const { status, stderr } = await run("calibrate", "--out", "locked/a.yaml");
    expect([status, requests.length]).toEqual([2, 0]);
    expect(stderr).toContain("nothing can be written to the folder `locked`");
  });

  it("says so when the folder is gone in the end", async () => {
    const gone = calibrating(async (request) => {
      rmSync(join(gone.folder, "later"), { recursive: true });
      return madeUp(request);
    });
    mkdirSync(join(gone.folder, "later"));
    const { status, stderr } = await gone.run("calibrate", "--out", "later/a.yaml");
    expect(status).toBe(2);
    expect(stderr).toContain("error: cannot write `later/a.yaml`");
  });

  it("writes nothing when Ctrl-C stops it", async () => {
    const stopped = calibrating(async ({ signal }) => {
      stopped.interrupt();
      expect(signal?.aborted).toBe(true);
      throw signal?.reason;
    });
    const before = readdirSync(stopped.folder);
    const result = await stopped.run("calibrate");
    expect(result).toEqual({ status: 130, stdout: "", stderr: "Stopped. Nothing was written.\n" });
    expect(readdirSync(stopped.folder)).toEqual(before);
    expect(existsSync(join(stopped.folder, "my-host.yaml"))).toBe(false);
  });

  it("shows a defect as one", async () => {
    const { run } = calibrating(async () => {
      throw new Error("something broke");
    });
    const { status, stderr } = await run("calibrate");
    expect(status).toBe(70);
    expect(stderr).toContain("something broke");
  });
});
