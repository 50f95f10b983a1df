/** What a simulation writes down while it runs: lines, times, latencies by event, throughput over time. */
import hdr, { type Histogram } from "hdr-histogram-js";
import { bucketsOf } from "../histogram.ts";
import type { LineStatistics } from "./line-statistics.ts";
import type { SimState } from "./sim-state.ts";
import type { Checkpoint, Distance, EventLatency, TimeSplit } from "./types.ts";
import { ticksPerNs, toNs } from "./units.ts";

/** Kinds of script events that latencies are kept for. */
const eventLimit = 64;
const mostCheckpoints = 256;
/** Ticks between the first checkpoints: 4 us. */
const firstInterval = 4096 * ticksPerNs;

/** Shares of time, by actor; what is left of an actor's time is its own work. */
enum Share {
  think = 0,
  slowdown = 1,
  lines = 2,
  locks = 3,
  gracePeriods = 4,
  spin = 5,
}

const shares = 6;

export class Evidence {
  readonly lines: LineStatistics;
  /** Ends with the last script: what happens behind it is no part of the run. */
  over = false;
  private readonly times: Float64Array;
  private readonly cpus: number;
  private readonly histograms: (Histogram | undefined)[] = new Array(eventLimit);
  private readonly sums = new Float64Array(eventLimit);
  private readonly lastEvent: Int32Array;
  private readonly lastAt: Float64Array;
  private readonly checkpointAt = new Float64Array(mostCheckpoints);
  private readonly checkpointRequests = new Float64Array(mostCheckpoints);
  private checkpointCount = 0;
  private interval = firstInterval;

  private readonly clock: Float64Array;

  /** @param clock the present time, in its only element */
  constructor(cpus: number, actors: number, lines: LineStatistics, clock: Float64Array) {
    this.clock = clock;
    this.cpus = cpus;
    this.lines = lines;
    this.times = new Float64Array(actors * shares);
    this.lastEvent = new Int32Array(cpus).fill(-1);
    this.lastAt = new Float64Array(cpus);
  }

  /** A transfer begins that ends at `heap.time`. */
  transfer(
    s: SimState,
    request: number,
    address: number,
    pc: number,
    distance: Distance,
    alone: boolean,
  ): void {
    if (this.over) return;
    const end = s.heap.time[0] as number;
    const actor = request < s.actors ? request : request - s.actors;
    const { lines } = this;
    lines.transfer(address, pc, distance, alone, end - (s.requestedAt[request] as number));
    if (lines.recording) lines.note(address, distance, alone, end, actor);
  }

  queued(line: number, waiting: number): void {
    if (!this.over) this.lines.queued(line, waiting);
  }

  private add(actor: number, share: Share, ticks: number): void {
    if (this.over) return;
    const at = actor * shares + share;
    this.times[at] = (this.times[at] as number) + ticks;
  }

  waitedForLine(actor: number, ticks: number): void {
    this.add(actor, Share.lines, ticks);
  }

  waitedForLock(actor: number, ticks: number): void {
    this.add(actor, Share.locks, ticks);
  }

  waitedForGracePeriod(actor: number, ticks: number): void {
    this.add(actor, Share.gracePeriods, ticks);
  }

  thought(actor: number, ticks: number, slowdownTicks: number): void {
    this.add(actor, Share.think, ticks);
    this.add(actor, Share.slowdown, slowdownTicks);
  }

  spun(actor: number, ticks: number): void {
    this.add(actor, Share.spin, ticks);
  }

  /** A record of the actor's script begins (-1: the script ends); the one before is over. */
  event(actor: number, event: number): void {
    if (actor >= this.cpus) return;
    const time = this.clock[0] as number;
    const before = this.lastEvent[actor] as number;
    if (before >= 0 && before < eventLimit) {
      const ticks = time - (this.lastAt[actor] as number);
      this.histograms[before] ??= hdr.build({
        bitBucketSize: 32,
        numberOfSignificantValueDigits: 2,
        highestTrackableValue: 1e9,
        useWebAssembly: false,
      });
      this.histograms[before]?.recordValue(Math.min(1e9, Math.round(ticks / ticksPerNs)));
      this.sums[before] = (this.sums[before] as number) + ticks;
    }
    this.lastEvent[actor] = event;
    this.lastAt[actor] = time;
  }

  latencies(): EventLatency[] {
    return this.histograms.flatMap((histogram, event) => {
      const buckets = histogram === undefined ? null : bucketsOf(histogram);
      if (histogram === undefined || buckets === null) return [];
      const count = histogram.totalCount;
      return [
        {
          event,
          count,
          meanNs: toNs((this.sums[event] as number) / count),
          p50Ns: histogram.getValueAtPercentile(50),
          p90Ns: histogram.getValueAtPercentile(90),
          p99Ns: histogram.getValueAtPercentile(99),
          maxNs: histogram.maxValue,
          histogram: buckets,
        },
      ];
    });
  }

  /** Time of the first checkpoint. */
  get firstCheckpoint(): number {
    return this.interval;
  }

  /** Notes the requests that are done; the time of the next checkpoint. */
  checkpoint(time: number, requests: number): number {
    if (this.checkpointCount === mostCheckpoints) {
      this.checkpointCount = mostCheckpoints / 2;
      for (let i = 0; i < this.checkpointCount; i++) {
        this.checkpointAt[i] = this.checkpointAt[2 * i + 1] as number;
        this.checkpointRequests[i] = this.checkpointRequests[2 * i + 1] as number;
      }
      this.interval *= 2;
    }
    // Right after a halving this one is between two of the new distance, and is left out.
    if (time % this.interval === 0) {
      this.checkpointAt[this.checkpointCount] = time;
      this.checkpointRequests[this.checkpointCount++] = requests;
    }
    return (Math.floor(time / this.interval) + 1) * this.interval;
  }

  checkpoints(): Checkpoint[] {
    return Array.from({ length: this.checkpointCount }, (_, i) => ({
      atNs: toNs(this.checkpointAt[i] as number),
      requests: this.checkpointRequests[i] as number,
    }));
  }

  /** @param cpuTicks by CPU: how long its script ran */
  timeSplit(cpuTicks: ArrayLike<number>): TimeSplit {
    const sums = new Float64Array(shares);
    let total = 0;
    for (let cpu = 0; cpu < this.cpus; cpu++) {
      total += cpuTicks[cpu] as number;
      for (let share = 0; share < shares; share++)
        sums[share] = (sums[share] as number) + (this.times[cpu * shares + share] as number);
    }
    const of = (share: Share): number => sums[share] as number;
    const waits = sums.reduce((sum, ticks) => sum + ticks, 0);
    return {
      thinkNs: toNs(of(Share.think)),
      slowdownNs: toNs(of(Share.slowdown)),
      ownNs: toNs(total - waits),
      linesNs: toNs(of(Share.lines)),
      locksNs: toNs(of(Share.locks)),
      gracePeriodsNs: toNs(of(Share.gracePeriods)),
      spinNs: toNs(of(Share.spin)),
    };
  }
}
