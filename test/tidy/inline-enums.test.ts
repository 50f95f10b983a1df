/** What the tests run in place of the engines' enums are the enums' own numbers. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { TransitionKind } from "../../src/engines/check/types.ts";
import { packageRoot } from "../../src/link/node-host.ts";
import { ActorWord } from "../../src/link/stepped/index.ts";
import { RcuHead } from "../../src/machine/memory-map.ts";
import { Op } from "../../src/machine/ops.ts";
import { withNumbers } from "../inline-enums.ts";

const path = join(packageRoot, "src/engines/check/any.ts");

it.each([
  ["Op", "../../machine/ops.ts", Op],
  ["RcuHead", "../../machine/memory-map.ts", RcuHead],
  ["TransitionKind", "./types.ts", TransitionKind],
  // Passed on by an index.
  ["ActorWord", "../../link/stepped/index.ts", ActorWord],
])("has the numbers of %s", (name, from, members) => {
  const names = Object.keys(members).filter((key) => Number.isNaN(Number(key)));
  expect(names.length).toBeGreaterThan(0);
  const head = `import { ${name}, type Other } from "${from}";\n`;
  const text = withNumbers(`${head}[${names.map((key) => `${name}.${key}`).join(", ")}]`, path);
  expect(JSON.parse(text.slice(head.length))).toEqual(
    names.map((key) => members[key as keyof typeof members]),
  );
});

it("leaves alone what is no member of an imported enum, and every column", () => {
  const rest = 'Op[op]; Op.other; a.Op.load; Stop.load; "ops.ts"; Op.load;\n  TransitionKind.flush;';
  const head = 'import { Op } from "../../machine/ops.ts";\n';
  const text = withNumbers(head + rest, path);
  expect(text).toBe(
    `${head}Op[op]; Op.other; a.Op.load; Stop.load; "ops.ts"; 1      ;\n  TransitionKind.flush;`,
  );
});
