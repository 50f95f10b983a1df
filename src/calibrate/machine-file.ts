/** The text of a machine file: every number with its spread beside it and where it comes from below. */
import { Document, isMap, isScalar, type Node, type Scalar } from "yaml";
import { formatCpuList } from "./cpu-list.ts";
import type { Field } from "./fields.ts";
import type { HostShape } from "./shape.ts";

export interface MachineFileContent {
  readonly name: string;
  /** Processor model. */
  readonly model: string;
  /** "Linux 6.1.0, Node 20.20.2, refplay 0.1.0". */
  readonly software: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly rounds: number;
  /** Runnable tasks averaged over a minute before and after; null where the system does not tell. */
  readonly load: readonly [number, number] | null;
  readonly shape: HostShape;
  readonly fields: readonly Field[];
  /** What to know when reading it, a sentence each. */
  readonly notes: readonly string[];
}

/** YAML that the machine schema accepts. */
export function machineFileText(content: MachineFileContent): string {
  const { shape, fields, name, model } = content;
  const { threadsPerCore, coresPerL3, l3PerSocket, sockets, numbering } = shape;
  const l3Domains = l3PerSocket * sockets;
  const cores = coresPerL3 * l3Domains;
  const data: Record<string, unknown> = {
    name,
    title: `${model}: ${shapeText(shape)}`.slice(0, 200),
    summary: summaryOf(content),
    topology: { sockets, l3Domains, cores, threads: cores * threadsPerCore, numbering },
  };
  for (const { path, value } of fields) {
    const [group, field] = path.split(".") as [string, string | undefined];
    if (field === undefined) data[group] = value;
    else data[group] = { ...(data[group] as Record<string, number> | undefined), [field]: value };
  }
  data.sources = sourcesOf(content);
  const document = new Document(data);
  document.commentBefore = head(content);
  for (const { path, basis, spread } of fields) {
    const node = document.getIn(path.split("."), true);
    if (isScalar(node)) node.comment = ` ${spread === "" ? basis : `${basis}, ${spread}`}`;
  }
  if (isMap(document.contents))
    for (const pair of document.contents.items) spaceBefore(pair.key as Node | null);
  return document.toString({ lineWidth: 110 });
}

function spaceBefore(key: Node | null): void {
  const groups = ["topology", "costNs", "latencyNs", "handOffNs", "holdNs", "storeBufferEntries", "sources"];
  if (isScalar(key) && groups.includes(String(key.value))) (key as Scalar).spaceBefore = true;
}

/** "2 sockets of 4 L3 domains of 8 cores with 2 threads". */
export function shapeText({ sockets, l3PerSocket, coresPerL3, threadsPerCore }: HostShape): string {
  const counted = (count: number, one: string, several: string) => `${count} ${count === 1 ? one : several}`;
  return [
    counted(sockets, "socket", "sockets"),
    counted(l3PerSocket, "L3 domain", "L3 domains"),
    `${counted(coresPerL3, "core", "cores")} with ${counted(threadsPerCore, "thread", "threads")}`,
  ].join(" of ");
}

function head({ date, notes, rounds }: MachineFileContent): string {
  const lines = [
    `A machine for refplay's simulator, written by \`refplay calibrate\` on ${date.slice(0, 10)}.`,
    `Beside each number: how it came about, and of ${rounds} interleaved rounds median absolute deviation, least, most.`,
    "`sources` at the end says more. Fields and units: docs/machines/README.md; how to read, change and use this",
    "file: docs/guides/describe-your-machine.md.",
    ...(notes.length === 0 ? [] : ["", "To know:"]),
    ...notes.map((note) => `- ${note}`),
  ];
  return lines.map((line) => (line === "" ? "" : ` ${line}`)).join("\n");
}

function summaryOf({ shape, software, date, load }: MachineFileContent): string {
  const loaded =
    load === null ? "" : ` Load average ${load[0].toFixed(2)} before and ${load[1].toFixed(2)} after.`;
  const cpus = formatCpuList(shape.cpus.map(({ cpu }) => cpu));
  return `Measured by refplay calibrate on ${date} (${software}), CPUs ${cpus} of the host.${loaded}`;
}

/** Fields of one origin together. */
function sourcesOf({
  fields,
  shape,
  date,
}: MachineFileContent): { what: string[]; basis: string; where: string }[] {
  const cpus = shape.cpus.length === 1 ? "1 CPU" : `${shape.cpus.length} CPUs`;
  const sources = [
    {
      what: ["topology"],
      basis: "published",
      where: `as the system tells it of ${cpus} that this process may use`,
    },
  ];
  for (const { path, basis, where } of fields) {
    const dated = basis === "measured" || basis === "fitted" ? `${where} (${date.slice(0, 10)})` : where;
    const same = sources.find((source) => source.basis === basis && source.where === dated);
    if (same === undefined) sources.push({ what: [path], basis, where: dated });
    else same.what.push(path);
  }
  return sources;
}
