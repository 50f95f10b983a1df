/**
 * What a strategy (or the kernel's program module) says of itself in its default export: title, options, capabilities or parts.
 * Read from the source text, never by running it, and validated here.
 */
import { z } from "zod";
import { RefplayError } from "../errors.ts";
import { Diagnostics } from "./front/diagnostics.ts";
import { type Module, parseModule } from "./front/module.ts";
import { type PlainConstant, plainData } from "./front/plain-data.ts";
import type { SourceHost } from "./source-host.ts";

const optionSchema = z
  .strictObject({
    unit: z.string(),
    default: z.int(),
    min: z.int().min(-0x80000000),
    max: z.int().max(0x7fffffff),
    doc: z.string().min(1),
    /** Options of the same owner that must be 0 while this one is not. */
    conflicts: z.array(z.string()).optional(),
    /** Not 0: every part is `strategy`, whose option `option` is what this one is. */
    allParts: z.strictObject({ strategy: z.string().min(1), option: z.string().min(1) }).optional(),
  })
  .refine(
    (option) => option.min <= option.default && option.default <= option.max,
    "the default must lie between min and max",
  );

const optionsSchema = z.record(
  z.string().regex(/^[a-z][A-Za-z0-9]*$/, "an option's name is camelCase"),
  optionSchema,
);

const capabilitiesSchema = z.strictObject({
  releases: z.enum(["lastPut", "retire", "scan", "never"]),
  detects: z.array(z.enum(["underflow", "overflow", "getFromZero"])).default([]),
  needsMaintenance: z.boolean().default(false),
});

const partSchema = z.strictObject({ default: z.string().min(1), doc: z.string().min(1) });

const strategySchema = z
  .strictObject({
    title: z.string().min(1),
    summary: z.string().min(1),
    sources: z.array(z.string()).default([]),
    options: optionsSchema.default({}),
    capabilities: capabilitiesSchema.optional(),
    /** Other strategies that this one is made of, by what they do here; its capabilities follow from theirs. */
    parts: z
      .record(z.string().regex(/^[a-z][A-Za-z0-9]*$/, "a part's name is camelCase"), partSchema)
      .optional(),
    /** Broken twins only: the verdict that the checker and the tests must reach. */
    expect: z
      .strictObject({ verdict: z.string(), model: z.string().default("sc"), program: z.string().default("") })
      .optional(),
  })
  .refine(
    ({ capabilities, parts }) => (capabilities === undefined) !== (parts === undefined),
    "it has either `capabilities` or `parts`",
  );

const programSchema = z.strictObject({ options: optionsSchema.default({}) });

export type OptionDeclaration = z.output<typeof optionSchema>;
export type Capabilities = z.output<typeof capabilitiesSchema>;
/** A default export as it is written: capabilities of a strategy that has parts are those of the parts together. */
export type OwnDescription = z.output<typeof strategySchema>;

/** What a name in a default export stands for: a constant of that file, or one that another file exports. */
function constantNamed(name: string, module: Module, host: SourceHost): PlainConstant | null {
  const declaration = module.declarations.get(name);
  if (declaration?.kind === "constant") return { node: declaration.initializer, file: module.file };
  if (declaration?.kind !== "import") return null;
  const path = host.resolve(declaration.specifier, module.path);
  if (path === undefined) return null;
  const origin = parsed(path, host);
  const local = origin.localExports.get(declaration.imported);
  const constant = local === undefined ? undefined : origin.declarations.get(local);
  return constant?.kind === "constant" ? { node: constant.initializer, file: origin.file } : null;
}

function describe<T>(module: Module, host: SourceHost, schema: z.ZodType<T>, what: string): T {
  const diagnostics = new Diagnostics();
  const node = module.defaultExport;
  const constants = (name: string) => constantNamed(name, module, host);
  const data = node === null ? null : plainData(node, module.file, diagnostics, constants);
  diagnostics.throwIfAny();
  if (data === null) {
    throw new RefplayError("missing-description", `this ${what} has no default export`, {
      hint: "add `export default { title, summary, sources, options, capabilities } satisfies StrategyMeta;`",
      location: { file: module.file },
    });
  }
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `${issue.path.join(".") || "it"}: ${issue.message}`);
  throw new RefplayError(
    "bad-description",
    `the default export does not describe a ${what}: ${issues.join("; ")}`,
    {
      hint: "see docs/strategy-contract.md",
      location: {
        file: module.file,
        line: node?.loc?.start.line ?? 1,
        column: (node?.loc?.start.column ?? 0) + 1,
      },
    },
  );
}

/** Parses a file for its description only; what else is wrong with it is the linker's to tell. */
function parsed(path: string, host: SourceHost): Module {
  const diagnostics = new Diagnostics();
  const text = host.read(path);
  if (text === undefined) {
    throw new RefplayError("missing-file", "there is no such file", {
      hint: "check the path",
      location: { file: host.display(path) },
    });
  }
  const module = parseModule(path, host.display(path), text, null, diagnostics);
  if (module === null) {
    diagnostics.throwIfAny();
    throw new Error("a module that does not parse is always reported");
  }
  return module;
}

/**
 * The description in a strategy file's default export, as it is written there.
 * @throws RefplayError where the file is missing, does not parse, or describes no strategy
 */
export function readDescription(path: string, host: SourceHost): OwnDescription {
  return describe(parsed(path, host), host, strategySchema, "strategy");
}

/**
 * Options of a program: those of the kernel's core, where the host has it, then those that the entry module declares, which
 * count where both do. A module without default export declares none.
 */
export function readProgramOptions(
  path: string,
  host: SourceHost,
): Readonly<Record<string, OptionDeclaration>> {
  const core = host.resolve("refplay/internal/core-options", "");
  return { ...(core === undefined ? {} : declaredBy(core, host)), ...declaredBy(path, host) };
}

function declaredBy(path: string, host: SourceHost): Readonly<Record<string, OptionDeclaration>> {
  const module = parsed(path, host);
  return module.defaultExport === null ? {} : describe(module, host, programSchema, "program").options;
}
