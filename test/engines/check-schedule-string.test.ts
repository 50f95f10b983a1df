import { describe, expect, it } from "vitest";
import { formatSchedule, parseSchedule } from "../../src/engines/check/index.ts";
import { RefplayError } from "../../src/errors.ts";

function refusal(text: string): string {
  try {
    parseSchedule(text);
  } catch (error) {
    if (error instanceof RefplayError && error.code === "bad-schedule") return error.message;
    throw error;
  }
  return "accepted";
}

describe("schedule strings", () => {
  it("say who steps, flushes and takes, runs shortened", () => {
    expect(formatSchedule([0, 0, 0, 64, 65, 130])).toBe("0*3 1 1f 2<0");
    expect(parseSchedule("0*3 1 1f 2<0")).toEqual([0, 0, 0, 64, 65, 130]);
    expect(formatSchedule([65, 65, 189, 189])).toBe("1f*2 2<59*2");
  });

  it("read back as what was written", () => {
    for (let seed = 1; seed < 200; seed++) {
      let x = seed;
      const schedule = Array.from({ length: seed % 17 }, () => {
        x = (Math.imul(x, 1103515245) + 12345) >>> 0;
        return (((x >>> 8) % 5) << 6) + ((x >>> 16) % 4);
      });
      expect(parseSchedule(formatSchedule(schedule))).toEqual(schedule);
    }
  });

  it("are empty for an empty schedule, and spaces do not matter", () => {
    expect(formatSchedule([])).toBe("");
    expect(parseSchedule("  ")).toEqual([]);
    expect(parseSchedule(" 0   1f\n2 ")).toEqual([0, 65, 128]);
  });

  it("are refused with the character where they are wrong", () => {
    expect(refusal("0 1 x")).toContain("character 5");
    expect(refusal("0*0")).toContain("1 or more");
    expect(refusal("2<62")).toContain("no actor 62");
    expect(refusal("0*9999999")).toContain("more than 1000000");
    expect(refusal("-1")).toContain("no transition");
    expect(refusal("1f2")).toContain("no transition");
  });
});
