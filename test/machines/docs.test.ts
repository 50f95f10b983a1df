/** The docs say what the schema and the descriptions say. Pages that are made of them are written anew with vitest -u. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/link/node-host.ts";
import { builtinMachine, machineNames } from "../../src/machines/builtin.ts";
import { machineJsonSchema } from "../../src/machines/json-schema.ts";
import { parseMachine } from "../../src/machines/resolve.ts";
import type { MachineDescription } from "../../src/machines/schema.ts";
import { fieldRows, machinePage } from "./pages.ts";

const readme = readFileSync(join(packageRoot, "docs/machines/README.md"), "utf8");

describe("docs/machines", () => {
  it.each(machineNames)("has a page about %s (write it anew with vitest -u)", async (name) => {
    const text = machinePage(builtinMachine(name) as MachineDescription);
    await expect(text).toMatchFileSnapshot(`../../docs/machines/${name}.md`);
  });

  it("lists every machine by its title", () => {
    const rows = machineNames.map((name) => `| [\`${name}\`](${name}.md) | ${builtinMachine(name)?.title} |`);
    expect(rows.filter((row) => !readme.includes(row))).toEqual([]);
  });

  it("explains every field with what it takes, default and unit", () => {
    const rows = readme.split("\n").filter((line) => /^\| `[a-zA-Z0-9.[\]]+` \|/.test(line));
    expect(rows).toEqual(fieldRows());
  });

  it("shows descriptions that are right", () => {
    const examples = [...readme.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map((match) => match[1] as string);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples)
      expect(parseMachine(example, "README.md").machine.sockets).toBeGreaterThan(0);
  });
});

describe("docs/machine.schema.json", () => {
  it("is the schema of this version (write it anew with vitest -u)", async () => {
    const text = `${JSON.stringify(machineJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../docs/machine.schema.json");
  });
});
