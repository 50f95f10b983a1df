/** Everything that a simulation consists of between two events: actors, lines, buffers, the queue of events. */
import type { Step, SteppedProgram } from "../../link/stepped/index.ts";
import type { Costs, Places } from "./costs.ts";
import { EventHeap } from "./event-heap.ts";
import type { Evidence } from "./evidence.ts";
import { Lines } from "./lines.ts";
import type { SimProbe } from "./probe.ts";
import { Distance } from "./types.ts";

/** What an actor does when its turn comes. */
export enum Mode {
  /** Performs the operation that it waits for. */
  ready = 0,
  /** The transfer for its operation ends now. */
  granted = 1,
  /** A cell that it awaits, the end of a grace period: its operation is done now. */
  answered = 2,
  /** Runs its entry from the beginning (maintenance). */
  start = 3,
  // Not in the queue of events, from here on.
  /** Waits for a line. */
  line = 4,
  /** Waits for its store buffer, to be empty or to have room. */
  drain = 5,
  room = 6,
  /** Awaits a cell. */
  watch = 7,
  gracePeriod = 8,
  callback = 9,
  done = 10,
}

function farthestOf({ socket, l3, core }: Places): Distance {
  const differ = (places: Int32Array): boolean => places.some((place) => place !== places[0]);
  if (differ(socket)) return Distance.cross;
  if (differ(l3)) return Distance.socket;
  return differ(core) ? Distance.l3 : Distance.smt;
}

export class SimState {
  readonly program: SteppedProgram;
  readonly step: Step;
  readonly memory: Int32Array;
  readonly costs: Costs;
  readonly places: Places;
  readonly actors: number;
  /** Actors with scripts: the first ones. */
  readonly cpus: number;
  readonly heap: EventHeap;
  readonly lines: Lines;
  readonly evidence: Evidence;
  readonly probe: SimProbe | null;
  /** Time of what is being done. In an array, since a double that is passed to a function may be boxed. */
  readonly clock: Float64Array;
  /** Words of an actor's state, and all of them. */
  readonly stride: number;
  readonly state: Int32Array;
  /** By actor: the operation that it waits for, and what happens next. */
  readonly pending: Uint8Array;
  readonly mode: Uint8Array;
  /** Time at which its present wait began: for its buffer, or a grace period. */
  readonly since: Float64Array;
  /** Time at which it came to the await that it is in; -1 in none. */
  readonly awaiting: Float64Array;
  /** The next actor that watches the same line, -1 at the end. */
  readonly nextWatcher: Int32Array;
  /** By request (actor; actors + actor for its buffer): when it was made, the next in the queue. */
  readonly requestedAt: Float64Array;
  readonly nextWaiter: Int32Array;
  /** 1: a transfer for the request is under way. */
  readonly underWay: Uint8Array;
  /** The largest distance between two actors. */
  readonly farthest: Distance;
  /** The line that an actor was last given alone (-1: none), until when it holds it, and how far that can be moved. */
  readonly heldLine: Int32Array;
  readonly holdEnd: Float64Array;
  readonly holdLimit: Float64Array;
  /** Hand-off slots: the record of each, and the free ones. */
  readonly slotRecord: Int32Array;
  readonly freeSlots: Int32Array;
  freeSlotCount: number;
  /** Store buffers, `costs.storeBufferEntries` of each actor in a ring: address and value; first entry and number of entries. */
  readonly bufferAddress: Int32Array;
  readonly bufferValue: Int32Array;
  /** Told of each store that leaves a buffer. */
  onWritten: (actor: number) => void = () => {};
  /** Program counter at which a buffered store was made, for the evidence. */
  readonly bufferPc: Int32Array;
  readonly bufferFirst: Int32Array;
  readonly buffered: Int32Array;

  constructor(parts: {
    readonly program: SteppedProgram;
    readonly step: Step;
    readonly memory: Int32Array;
    readonly costs: Costs;
    readonly places: Places;
    readonly actors: number;
    readonly cpus: number;
    readonly lineBytes: number;
    readonly evidence: Evidence;
    readonly probe: SimProbe | null;
    readonly clock: Float64Array;
  }) {
    const { actors, costs } = parts;
    this.program = parts.program;
    this.step = parts.step;
    this.memory = parts.memory;
    this.costs = costs;
    this.places = parts.places;
    this.actors = actors;
    this.cpus = parts.cpus;
    this.evidence = parts.evidence;
    this.probe = parts.probe;
    this.clock = parts.clock;
    const requests = 2 * actors;
    this.heap = new EventHeap(requests, 2 * requests + 8);
    this.lines = new Lines(parts.memory.length * 4, parts.lineBytes, actors);
    this.stride = (parts.program.wordsPerActor + 15) & -16;
    this.state = new Int32Array(actors * this.stride);
    this.pending = new Uint8Array(actors);
    this.mode = new Uint8Array(actors);
    this.since = new Float64Array(actors);
    this.awaiting = new Float64Array(actors).fill(-1);
    this.nextWatcher = new Int32Array(actors);
    this.requestedAt = new Float64Array(requests);
    this.nextWaiter = new Int32Array(requests);
    this.underWay = new Uint8Array(requests);
    this.farthest = farthestOf(parts.places);
    this.heldLine = new Int32Array(actors).fill(-1);
    this.holdEnd = new Float64Array(actors);
    this.holdLimit = new Float64Array(actors);
    this.slotRecord = new Int32Array(requests);
    this.freeSlots = Int32Array.from({ length: requests }, (_, index) => requests - 1 - index);
    this.freeSlotCount = requests;
    const entries = actors * costs.storeBufferEntries;
    this.bufferAddress = new Int32Array(entries);
    this.bufferValue = new Int32Array(entries);
    this.bufferPc = new Int32Array(entries);
    this.bufferFirst = new Int32Array(actors);
    this.buffered = new Int32Array(actors);
  }

  /** Whether an actor waits for something, or would if it could. */
  isWaiting(actor: number): boolean {
    return this.mode[actor] !== Mode.done;
  }
}
