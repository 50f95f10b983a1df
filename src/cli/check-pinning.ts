/** Refuses a run that must be pinned where threads cannot be, before anything is measured. */
import { RefplayError } from "../errors.ts";
import type { CellSpec } from "../runner/cell-spec.ts";

/** @throws RefplayError `not-pinned` where a cell on threads asks for `pin: always` and `whyNot` has a reason against it */
export async function checkPinning(
  cells: readonly CellSpec[],
  whyNot: () => Promise<string | null>,
): Promise<void> {
  if (!cells.some(({ engine, pin }) => engine === "threads" && pin === "always")) return;
  const reason = await whyNot();
  if (reason === null) return;
  throw new RefplayError("not-pinned", `the config says \`pin: always\`, but ${reason}`, {
    hint: "On Linux `npm install koffi` provides it; `pin: auto` measures without.",
  });
}
