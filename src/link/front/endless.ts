/**
 * Finds loops that certainly never end: nothing inside them leaves, waits for memory or calls anything. A loop whose
 * condition depends on data is left to the engines' limits.
 */
import type { IrStatement } from "../ir.ts";

/**
 * Whether a loop's body runs for ever.
 * @param body statements of the loop
 * @param label the loop's own label; a break to any label that is not inside the body leaves it
 */
export function neverEnds(body: readonly IrStatement[], label: number): boolean {
  const inside = new Set<number>([label]);
  const collectLabels = (statements: readonly IrStatement[]): void => {
    for (const statement of statements) {
      if (statement.kind === "block" || statement.kind === "loop") {
        inside.add(statement.label);
        collectLabels(statement.body);
      } else if (statement.kind === "if") {
        collectLabels(statement.then);
        collectLabels(statement.else);
      }
    }
  };
  collectLabels(body);
  const mayLeave = (statements: readonly IrStatement[]): boolean =>
    statements.some((statement) => {
      switch (statement.kind) {
        case "op":
        case "call":
        case "return":
        case "fault":
          return true;
        // A division in a loop may fault, which ends it.
        case "divide":
          return true;
        case "break":
          return !inside.has(statement.label);
        case "switch":
          return !inside.has(statement.default) || statement.cases.some((entry) => !inside.has(entry.label));
        case "if":
          return mayLeave(statement.then) || mayLeave(statement.else);
        case "block":
        case "loop":
          return mayLeave(statement.body);
        default:
          return false;
      }
    });
  return !mayLeave(body);
}
