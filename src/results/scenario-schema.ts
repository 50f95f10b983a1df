/** What cells of scenarios with a program of their own have: their own figures, with published ones beside them. */
import { z } from "zod";

/** A published figure: a range, twice the same where it is one number. */
const published = z.object({ min: z.number(), max: z.number(), source: z.string() });

/** What the scenario tells of the cell. */
export const figures = z.array(
  z.object({
    name: z.string(),
    /** `%`, `us`, `count`, ... */
    unit: z.string(),
    /** null: this run cannot tell. */
    value: z.number().nullable(),
    published: published.optional(),
    /** A parameter was chosen so that this comes out: no prediction. */
    fitted: z.literal(true).optional(),
    /** It follows from a parameter that nobody measured or published. */
    assumed: z.literal(true).optional(),
  }),
);

/** The cell against that of another variant on the same engine and CPUs. */
export const gain = z.object({
  /** Name of the other variant. */
  over: z.string(),
  /** The figure that is held against the other's: how many times as much that is. Rates where it is left out. */
  by: z.string().optional(),
  published: published.optional(),
});
