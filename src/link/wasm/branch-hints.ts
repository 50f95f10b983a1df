/**
 * Tells V8 which arms of an `if` are rarely taken, in the custom section of the branch-hinting proposal, which it reads where
 * `--experimental-wasm-branch-hinting` is set and anybody else skips.
 *
 * Why: what is live across a call is kept on the stack, and V8's register allocator stores it there where it is computed, on the
 * hot path, unless the call lies in a block that is known to be rare. A strategy's hot path is a few loads and stores with
 * a call in some corner (the count ran out, the mode is the other one), so much of its time went there: an open and close
 * with `cred-local` took 3.7 ns without hints and 2.1 ns with them, in C 1.6 ns.
 *
 * The linker knows what is rare without being told: the end of a label, a warning, a wait; and, beside an arm without one, an
 * arm that has an atomic addition, which costs ten times what being called rare does. An arm is rare if it does such a thing for
 * certain. Not so the arm that goes round a loop: a loop over additions is there for them, and what it leaves is the end. (Called
 * rare, it stored eight values on the stack before each addition.)
 *
 * binaryen writes the section from annotations of the text format, so they are put there.
 */

import { runtimePrefix } from "./names.ts";

/** The kernel's functions that a program with nothing wrong calls once in a label's life or never. */
export const rareFunctions: readonly string[] = ["release", "warn", "violation"];

const runtime = runtimePrefix.replace(".", "\\.");
/** Names in the text format of what is rare. */
const rareCallee = new RegExp(`^\\$(?:(?:${rareFunctions.join("|")})#|${runtime}await)`);
/** The same and what is so dear that being called rare costs little beside it. */
const dearCallee = new RegExp(`${rareCallee.source}|^\\$${runtime}fetchAdd`);

/** Name of the section. */
export const branchHintsSection = "metadata.code.branch_hint";

const unlikely = `(@${branchHintsSection} "\\00") `;
const likely = `(@${branchHintsSection} "\\01") `;

/** An expression of the text format: its keyword or a bare word, and what is in its parentheses. */
interface Node {
  readonly word: string;
  readonly start: number;
  readonly children: Node[];
}

/** Whatever may not be cut: a string, a comment in parentheses, a parenthesis, a word. */
const token = /"(?:[^"\\]|\\.)*"|\(;[\s\S]*?;\)|;;[^\n]*|[()]|[^\s()"]+/g;

function parse(text: string): Node {
  const root: Node = { word: "", start: 0, children: [] };
  const open: Node[] = [root];
  let begins = false;
  for (const { 0: piece, index } of text.matchAll(token)) {
    const inside = open[open.length - 1] as Node;
    if (piece.startsWith("(;") || piece.startsWith(";;")) continue;
    if (piece === "(") {
      begins = true;
      continue;
    }
    if (piece === ")") {
      open.pop();
      continue;
    }
    // The word behind a parenthesis, which came one character before it.
    const node: Node = { word: piece, start: begins ? index - 1 : index, children: [] };
    inside.children.push(node);
    if (begins) open.push(node);
    begins = false;
  }
  return root;
}

/** An expression that is being looked into, and which of its parts. */
interface Place {
  readonly node: Node;
  readonly index: number;
}

/** The text of a module with a hint before each branch that has a rare arm. */
export function withBranchHints(text: string): string {
  const hints: { at: number; hint: string }[] = [];
  const visit = (node: Node, outside: readonly Place[]): void => {
    for (const [index, child] of node.children.entries()) {
      const places = [...outside, { node, index }];
      const hint = hintOf(child, places);
      if (hint !== null) hints.push({ at: child.start, hint });
      visit(child, places);
    }
  };
  visit(parse(text), []);
  let out = "";
  let from = 0;
  for (const { at, hint } of hints) {
    out += text.slice(from, at) + hint;
    from = at;
  }
  return out + text.slice(from);
}

function hintOf(node: Node, places: readonly Place[]): string | null {
  if (node.word === "br_if") return anySurely(skippedBy(node, places), dearCallee) ? likely : null;
  if (node.word !== "if") return null;
  const [first, second] = arms(node);
  const jump = first === undefined ? undefined : jumpOut(first);
  const rest = second?.children ?? (jump === undefined ? [] : skippedBy(jump, places));
  const then = anySurely(first?.children ?? [], goesRound(first, places) ? rareCallee : dearCallee);
  const otherwise = anySurely(rest, goesRound(second, places) ? rareCallee : dearCallee);
  if (then === otherwise) return null;
  return then ? unlikely : likely;
}

/** What a forward jump leaves out: all that stands behind, up to the end of the block that it names or, without one, of the function. */
function skippedBy(jump: Node, places: readonly Place[]): Node[] {
  const label = jump.word === "br" || jump.word === "br_if" ? jump.children[0]?.word : undefined;
  const skipped: Node[] = [];
  for (const { node, index } of places.toReversed()) {
    // A jump back goes round again, and what it leaves out comes after that.
    if (node.word === "loop" && node.children[0]?.word === label) return [];
    if (node.word === "module" || node.word === "func") break;
    // Of a branch only the arm counts that control is in.
    if (node.word !== "if") skipped.push(...node.children.slice(index + 1));
    if (node.word === "block" && node.children[0]?.word === label) break;
  }
  return skipped;
}

function arms(node: Node): readonly Node[] {
  return node.children.filter(({ word }) => word === "then" || word === "else");
}

/** Whether an arm ends in the jump back of a loop that it is in. */
function goesRound(arm: Node | undefined, places: readonly Place[]): boolean {
  const last = arm?.children.at(-1);
  if (last?.word !== "br") return false;
  const label = last.children[0]?.word;
  return places.some(({ node }) => node.word === "loop" && node.children[0]?.word === label);
}

/** Whether an arm ends in a jump. */
function leaves(arm: Node | undefined): boolean {
  const last = arm?.children.at(-1)?.word;
  return last === "br" || last === "return" || last === "unreachable";
}

/** Whether executing these, one after the other, calls a function of such a name whatever happens. */
function anySurely(nodes: readonly Node[], callee: RegExp): boolean {
  for (const [index, node] of nodes.entries()) {
    if (surely(node, callee)) return true;
    const [arm, other] = node.word === "if" ? arms(node) : [];
    if (other === undefined && leaves(arm)) {
      return anySurely(arm?.children ?? [], callee) && anySurely(nodes.slice(index + 1), callee);
    }
    if (jumpOut(node) !== undefined) return false;
  }
  return false;
}

/** Where control may go from inside `node` to somewhere else than behind it, so that what follows may be left out. */
function jumpOut(node: Node, inside: ReadonlySet<string> = new Set()): Node | undefined {
  if (node.word === "return" || node.word === "br_table") return node;
  if (node.word === "br" || node.word === "br_if")
    return inside.has(node.children[0]?.word ?? "") ? undefined : node;
  const label = node.word === "block" || node.word === "loop" ? node.children[0]?.word : undefined;
  const known = label === undefined ? inside : new Set([...inside, label]);
  for (const child of node.children) {
    const found = jumpOut(child, known);
    if (found !== undefined) return found;
  }
  return undefined;
}

function surely(node: Node, callee: RegExp): boolean {
  if (node.word === "call" && callee.test(node.children[0]?.word ?? "")) return true;
  if (node.word !== "if") return anySurely(node.children, callee);
  const both = arms(node);
  const condition = node.children.filter((child) => !both.includes(child));
  if (anySurely(condition, callee)) return true;
  return both.length === 2 && both.every((arm) => anySurely(arm.children, callee));
}
