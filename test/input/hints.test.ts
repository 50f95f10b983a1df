/** Hints of errors on a terminal: in lines of its width, without breaking what is to be copied. */
import { expect, it } from "vitest";
import { errorColumns, RefplayError, RefplayErrors } from "../../src/errors.ts";

function formatted(hint: string): string[] {
  return new RefplayError("code", "message", { hint }).format(errorColumns).split("\n");
}

const words = "word ".repeat(15).trim();

it("breaks hints at spaces, within 80 columns, each line indented", () => {
  expect(formatted(`${words} abc and more`)).toEqual(["message", `  ${words} abc`, "  and more"]);
  expect(formatted(`${words} abcd and more`)).toEqual(["message", `  ${words}`, "  abcd and more"]);
});

it("keeps a quoted path with spaces, or a command, whole, however long", () => {
  const path = `\`/a folder/${"deep/".repeat(20)}my file.ts\``;
  expect(formatted(`Looked for ${path}; name it in another way.`)).toEqual([
    "message",
    "  Looked for",
    `  ${path};`,
    "  name it in another way.",
  ]);
  expect(formatted(`${words} then \`refplay check x\``)).toEqual([
    "message",
    `  ${words}`,
    "  then `refplay check x`",
  ]);
});

it("leaves lines that fit as they are: a caret may stand in them", () => {
  expect(formatted("a  b\n     ^ here")).toEqual(["message", "  a  b", "     ^ here"]);
});

it("breaks nothing where no width is asked for, and hints of several errors alike", () => {
  const error = new RefplayError("code", "message", { hint: `${words} abc and more` });
  expect(error.format()).toBe(`message\n  ${words} abc and more`);
  expect(new RefplayErrors([error, error]).format()).toBe(`${error.format()}\n${error.format()}`);
  expect(new RefplayErrors([error, error]).format(40).split("\n")).toHaveLength(8);
});
