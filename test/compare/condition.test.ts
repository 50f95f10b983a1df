import { describe, expect, it } from "vitest";
import { meets, parseCondition } from "../../src/compare/condition.ts";
import { RefplayError } from "../../src/errors.ts";

const figures = ["requestsPerSecond", "efficiency", "pairNsP99", "system time", "full */task/*/fd*/*"];

describe("conditions", () => {
  it.each([
    ["efficiency@192 < -3", { figure: "efficiency", cpus: 192, operator: "<", bound: -3, percent: false }],
    [
      "kref:efficiency@192<=-3.5",
      { strategy: "kref", figure: "efficiency", cpus: 192, operator: "<=", bound: -3.5, percent: false },
    ],
    ["pairNsP99 > 10 %", { figure: "pairNsP99", operator: ">", bound: 10, percent: true }],
    [
      " kref (v6.7)#2 : system time @ 128 >= +.5% ",
      {
        text: "kref (v6.7)#2 : system time @ 128 >= +.5%",
        strategy: "kref (v6.7)#2",
        figure: "system time",
        cpus: 128,
        operator: ">=",
        bound: 0.5,
        percent: true,
      },
    ],
    [
      "full */task/*/fd*/* > 1e3",
      { figure: "full */task/*/fd*/*", operator: ">", bound: 1000, percent: false },
    ],
  ])("reads %j", (text, expected) => {
    expect(parseCondition(text, figures)).toEqual({ text, ...expected });
  });

  it.each([
    ["", 1, "the name of a figure is missing"],
    ["@192 < 3", 1, "the name of a figure is missing"],
    ["kref:@192 < 3", 6, "the name of a figure is missing"],
    [":efficiency < 3", 1, "a strategy's name is missing before the colon"],
    ["efficency@192 < -3", 1, "there is no figure `efficency`; did you mean `efficiency`?"],
    ["kref: latency < 3", 7, "there is no figure `latency`"],
    ["efficiency@ < 3", 12, "the number of CPUs is missing"],
    ["efficiency@two < 3", 12, "`two` is no number of CPUs"],
    ["efficiency@0 < 3", 12, "`0` is no number of CPUs"],
    ["efficiency@192", 15, "a comparison is missing"],
    ["efficiency@192 = 3", 16, "`= 3` is no comparison"],
    ["efficiency@192 <", 17, "a number is missing"],
    ["efficiency@192 < three", 18, "`three` is no number, nor one with %"],
    ["efficiency@192 < -3 points", 18, "`-3 points` is no number, nor one with %"],
    ["efficiency < -3 and pairNsP99 > 1", 14, "`-3 and pairNsP99 > 1` is no number, nor one with %"],
    ["efficiency << 3", 13, "`< 3` is no number, nor one with %"],
  ])("refuses %j at column %i", (text, column, message) => {
    let error: unknown;
    try {
      parseCondition(text, figures);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(RefplayError);
    const { code, hint, message: said } = error as RefplayError;
    expect(code).toBe("bad-condition");
    expect(said.split("\n")[0]).toBe(`--fail-if, column ${column}: ${message}`);
    expect(said.split("\n")[2]?.indexOf("^")).toBe(column + 1);
    expect(hint).toMatch(/There is: requestsPerSecond|\[strategy:\]figure\[@cpus\] < number\[%\]/);
  });

  it("does not look at names of figures that it is not told", () => {
    expect(parseCondition("exit > 5").figure).toBe("exit");
  });

  it("is met by what it says", () => {
    const of = (text: string, value: number) => meets(parseCondition(text), value);
    expect([of("x < 1", 1), of("x < 1", 0.9), of("x <= 1", 1), of("x <= 1", 1.1)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([of("x > 1", 1), of("x > 1", 1.1), of("x >= 1", 1), of("x >= 1", 0.9)]).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });
});
