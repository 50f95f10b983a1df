/** Every construct that is no portable code is refused with place, reason and advice. */
import { describe, expect, it } from "vitest";
import { machineImport, refusal } from "./front-harness.ts";

/** Statements inside a function (line 2 of the file, after the imports), with what the message and the hint must say. */
const insideFunction: readonly [string, string, RegExp, RegExp][] = [
  ["an object", "const o = { a: 1 };", /an object/, /offsets, `load` and `store`/],
  ["an array", "const o = [1];", /an array/, /shared memory/],
  ["a string", 'const s = "x";', /a string/, /integer/],
  ["a template string", "const s = `x`;", /template string/, /integer/],
  ["a BigInt", "const s = 1n;", /BigInt/, /32 bits/],
  ["a regular expression", "const s = /x/;", /regular expression/, /32-bit/],
  ["null", "const s = null;", /`null`/, /address 0/],
  ["undefined", "const s = undefined;", /no `undefined`/, /pointer is 0/],
  ["an arrow function", "const f = () => 1;", /a closure/, /module level/],
  ["a function expression", "const f = function () {};", /a closure/, /module level/],
  ["a function inside a function", "function g(): void {}", /function inside a function/, /module level/],
  ["new", "const m = new Map();", /`new`/, /heapAlloc/],
  ["this", "const t = this;", /`this`/, /parameters/],
  ["a property", "const t = a.b;", /a property|nothing here is called/, /load\(object|declare/],
  [
    "a property of a local",
    "let q: ptr = ptr(64); const t = q.refs;",
    /a property/,
    /load\(object \+ Struct\.field\)/,
  ],
  ["an element", "let q: ptr = ptr(64); const t = q[0];", /a property/, /load\(object/],
  [
    "an assignment inside an expression",
    "let b: i32 = 0; const t = (b = 1);",
    /assignment inside/,
    /statement of its own/,
  ],
  ["++ inside an expression", "let b: i32 = 0; const t = b++;", /`\+\+`/, /statement of its own/],
  ["a comma expression", "const t = (1, 2);", /comma/, /one statement/],
  ["as", "const t = 1 as i32;", /`as`/, /i32\(x\)/],
  ["a non-null assertion", "const t = a!;", /`!` behind/, /never undefined/],
  ["try", "try { mark(1, 1); } catch {}", /`try`/, /nothing throws/],
  ["throw", "throw 1;", /`throw`/, /return a value/],
  ["for of", "for (const x of a) {}", /for \.\.\. of/, /count with/],
  ["for in", "for (const x in a) {}", /for \.\.\. in/, /count with/],
  ["var", "var v: i32 = 1;", /`var`/, /let/],
  ["destructuring", "const [v] = a;", /destructuring/, /one name/],
  ["a local without value", "let v: i32;", /no value/, /let v: i32 = 0/],
  ["a float", "const v: i32 = 1.5;", /1\.5 is not an integer/, /scale the unit/],
  ["a literal beyond 32 bits", "const v: u32 = 4294967296;", /does not fit 32 bits/, /4294967295/],
  ["a literal beyond i32", "const v: i32 = 0xc0000000;", /does not fit i32/, /i32\(3221225472\)/],
  ["a negative u32", "const v: u32 = -1;", /does not fit u32/, /u32\(-1\)/],
  ["a large literal for i32 in an arm", "const v: i32 = a > 0 ? 4294967295 : 5;", /does not fit i32/, /bits/],
  ["a large literal beside an i32", "const v: i32 = a > 0 ? 4294967295 : a;", /does not fit i32/, /bits/],
  ["a negative literal for u32 in an arm", "const v: u32 = a > 0 ? -1 : 5;", /does not fit u32/, /bits/],
  ["a negative literal beside a u32", "const v: u32 = a > 0 ? -1 : u32(a);", /does not fit u32/, /bits/],
  ["a negative literal beside a large one", "const v = a > 0 ? -1 : 4294967295;", /does not fit i32/, /bits/],
  ["a quotient that has no type", "const v: i32 = -1 / 4294967295;", /does not fit i32/, /bits/],
  [
    "a loop variable in its own first value",
    "for (let a: i32 = a; a < 3; a += 1) {}",
    /before/,
    /further up/,
  ],
  ["loose equality", "if (a == 1) return 1;", /no `==`/, /`===`/],
  ["an integer as a condition", "if (a) return 1;", /bool is needed, not i32/, /x !== 0/],
  ["a bool as an integer", "const v: i32 = a === 1;", /i32 is needed, not bool/, /i32\(\.\.\.\)/],
  ["i32 with u32", "const v: i32 = a + u32(1);", /`\+` between i32 and u32/, /convert one side/],
  ["a product of addresses", "const v: ptr = ptr(64) * ptr(2);", /on an address/, /u32\(x\)/],
  ["an i32 as an address", "store(a, 1);", /ptr is needed, not i32/, /ptr\(\.\.\.\)/],
  ["a bool stored", "store(ptr(64), a === 1);", /needed, not bool/, /convert/],
  ["an unknown name", "const v: i32 = laod(ptr(64));", /nothing here is called `laod`/, /`load`/],
  ["an operation that is not imported", "fetchOr(ptr(64), 1);", /called `fetchOr`/, /import it/],
  ["too few arguments", "store(ptr(64));", /takes 2 arguments, not 1/, /store\(address, value\)/],
  ["too many arguments", "load(ptr(64), 1);", /takes 1 argument, not 2/, /load\(address\)/],
  [
    "a name that its block declares further down",
    "let x: i32 = 1; { mark(1, x); let x: i32 = 2; mark(1, x); }",
    /`x` is used before it is declared/,
    /further up/,
  ],
  [
    "a name of another clause of a switch",
    "let x: i32 = 1; switch (a) { case 0: let x: i32 = 2; mark(1, x); break; case 1: mark(1, x); }",
    /`x` is used before it is declared/,
    /braces/,
  ],
  ["a statement without effect", "a + 1;", /does nothing/, /leave it out/],
  ["assignment to a constant", "const c: i32 = 1; c = 2;", /`c` is a constant/, /`let`/],
  ["assignment to a field", "a.b = 1;", /only local variables/, /store\(object/],
  ["a call of a value", "a(1);", /not a function/, /function pointers/],
  ["a function as a value", "const f = main;", /is a function/, /call it/],
  ["an enum as a value", "const f = Colour;", /is an enum/, /Colour\.member/],
  ["an unknown member", "const f: i32 = Colour.gren;", /no member `gren`/, /did you mean `green`/],
  [
    "a case that is no constant",
    "switch (a) { case a: return 1; }",
    /case must be a constant/,
    /enum's member/,
  ],
  ["a case twice", "switch (a) { case 1: return 1; case 1: return 2; }", /stands twice/, /remove/],
  ["break outside a loop", "break;", /not valid TypeScript: Unsyntactic break/, /mend/],
  ["continue outside a loop", "continue;", /not valid TypeScript: Unsyntactic continue/, /mend/],
  ["an unknown label", "for (;;) { break out; }", /Unsyntactic break/, /mend/],
  [
    "a name declared twice",
    "let q: i32 = 0; let q: i32 = 1;",
    /already been declared|declared twice/,
    /rename|mend/,
  ],
  ["await", "for (;;) { const t = yield; }", /not valid TypeScript|yield/, /./],
  ["an endless loop", "while (true) { let q: i32 = 1; q += 1; }", /never ends/, /awaitEqual/],
  ["an endless empty loop", "for (;;) {}", /never ends/, /awaitEqual/],
  ["layout in a function", 'const v: i32 = layout("label");', /link time only/, /module level/],
  ["optional chaining", "const t = a?.b;", /`\?\.`/, /compare the address/],
  ["nullish coalescing", "const t = a ?? 1;", /`\?\?`/, /compare/],
  ["typeof", "const t = typeof a;", /operator `typeof`/, /use \+/],
  ["exponentiation", "const t: i32 = a ** 2;", /operator `\*\*`/, /use \+/],
  ["a spread", "mark(...a);", /`\.\.\.`|takes 2/, /./],
];

describe("inside a function", () => {
  it.each(insideFunction)("refuses %s", (_name, statement, message, hint) => {
    const text = `${machineImport}enum Colour { red, green }\nexport function main(a: i32): i32 {\n${statement}\nreturn 0; }\n`;
    const said = refusal(text);
    expect(said).toMatch(/^main\.ts:[3-5]:\d+: /m);
    expect(said).toMatch(message);
    expect(said).toMatch(hint);
  });
});

const atModuleLevel: readonly [string, string, RegExp, RegExp][] = [
  ["a variable", "let count = 0;", /`let` at module level/, /globalBytes/],
  ["a class", "class Label {}", /a class/, /functions, enums/],
  ["a statement", "mark(1, 2);", /cannot stand at module level/, /`boot` or `init`/],
  ["a parameter without type", "export function f(a): void {}", /`a` has no type/, /i32, u32, ptr, bool/],
  ["a result without type", "export function f() {}", /result of `f` has no type/, /void/],
  ["number as a type", "export function f(a: number): void {}", /does not know/, /`i32`, `u32` or `ptr`/],
  ["boolean as a type", "export function f(a: boolean): void {}", /does not know/, /`bool`/],
  ["a default parameter", "export function f(a: i32 = 1): void {}", /parameter is one name/, /name: i32/],
  ["an optional parameter", "export function f(a?: i32): void {}", /parameter is one name/, /name: i32/],
  [
    "an enum's member twice",
    "enum E { a, a }\nexport function f(): i32 { return E.a; }",
    /E\.a` stands twice/,
    /rename/,
  ],
  ["an async function", "export async function f(): void {}", /plain|not valid/, /function name/],
  ["a generator", "export function* f(): void {}", /plain/, /function name/],
  [
    "a missing return",
    "export function f(a: i32): i32 { if (a === 1) return 1; }",
    /can end without returning/,
    /add a `return`/,
  ],
  ["a value from a void function", "export function f(): void { return 1; }", /returns nothing/, /annotate/],
  ["a missing value", "export function f(): i32 { return; }", /returns i32/, /return a value/],
  ["recursion", "export function f(a: i32): i32 { return f(a); }", /`f` calls itself/, /use a loop/],
  [
    "mutual recursion",
    "export function f(): void { g(); }\nfunction g(): void { f(); }",
    /f > g > f|g > f > g/,
    /use a loop/,
  ],
  [
    "an unknown module",
    'import { x } from "./nowhere.ts";\nexport function f(): i32 { return x; }',
    /cannot find the module/,
    /with their extension/,
  ],
  [
    "an unknown import",
    'import { x } from "./other.ts";\nexport function f(): i32 { return x; }',
    /exports no `x`/,
    /./,
  ],
  [
    "an unknown operation",
    'import { fetchXor } from "refplay/machine";\nexport function f(): void { fetchXor(ptr(64), 1); }',
    /no operation `fetchXor`/,
    /did you mean `fetch/,
  ],
  ["a namespace import", 'import * as m from "refplay/machine";', /one by one/, /import \{ load/],
  [
    "a constant that calls",
    "const c: i32 = g();\nfunction g(): i32 { return 1; }\nexport function f(): i32 { return c; }",
    /cannot call/,
    /where it is used/,
  ],
  [
    "a constant that reads memory",
    "const c: i32 = load(ptr(64));\nexport function f(): i32 { return c; }",
    /no memory yet/,
    /where it is used/,
  ],
  [
    "constants in a circle",
    "const c: i32 = d;\nconst d: i32 = c;\nexport function f(): i32 { return c; }",
    /depends on itself/,
    /circle/,
  ],
  [
    "a constant division by zero",
    "const c: i32 = 1 / 0;\nexport function f(): i32 { return c; }",
    /divides by zero/,
    /divisor/,
  ],
  [
    "an unknown option",
    'const c: i32 = option("depth");\nexport function f(): i32 { return c; }',
    /no option `depth`/,
    /declare it/,
  ],
  [
    "an unknown area",
    'const c: i32 = layoutBytes("lable");\nexport function f(): i32 { return c; }',
    /no area `lable`/,
    /did you mean `label`/,
  ],
  [
    "layout outside a strategy",
    'const c: i32 = layout("label");\nexport function f(): i32 { return c; }',
    /belongs to a strategy/,
    /layoutBytes/,
  ],
  ["broken syntax", "export function f(: void {}", /not valid TypeScript/, /mend/],
  [
    "a strategy where there is none",
    'import { get } from "refplay/strategy";\nexport function f(): void { get(0, ptr(64), ptr(128)); }',
    /0 strategies/,
    /link it with a strategy/,
  ],
];

describe("at module level", () => {
  it.each(atModuleLevel)("refuses %s", (_name, text, message, hint) => {
    const said = refusal(`${machineImport}${text}\n`, { "other.ts": "export const y: number = 1;\n" });
    expect(said).toMatch(/^(main|other)\.ts(:\d+:\d+)?: /m);
    expect(said).toMatch(message);
    expect(said).toMatch(hint);
  });

  it("tells all mistakes of a file at once, in order of their lines", () => {
    const said = refusal(
      `${machineImport}export function f(a: i32): i32 {\n  const s = "x";\n  if (a) return 1;\n  return nothing;\n}\n`,
    );
    expect([...said.matchAll(/main\.ts:(\d+)/g)].map((match) => match[1])).toEqual(["3", "4", "5"]);
  });
});
