/** What a run of torture prints. */
import type { RoundResult } from "./round.ts";

/** `9:05` */
export function minutesText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

const wrongText = (wrong: Readonly<Record<string, number>>): string =>
  Object.entries(wrong)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(", ");

/** One line for a round that is over. */
export function roundText(
  strategy: string,
  { did, lives, ms, plan, wrong }: RoundResult,
  leftMs: number,
): string {
  const records = `${Math.round((did.events ?? 0) / 1000)}k records`;
  const machine = `${plan.cpus} CPUs, ${plan.labels} labels, maintenance ${plan.maintenance}`;
  const verdict = Object.keys(wrong).length === 0 ? "ok" : `WRONG: ${wrongText(wrong)}`;
  return `${strategy}  ${plan.seed}  ${(ms / 1000).toFixed(1)} s, ${lives} x ${records}, ${machine}  ${verdict}  (${minutesText(leftMs)} left)`;
}

/** What somebody needs who looks into a round that went wrong. */
export function failureText(strategy: string, result: RoundResult, repeat: string): string {
  const { death, plan, wrong } = result;
  return [
    `${strategy} failed in round ${plan.seed}`,
    ...Object.entries(wrong).map(([kind, count]) => `  ${kind}: ${count}`),
    ...(death === null ? [] : [`  ${death}`]),
    `  ${JSON.stringify({ ...plan, stalls: plan.stalls, mix: plan.mix })}`,
    `repeat it (the processors decide the order anew each time): ${repeat}`,
  ].join("\n");
}
