/** What stands below a schedule: which rule broke, where in the source, the object's life, and how to see it again. */
import pc from "picocolors";
import type { Replay, ReplayStep } from "../engines/check/types.ts";
import type { ChainFrame } from "../link/stepped/index.ts";
import { Op } from "../machine/ops.ts";
import { objectOf, placeText } from "./step-text.ts";
import { tie, wrap } from "./wrap.ts";

export interface ExplainOptions {
  /** Characters per line; 80 unless given. The command is wrapped too, so that a shell still takes it. */
  readonly width?: number;
  readonly color?: boolean;
  /** Text of a line of a file as frames name it, or undefined where it cannot be read. */
  sourceLine?(file: string, line: number): string | undefined;
  /** The verdict that the strategy's own description announces. */
  readonly expected?: string;
  /** The command that replays the schedule, in lines. */
  readonly command?: readonly string[];
}

/** Width of the words at the left. */
const labelWidth = 11;

/**
 * Text without a final newline.
 * @param actors names by number
 */
export function breachText(replay: Replay, actors: readonly string[], options: ExplainOptions = {}): string {
  const { breach, steps } = replay;
  if (breach === null) return "";
  const width = options.width ?? 80;
  const colors = pc.createColors(options.color ?? false);
  const blamed = blamedFrame(breach, steps.at(-1));
  const atEnd = breach.actor < 0;
  const isLeak = breach.verdict === "leak";
  const when =
    atEnd || breach.verdict === "deadlock"
      ? atEnd && breach.verdict !== "leak" && breach.op !== null
        ? "in the calls after the last step"
        : "after the last step"
      : `at step ${steps.length}, by ${actors[breach.actor] ?? "?"}`;
  const lines = [colors.red(`✗ ${breach.verdict} ${when}`)];
  const source = blamed === undefined ? undefined : options.sourceLine?.(blamed.file, blamed.line)?.trimEnd();
  if (source !== undefined) {
    const place = placeText(blamed);
    lines.push(`  ${colors.dim(`${place} |`)} ${source.trim().slice(0, width - place.length - 5)}`);
  }
  const facts: [string, string][] = [["", breach.detail]];
  const object = breach.symbol === undefined ? undefined : objectOf(breach.symbol);
  if (isLeak && object !== undefined && !breach.detail.includes(object)) facts.push(["object", object]);
  if (breach.chain.length > 0) facts.push([isLeak ? "allocated" : "calls", chainText(breach.chain)]);
  facts.push(...lifeOf(replay, actors, isLeak && breach.chain.length > 0));
  if (options.expected !== undefined) facts.push(["expected", options.expected]);
  for (const [label, text] of facts) {
    const indent = label === "" ? 2 : 2 + labelWidth;
    wrap(text, width - indent, label === "calls" ? " " : "").forEach((line, index) => {
      const left =
        index === 0 && label !== "" ? `  ${colors.dim(label.padEnd(labelWidth))}` : " ".repeat(indent);
      lines.push(`${left}${line}`);
    });
  }
  if (options.command !== undefined)
    lines.push(`  ${colors.dim("see again")}`, ...options.command.map((line) => `  ${line}`));
  return lines.join("\n");
}

/** Files in which objects are allocated for others. */
const allocator = /src[/\\]kernel[/\\]core[/\\]heap[\w-]*\.ts$/;

/**
 * The line to quote: the strategy's own where one is on the chain. Where the kernel's books noticed the breach, that is the
 * line of the strategy's operation just before.
 */
function blamedFrame(
  breach: NonNullable<Replay["breach"]>,
  last: ReplayStep | undefined,
): ChainFrame | undefined {
  const ofStrategy = (chain: readonly ChainFrame[]) => chain.findLast((frame) => frame.instance !== null);
  const before = breach.op === Op.mark && last?.actor === breach.actor ? ofStrategy(last.chain) : undefined;
  // An object that leaks is its user's, not the allocator's.
  const user =
    breach.verdict === "leak" ? breach.chain.findLast(({ file }) => !allocator.test(file)) : undefined;
  return ofStrategy(breach.chain) ?? before ?? user ?? breach.chain.at(-1);
}

/** `reader (label.ts:33) > tryGet (kref.ts:13)`. */
function chainText(chain: readonly ChainFrame[]): string {
  return chain.map((frame) => `${frame.function}${tie}(${frame.file}:${frame.line})`).join(" > ");
}

/** Where the schedule allocated and freed the object that the rule is about. */
function lifeOf(
  { breach, steps }: Replay,
  actors: readonly string[],
  allocationKnown: boolean,
): [string, string][] {
  if (breach?.symbol === undefined) return [];
  const object = objectOf(breach.symbol);
  // The last step is the one that broke the rule; its own line is told already.
  const before = breach.actor < 0 ? steps : steps.slice(0, -1);
  const find = (op: Op): [number, ReplayStep] | undefined => {
    const index = before.findIndex(
      (step) => step.op === op && step.symbol !== undefined && objectOf(step.symbol) === object,
    );
    return index < 0 ? undefined : [index, before[index] as ReplayStep];
  };
  const facts: [string, string][] = [];
  for (const [label, op] of [
    ["allocated", Op.allocated],
    ["freed", Op.freed],
  ] as const) {
    const found = find(op);
    if (found === undefined || (op === Op.allocated && allocationKnown)) continue;
    const [index, step] = found;
    facts.push([label, `at step ${index + 1}, by ${actors[step.actor] ?? "?"}: ${chainText(step.chain)}`]);
  }
  return facts;
}
