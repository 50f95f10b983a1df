/**
 * Cleans up structured code after inlining, so that an early return of a small pure function ends as a plain `if`:
 * what follows an arm that leaves moves into the other arm, exits that only skip to where control goes anyway vanish,
 * and so do blocks that nobody breaks out of.
 */
import type { IrStatement } from "../ir.ts";

type Statements = readonly IrStatement[];

/** Where falling off the end of a list leads anyway. */
interface Tail {
  readonly breaks: ReadonlySet<number>;
  readonly continues: number | null;
}

const nowhere: Tail = { breaks: new Set(), continues: null };

function leaves(statements: Statements): boolean {
  const last = statements[statements.length - 1];
  if (last === undefined) return false;
  switch (last.kind) {
    case "break":
    case "continue":
    case "return":
    case "fault":
    case "switch":
      return true;
    case "if":
      return leaves(last.then) && leaves(last.else);
    default:
      return false;
  }
}

function breaksTo(statements: Statements, label: number): boolean {
  return statements.some((statement) => {
    switch (statement.kind) {
      case "break":
        return statement.label === label;
      case "switch":
        return statement.default === label || statement.cases.some((entry) => entry.label === label);
      case "if":
        return breaksTo(statement.then, label) || breaksTo(statement.else, label);
      case "block":
      case "loop":
        return breaksTo(statement.body, label);
      default:
        return false;
    }
  });
}

function tidyIf(statement: Extract<IrStatement, { kind: "if" }>, tail: Tail): IrStatement[] {
  if (statement.test.kind === "const") {
    return tidyList(statement.test.value !== 0 ? statement.then : statement.else, tail);
  }
  const then = tidyList(statement.then, tail);
  const otherwise = tidyList(statement.else, tail);
  // The test is pure: with both arms empty nothing is left of it.
  if (then.length === 0 && otherwise.length === 0) return [];
  return [{ ...statement, then, else: otherwise }];
}

function tidyList(statements: Statements, tail: Tail): IrStatement[] {
  const out: IrStatement[] = [];
  for (let i = 0; i < statements.length; i++) {
    const statement = statements[i] as IrStatement;
    const rest = statements.slice(i + 1);
    const here = rest.length === 0 ? tail : nowhere;
    switch (statement.kind) {
      case "if": {
        if (rest.length > 0 && statement.test.kind !== "const") {
          if (leaves(statement.then)) {
            out.push(...tidyIf({ ...statement, else: [...statement.else, ...rest] }, tail));
            return out;
          }
          if (leaves(statement.else)) {
            out.push(...tidyIf({ ...statement, then: [...statement.then, ...rest] }, tail));
            return out;
          }
        }
        out.push(...tidyIf(statement, here));
        break;
      }
      case "block": {
        const body = tidyList(statement.body, {
          breaks: new Set([...here.breaks, statement.label]),
          continues: here.continues,
        });
        if (breaksTo(body, statement.label)) out.push({ ...statement, body });
        else if (leaves(body)) {
          out.push(...body);
          return out;
        } else out.push(...body);
        break;
      }
      case "loop":
        out.push({
          ...statement,
          body: tidyList(statement.body, { breaks: new Set(), continues: statement.label }),
        });
        break;
      case "break":
        if (!here.breaks.has(statement.label)) out.push(statement);
        return out;
      case "continue":
        if (here.continues !== statement.label) out.push(statement);
        return out;
      case "return":
      case "fault":
      case "switch":
        out.push(statement);
        return out;
      default:
        out.push(statement);
    }
    const last = out[out.length - 1];
    if (last !== undefined && last.kind === "if" && leaves([last])) return out;
  }
  return out;
}

/** The same code in fewer jumps. */
export function tidy(statements: Statements): IrStatement[] {
  // A second round finds the `if`s whose arms only came to leave, or stopped leaving, in the first.
  return tidyList(tidyList(statements, nowhere), nowhere);
}
