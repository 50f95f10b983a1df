/**
 * The same addresses by query and by text. A process changes while it is asked, so an answer counts only where the text says the
 * same before and after the query; the others are asked again.
 */
import { median } from "simple-statistics";
import { type Mapping, type Question, sameMapping } from "./mapping.ts";
import { findMapping, parseMaps } from "./maps-text.ts";
import type { ProcessMaps } from "./process-maps.ts";
import type { AskKernel } from "./query-call.ts";

/** Rounds in which addresses whose mappings changed are asked again. */
const mostAttempts = 20;
/** Answers that differ while the text stood still are asked again as often: it may have changed there and back. */
const confirmations = 3;

export interface Difference {
  readonly address: bigint;
  readonly byQuery: Mapping | null;
  readonly byText: Mapping | null;
}

export interface Agreement {
  /** By address, in the order of the addresses; null: no such mapping. Undefined: the process changed too fast to say. */
  readonly answers: readonly (Mapping | null | undefined)[];
  /** Confirmed differences: a defect of one of the two ways. */
  readonly differences: readonly Difference[];
  /** Mappings of the process in the last text. */
  readonly mappings: number;
}

/** Asks for all addresses both ways. @throws RefplayError as `ProcessMaps` does */
export function compareAnswers(
  maps: ProcessMaps,
  ask: AskKernel,
  addresses: readonly bigint[],
  question: Question,
): Agreement {
  const answers = new Array<Mapping | null | undefined>(addresses.length).fill(undefined);
  const seenDifferent = new Map<number, number>();
  const differences: Difference[] = [];
  let open = addresses.map((_, index) => index);
  let before = parseMaps(maps.text());
  for (let attempt = 0; attempt < mostAttempts && open.length > 0; attempt++) {
    const queried = open.map((index) => maps.ask(ask, addresses[index] as bigint, question)?.mapping ?? null);
    const after = parseMaps(maps.text());
    const texts = [before, after] as const;
    open = open.filter((index, place) => {
      const address = addresses[index] as bigint;
      const [early = null, late = null] = texts.map((text) => findMapping(text, address, question));
      const byQuery = queried[place] as Mapping | null;
      if (!sameMapping(early, late)) return true;
      if (sameMapping(early, byQuery)) {
        answers[index] = byQuery;
        return false;
      }
      const times = (seenDifferent.get(index) ?? 0) + 1;
      seenDifferent.set(index, times);
      if (times < confirmations) return true;
      differences.push({ address, byQuery, byText: early });
      return false;
    });
    before = after;
  }
  return { answers, differences, mappings: before.length };
}

export interface BatchTimes {
  /** Median over rounds of the time for all addresses, ns: by query, and by reading, parsing and searching the text. */
  readonly queryNs: number;
  readonly textNs: number;
  /** The part of the text's time that is reading, without parsing. */
  readonly readNs: number;
}

/** Times both ways in alternating rounds. */
export function timeBatches(
  maps: ProcessMaps,
  ask: AskKernel,
  addresses: readonly bigint[],
  question: Question,
  rounds: number,
): BatchTimes {
  const times = { query: [] as number[], text: [] as number[], read: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.query.push(
      nsOf(() => {
        for (const address of addresses) maps.ask(ask, address, question);
      }),
    );
    times.text.push(
      nsOf(() => {
        const mappings = parseMaps(maps.text());
        for (const address of addresses) findMapping(mappings, address, question);
      }),
    );
    times.read.push(nsOf(() => maps.text()));
  }
  return { queryNs: median(times.query), textNs: median(times.text), readNs: median(times.read) };
}

function nsOf(body: () => void): number {
  const start = process.hrtime.bigint();
  body();
  return Number(process.hrtime.bigint() - start);
}
