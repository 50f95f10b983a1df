/** Makes a program on which two searches disagree small: takes away what it can as long as they still do. */
import type { CheckFuzzProgram, CheckStep } from "./check-program.ts";
import { bodyOf } from "./check-program.ts";

/** A smaller program that fails too; `fails` may throw, which counts as no. */
export function shrinkCheckProgram(
  program: CheckFuzzProgram,
  fails: (candidate: CheckFuzzProgram) => boolean,
): CheckFuzzProgram {
  const stillFails = (candidate: CheckFuzzProgram): boolean => {
    try {
      return fails(candidate);
    } catch {
      return false;
    }
  };
  let current = program;
  for (;;) {
    const smaller = candidates(current).find(stillFails);
    if (smaller === undefined) return current;
    current = smaller;
  }
}

function candidates(program: CheckFuzzProgram): CheckFuzzProgram[] {
  const { actors, maintenance, born, final } = program;
  const found: CheckFuzzProgram[] = [];
  actors.forEach((actor, index) => {
    const others = (put: readonly (typeof actor)[]): CheckFuzzProgram => ({
      ...program,
      actors: [...actors.slice(0, index), ...put, ...actors.slice(index + 1)],
    });
    if (actors.length > 1) found.push(others([]));
    if (actor.copies > 1) found.push(others([{ ...actor, copies: actor.copies - 1 }]));
    for (const steps of smallerLists(actor.steps)) found.push(others([{ ...actor, steps }]));
    for (const shown of without(actor.shown)) found.push(others([{ ...actor, shown }]));
  });
  for (const steps of smallerLists(maintenance.steps)) {
    found.push({ ...program, maintenance: { ...maintenance, steps } });
  }
  if (maintenance.rounds > 1) found.push({ ...program, maintenance: { ...maintenance, rounds: 1 } });
  if (program.callback !== null) found.push({ ...program, callback: null });
  if (program.callback !== null && program.callback !== "free") found.push({ ...program, callback: "free" });
  if (program.softirqs > 1) found.push({ ...program, softirqs: 1 });
  for (const fewer of without(born)) found.push({ ...program, born: fewer });
  for (const fewer of without(final)) found.push({ ...program, final: fewer });
  if (program.leaks) found.push({ ...program, leaks: false });
  return found;
}

function without<T>(items: readonly T[]): T[][] {
  return items.map((_, left) => items.filter((_, index) => index !== left));
}

/** Lists with one step less, or with a simpler one in its place. */
function smallerLists(steps: readonly CheckStep[]): CheckStep[][] {
  return steps.flatMap((step, index) => {
    const replaced = (by: readonly CheckStep[]) => [
      ...steps.slice(0, index),
      ...by,
      ...steps.slice(index + 1),
    ];
    return [replaced([]), ...simpler(step).map(replaced)];
  });
}

function simpler(step: CheckStep): (readonly CheckStep[])[] {
  const found: (readonly CheckStep[])[] = [];
  const body = bodyOf(step);
  if (body !== null) {
    found.push(body);
    for (const smaller of smallerLists(body)) found.push([{ ...step, body: smaller } as CheckStep]);
  }
  if ("value" in step && step.kind !== "if" && typeof step.value !== "number")
    found.push([{ ...step, value: 1 }]);
  if ((step.kind === "rmw" || step.kind === "compareExchange") && step.into !== null) {
    found.push([{ ...step, into: null }]);
  }
  if (step.kind === "increment")
    found.push([{ kind: "rmw", op: "fetchAdd", place: step.place, value: 1, into: null }]);
  if (step.kind === "store" && step.op === "storeRelease") found.push([{ ...step, op: "store" }]);
  if (step.kind === "load" && step.op === "loadAcquire") found.push([{ ...step, op: "load" }]);
  return found;
}
