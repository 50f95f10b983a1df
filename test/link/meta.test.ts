/** Options that several files declare together: constants that a default export spreads. */
import { describe, expect, it } from "vitest";
import { readProgramOptions } from "../../src/link/description.ts";
import { memoryHost } from "../../src/link/source-host.ts";

const option = (preset: number) => `{ unit: "count", default: ${preset}, min: 0, max: 9, doc: "How many." }`;

function defaults(files: Readonly<Record<string, string>>): Record<string, number> {
  const options = readProgramOptions("main.ts", memoryHost(files));
  return Object.fromEntries(Object.entries(options).map(([name, { default: preset }]) => [name, preset]));
}

describe("a default export spreads", () => {
  it("a constant of its own file", () => {
    const main = `const shared = { depth: ${option(3)} } as const;
      export default { options: { ...shared, width: ${option(4)} } } satisfies ProgramMeta;`;
    expect(defaults({ "main.ts": main })).toEqual({ depth: 3, width: 4 });
  });

  it("a constant of another file, by whatever name it comes", () => {
    const files = {
      "main.ts": `import { shared as theirs } from "./shared.ts";
        export default { options: { ...theirs } };`,
      "shared.ts": `const own = { depth: ${option(3)} } satisfies ProgramMeta["options"]; export { own as shared };`,
    };
    expect(defaults(files)).toEqual({ depth: 3 });
  });

  it("and what is written later counts", () => {
    const main = `const shared = { depth: ${option(3)}, width: ${option(4)} };
      export default { options: { width: ${option(1)}, ...shared, depth: ${option(2)} } };`;
    expect(defaults({ "main.ts": main })).toEqual({ depth: 2, width: 4 });
  });

  const others = { "other.ts": "export const list = [1]; const hidden = {};" };
  it.each([
    ["a name that nothing declares", "export default { options: { ...nobody } };"],
    ["a list", 'import { list } from "./other.ts"; export default { options: { ...list } };'],
    ["a function", "function f(): void {} export default { options: { ...f } };"],
    [
      "what the other file keeps",
      'import { hidden } from "./other.ts"; export default { options: { ...hidden } };',
    ],
    ["what a call returns", "const shared = {}; export default { options: { ...of(shared) } };"],
    [
      "what spreads something itself",
      "const inner = {}; const shared = { ...inner }; export default { options: { ...shared } };",
    ],
  ])("but not %s", (_, main) => {
    expect(() => defaults({ "main.ts": main, ...others })).toThrow("a spread of what is no constant object");
  });

  it("and a file that is missing is told", () => {
    const main = 'import { shared } from "./gone.ts"; export default { options: { ...shared } };';
    const host = {
      ...memoryHost({ "main.ts": main }),
      resolve: (specifier: string) => (specifier === "./gone.ts" ? "gone.ts" : undefined),
    };
    expect(() => readProgramOptions("main.ts", host)).toThrow(
      expect.objectContaining({ code: "missing-file", location: { file: "gone.ts" } }),
    );
  });
});
