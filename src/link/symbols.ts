/**
 * Names for addresses of a linked program: kernel globals, and each CPU's area. What lies in an object (`label#1.refs`) is
 * named by the machine, which knows the objects.
 *
 * Offsets are the program's own enums: `Global`, `Cpu` and `KernelGlobal` of the kernel (others have more that end so), `CpuBlock`
 * of the interpreter (`ProcCpu` in procfs); a program of test/programs/check/ calls its cells `Shared` (behind `kernelGlobals`) and `Own` (behind `kernelCpu`).
 */
import type { IrStruct } from "./ir.ts";
import type { SteppedProgram } from "./stepped/index.ts";

/** The field that holds `offset`, with what is left of it; undefined where none begins at or below. */
export function fieldIn(struct: IrStruct | undefined, offset: number): string | undefined {
  let best: IrStruct["fields"][number] | undefined;
  for (const field of struct?.fields ?? []) {
    if (field.offset <= offset && (best === undefined || field.offset >= best.offset)) best = field;
  }
  if (best === undefined) return undefined;
  return best.offset === offset ? best.name : `${best.name}+${offset - best.offset}`;
}

type Fields = IrStruct["fields"];

/** The names that strategies have for their bytes in an area, at the offsets that they have behind `from`. */
function placed(program: SteppedProgram, area: string, from: number): Fields {
  const structs = program.structs.filter(({ name }) => name === `layout(${area})`);
  const refs = structs.map(({ instance, fields }) => [fields, refIn(program, instance)] as const);
  return refs.flatMap(([fields, ref]) =>
    fields.flatMap(({ name, offset }): Fields => {
      const at = from + offset;
      if (ref === undefined || area !== "label" || offset !== fields[0]?.offset)
        return [{ name, offset: at }];
      return ref.map((part) => ({ name: `${name}.${part.name}`, offset: at + part.offset }));
    }),
  );
}

/** What a percpu_ref consists of, where a strategy keeps one, and nothing else, in the label. */
function refIn(program: SteppedProgram, instance: string | null): Fields | undefined {
  const { constants, structs } = program;
  const sameSize = (own: string, ref: string) =>
    constants.has(ref) && constants.get(`${instance}.${own}`) === constants.get(ref);
  if (!sameSize("labelBytes", "percpuRefBytes") || !sameSize("labelExtraBytes", "refDataBytes"))
    return undefined;
  return structs.find(({ name }) => name === "PercpuRef")?.fields;
}

/** The structs by which reports name what lies in objects: the kernel's, with the strategies' own names in a label. */
export function structsOf(program: SteppedProgram): readonly IrStruct[] {
  const { structs } = program;
  const label = structs.find(({ name, instance }) => name === "Label" && instance === null);
  const from = label?.fields.find(({ name }) => name === "strategy")?.offset ?? 0;
  const own = placed(program, "label", from);
  if (label === undefined || own.length === 0) return structs;
  const taken = new Set(own.map(({ offset }) => offset));
  const fields = [...label.fields.filter(({ offset }) => !taken.has(offset)), ...own];
  const data = structs.find(({ name }) => name === "RefData");
  const hasRef = structs.some(
    ({ name, instance }) => name === "layout(label)" && refIn(program, instance) !== undefined,
  );
  const extra = hasRef && data !== undefined ? [{ ...data, name: "labelExtra" }] : [];
  return [{ ...label, fields }, ...extra, ...structs.filter((struct) => struct !== label)];
}

/** The fields of all enums of offsets that are called so: programs keep cells of several files in one area. */
function together({ structs }: SteppedProgram, called: RegExp): IrStruct | undefined {
  const found = structs.filter(({ instance, name }) => instance === null && called.test(name));
  const [first] = found;
  return first === undefined ? undefined : { ...first, fields: found.flatMap(({ fields }) => fields) };
}

/** A function that names addresses of programs linked like this one, on that many CPUs. */
export function symbolsOf(program: SteppedProgram, cpus: number): (address: number) => string | undefined {
  const struct = (name: string) =>
    program.structs.find((entry) => entry.name === name && entry.instance === null);
  const [global, shared, pool] = ["Global", "Shared", "PoolOffset"].map(struct);
  const poolFrom = Math.min(...(pool?.fields.map((field) => field.offset) ?? [Number.POSITIVE_INFINITY]));
  const kernelGlobal = together(program, /.Global$/);
  const [cpuStruct, own] = ["Cpu", "Own"].map(struct);
  const block = together(program, /^(CpuBlock|ProcCpu)$/);
  const offsetOf = (where: IrStruct | undefined, name: string) =>
    where?.fields.find((field) => field.name === name)?.offset ?? Number.POSITIVE_INFINITY;
  const globals = { kernel: offsetOf(global, "kernel"), strategies: offsetOf(global, "strategies") };
  const area = {
    kernel: offsetOf(cpuStruct, "kernel"),
    strategies: offsetOf(cpuStruct, "strategies"),
    heap: offsetOf(cpuStruct, "heap"),
  };
  const base = program.constants.get("cpuAreaBase") ?? Number.POSITIVE_INFINITY;
  const bytes = program.constants.get("cpuAreaBytes") ?? 1;
  const globalsFrom = Math.min(...(global?.fields.map((field) => field.offset) ?? [base]));

  const inGlobals = (address: number): string | undefined => {
    if (address < globals.kernel) return fieldIn(global, address);
    if (address >= globals.strategies) return `strategy+${address - globals.strategies}`;
    const offset = address - globals.kernel;
    // The pool of work buffers has the end of the kernel's globals.
    if (shared === undefined && offset >= poolFrom) return `pool.${fieldIn(pool, offset)}`;
    return fieldIn(shared, offset) ?? fieldIn(kernelGlobal, address);
  };
  const inArea = (cpu: number, offset: number): string | undefined => {
    if (offset >= area.heap) return undefined;
    if (offset < area.kernel) return `cpu${cpu}.${fieldIn(cpuStruct, offset)}`;
    if (offset >= area.strategies) return `cpu${cpu}.${fieldIn(cpuStruct, offset)}`;
    const inKernel = offset - area.kernel;
    return `cpu${cpu}.${fieldIn(own, inKernel) ?? fieldIn(block, inKernel) ?? `kernel+${inKernel}`}`;
  };
  return (address) => {
    if (address < globalsFrom) return undefined;
    if (address < base) return inGlobals(address);
    const cpu = Math.floor((address - base) / bytes);
    return cpu < cpus ? inArea(cpu, (address - base) % bytes) : undefined;
  };
}
