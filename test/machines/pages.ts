/** The parts of docs/machines/ that are made of the schema and the descriptions, so that they cannot say anything else. */
import { expectation, type JsonSchema, toInputSchema } from "../../src/input/describe.ts";
import { type MachineDescription, machineSchema } from "../../src/machines/schema.ts";

const schema = toInputSchema(machineSchema);

interface Field {
  /** `latencyNs.l3`, `scaling[].percent`. */
  readonly path: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

/** Every field that takes a value and no further fields. */
function fields(of: JsonSchema = schema, prefix = ""): Field[] {
  const required = (of.required ?? []) as readonly string[];
  return Object.entries(of.properties ?? {}).flatMap(([name, property]): Field[] => {
    const path = `${prefix}${name}`;
    if (property.properties !== undefined) return fields(property, `${path}.`);
    const own = { path, schema: property, required: required.includes(name) };
    return property.items?.properties === undefined ? [own] : [own, ...fields(property.items, `${path}[].`)];
  });
}

function standard({ schema: of, required }: Field): string {
  if (required) return "needed";
  const value = of.default;
  if (value === undefined || value === "") return "none";
  return Array.isArray(value) ? "empty" : String(value);
}

/** Rows of the table of fields in docs/machines/README.md. */
export function fieldRows(): string[] {
  return fields().map((field) => {
    const takes = field.schema.items?.properties === undefined ? expectation(field.schema) : "a list";
    return `| \`${field.path}\` | ${takes} | ${standard(field)} | ${field.schema.description} |`;
  });
}

function shown(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  if (value.length === 0) return "none";
  return value.map(({ l3Domains, percent }) => `${l3Domains}: ${percent}`).join(", ");
}

/** All numbers of a machine, by field. */
function numbers(description: MachineDescription): [string, unknown][] {
  const { name, title, summary, standIn, sources, ...rest } = description;
  return Object.entries(rest).flatMap(([field, value]): [string, unknown][] =>
    typeof value === "object" && !Array.isArray(value)
      ? Object.entries(value).map(([inner, number]): [string, unknown] => [`${field}.${inner}`, number])
      : [[field, value]],
  );
}

/** One row for each source: the numbers that are from there, how they came about, and where they were found. */
function sourceRows(description: MachineDescription): string[] {
  const all = numbers(description);
  return description.sources.map(({ what, basis, where }) => {
    const covered = all.filter(([path]) =>
      what.some((field) => field === path || path.startsWith(`${field}.`)),
    );
    const values = covered.map(([path, value]) => `\`${path}\` ${shown(value)}`);
    return `| ${values.join("<br>")} | ${basis} | ${where} |`;
  });
}

/** docs/machines/NAME.md. */
export function machinePage(description: MachineDescription): string {
  const { name, title, summary, standIn } = description;
  const lines = [
    `# ${name}`,
    "",
    `${title}. ${summary}`,
    "",
    ...(standIn === undefined ? [] : [`**A stand-in.** ${standIn}`, ""]),
    "| numbers | how | where from |",
    "| --- | --- | --- |",
    ...sourceRows(description),
    "",
    "What each field means, with unit and range: [machines](README.md#fields).",
  ];
  return `${lines.join("\n")}\n`;
}
