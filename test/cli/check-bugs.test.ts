/** How the command shows kernel bugs: beside their fixes where they are named, and without the bug where they are not. */
import { describe, expect, it } from "vitest";
import { checkPrograms } from "../../src/checks/index.ts";
import { realServices } from "../../src/cli/services.ts";
import { session } from "./support.ts";

const name = "bug-policy-update";

function checker() {
  const { strategiesFolder, checks } = realServices();
  const programs = checkPrograms.filter((program) => program.name === name || program.name === "llist");
  const shell = session({}, { strategiesFolder, checks: { ...checks, programs } });
  return (...args: string[]) => shell.run("check", ...args);
}

/** Verdicts in the order in which they are printed, under their headings. */
function verdicts(stdout: string): string[] {
  const rows = [...stdout.matchAll(/^(\S.*fixes|without .*)$|^ {2}\S+ +(sc|tso) +(\S+) +\d/gm)];
  return rows.map(([, heading, model, verdict]) => heading ?? `${model} ${verdict}`);
}

describe("refplay check of a kernel bug", () => {
  it("shows it before and after its fix where it is named", async () => {
    const { status, stdout } = await checker()("--program", name);
    expect(status).toBe(1);
    expect(verdicts(stdout)).toEqual([
      "kernel bugs, before their fixes",
      ...["sc leak", "tso leak"],
      "kernel bugs, after their fixes",
      ...["sc pass", "tso pass"],
    ]);
    expect(stdout.replace(/\s+/g, " ")).toContain(
      "Before c6b39f070722 (apparmor: Fix aa_label refcnt leak in policy_update): the way out",
    );
    expect(stdout).toContain(`refplay check --program ${name} --model sc --broken 1`);
  });

  it("shows it alone with --broken, and with --replay one check", async () => {
    const alone = await checker()("--program", name, "--broken", "1");
    expect(verdicts(alone.stdout)).toEqual(["kernel bugs, before their fixes", "sc leak", "tso leak"]);
    const schedule = ["--model", "sc", "--replay", "0*4 1*2"];
    const again = await checker()("--program", name, "--broken", "1", ...schedule);
    expect(again.stdout).toContain("✗ leak after the last step");
    const fixed = await checker()("--program", name, "--model", "sc", "--replay", "0*5 1*2 0");
    expect(fixed.stdout).toContain("After c6b39f070722");
  });

  it("checks only what was fixed where nothing is named", async () => {
    const { status, stdout } = await checker()("--model", "sc");
    expect(status).toBe(0);
    expect(verdicts(stdout)).toEqual([
      "without a strategy",
      "sc pass",
      "kernel bugs, after their fixes",
      "sc pass",
    ]);
  });

  it("lists it with the commit that fixed it", async () => {
    const { stdout } = await checker()("--list", "--program", name);
    expect(stdout).toMatch(/^ {2}kind +kernel bug$/m);
    expect(stdout.replace(/\s+/g, " ")).toContain("fixed by c6b39f070722 apparmor: Fix aa_label");
  });
});
