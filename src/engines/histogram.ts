/**
 * Distributions as results keep them: a few dozen logarithmic buckets of a histogram that has thousands. Edges grow by one ratio, so
 * that a chart with a logarithmic axis can draw the buckets as bars of one width.
 */
import hdr, { type Histogram } from "hdr-histogram-js";

/** Times by length. A bucket has those above the edge before it and up to its own; the first and the last are not empty. */
export interface Buckets {
  /** Upper edges, ascending. */
  readonly upTo: readonly number[];
  /** As long as `upTo`. */
  readonly counts: readonly number[];
}

/** Buckets at most. */
const mostBuckets = 60;
/** Buckets per doubling, the finest first; one of each fits for whatever a histogram holds (below 2^60). */
const finenesses = [4, 2, 1];
/** Digits of an edge: neighbours differ by a fifth, and an edge must be the same on every machine. */
const edgeDigits = 4;

function edge(index: number, fineness: number): number {
  return Number((2 ** (index / fineness)).toPrecision(edgeDigits));
}

/** The first edge that is not below the value. */
function indexOf(value: number, fineness: number): number {
  // Rounding of the logarithm must not decide.
  let index = Math.floor(fineness * Math.log2(value)) - 1;
  while (edge(index, fineness) < value) index++;
  return index;
}

/**
 * The values of a histogram, each taken as what the histogram's percentiles call it; null where it is empty.
 * @param divisor units of the histogram in one of the edges; 0 counts as one unit of the histogram
 */
export function bucketsOf(histogram: Histogram, divisor = 1): Buckets | null {
  if (!(histogram instanceof hdr.JsHistogram))
    throw new TypeError("only histograms without WebAssembly can be read");
  const values: { readonly value: number; readonly count: number }[] = [];
  const iterator = histogram.recordedValuesIterator;
  iterator.reset();
  while (iterator.hasNext()) {
    const { countAtValueIteratedTo: count, valueIteratedTo } = iterator.next();
    const value = Math.max(1, histogram.highestEquivalentValue(valueIteratedTo)) / divisor;
    values.push({ value, count });
  }
  const [least, most] = [values[0], values.at(-1)];
  if (least === undefined || most === undefined) return null;
  const span = (fineness: number): number =>
    indexOf(most.value, fineness) - indexOf(least.value, fineness) + 1;
  const fineness = finenesses.find((one) => span(one) <= mostBuckets) ?? 1;
  const first = indexOf(least.value, fineness);
  const counts = new Array<number>(span(fineness)).fill(0);
  for (const { value, count } of values) {
    const at = indexOf(value, fineness) - first;
    counts[at] = (counts[at] ?? 0) + count;
  }
  return { upTo: counts.map((_, index) => edge(first + index, fineness)), counts };
}
