/**
 * The state of all lines. A line that one CPU has alone, and that nobody asks for, is a single word with the owner's number: what
 * the engine's fast path compares with. All others have a record; a word below 0 is the record's number, inverted.
 */

/** What a line with a record is; see docs/simulator-model.md. */
export enum LineState {
  nobody = 0,
  exclusive = 1,
  shared = 2,
  moving = 3,
}

/** Cells of a record. */
export enum Rec {
  state = 0,
  /** The owner of an exclusive line; the source of a shared one. */
  owner = 1,
  /** Loads of a shared line that are under way. */
  fetches = 2,
  /** First and last waiter, -1 where there is none, and how many. */
  head = 3,
  tail = 4,
  waiting = 5,
  /** Requests that were made and have not arrived: of both kinds, and those that want the line alone. */
  coming = 6,
  comingAlone = 7,
  /** 1: the last hand-off let a waiter overtake. */
  bypassed = 8,
  /** First actor that awaits a cell of the line, -1 where there is none. */
  watchers = 9,
  /** Hand-off slot + 1 while a hand-off is due. */
  slot = 10,
  line = 11,
  /** 1: sharers may run ahead of others on it: shared, and nobody wants it alone. */
  calm = 12,
}

const recordCells = 16;

/** Records that there is room for at first; doubled whenever they do not suffice. */
const firstRecords = 2 ** 14;

export class Lines {
  /** By line: 0 nobody has it, c + 1 actor c has it alone, below 0 the inverted number of its record. */
  readonly words: Int32Array;
  /** Records, `recordCells` each. */
  rec: Int32Array;
  /** Sharers: `bitWords` words for each record. Both arrays are replaced when a record is made for which they have no room. */
  bits: Int32Array;
  readonly bitWords: number;
  readonly shift: number;
  private free: Int32Array;
  private freeCount = 0;
  private used = 0;

  constructor(memoryBytes: number, lineBytes: number, actors: number) {
    this.shift = Math.log2(lineBytes);
    const lines = Math.ceil(memoryBytes / lineBytes);
    this.words = new Int32Array(lines);
    this.bitWords = Math.ceil(actors / 32);
    this.rec = new Int32Array(firstRecords * recordCells);
    this.bits = new Int32Array(firstRecords * this.bitWords);
    this.free = new Int32Array(firstRecords);
  }

  private grow(): void {
    const larger = (array: Int32Array): Int32Array => {
      const made = new Int32Array(array.length * 2);
      made.set(array);
      return made;
    };
    this.rec = larger(this.rec);
    this.bits = larger(this.bits);
    this.free = larger(this.free);
  }

  /** First cell of the record of a line; makes one where the line has none. */
  record(line: number): number {
    const word = this.words[line] as number;
    if (word < 0) return ~word * recordCells;
    const index = this.freeCount > 0 ? (this.free[--this.freeCount] as number) : this.used++;
    if (index === this.free.length) this.grow();
    const at = index * recordCells;
    const { rec } = this;
    // Cell by cell: a call of `fill` would cost more than all of them.
    rec[at + Rec.fetches] = 0;
    rec[at + Rec.waiting] = 0;
    rec[at + Rec.coming] = 0;
    rec[at + Rec.comingAlone] = 0;
    rec[at + Rec.bypassed] = 0;
    rec[at + Rec.slot] = 0;
    rec[at + Rec.calm] = 0;
    rec[at + Rec.state] = word === 0 ? LineState.nobody : LineState.exclusive;
    rec[at + Rec.owner] = word - 1;
    rec[at + Rec.head] = -1;
    rec[at + Rec.tail] = -1;
    rec[at + Rec.watchers] = -1;
    rec[at + Rec.line] = line;
    this.words[line] = ~index;
    return at;
  }

  /** Keeps `calm` true to what the record says. */
  settle(at: number): void {
    const { rec } = this;
    const shared = rec[at + Rec.state] === LineState.shared;
    const wanted = (rec[at + Rec.comingAlone] as number) + (rec[at + Rec.waiting] as number) > 0;
    rec[at + Rec.calm] = shared && !wanted ? 1 : 0;
  }

  /** Gives the record back where the line is one CPU's own and nobody asks for it. */
  dropIfQuiet(at: number): void {
    const { rec } = this;
    if (rec[at + Rec.state] !== LineState.exclusive) return;
    if ((rec[at + Rec.coming] as number) > 0 || (rec[at + Rec.waiting] as number) > 0) return;
    if ((rec[at + Rec.watchers] as number) >= 0 || (rec[at + Rec.slot] as number) > 0) return;
    this.words[rec[at + Rec.line] as number] = (rec[at + Rec.owner] as number) + 1;
    this.free[this.freeCount++] = at / recordCells;
  }

  addSharer(at: number, actor: number): void {
    const word = (at / recordCells) * this.bitWords + (actor >>> 5);
    this.bits[word] = (this.bits[word] as number) | (1 << (actor & 31));
  }

  isSharer(at: number, actor: number): boolean {
    const word = (at / recordCells) * this.bitWords + (actor >>> 5);
    return ((this.bits[word] as number) & (1 << (actor & 31))) !== 0;
  }

  /** Sharers 32 n to 32 n + 31, a bit each. */
  sharerWord(at: number, n: number): number {
    return this.bits[(at / recordCells) * this.bitWords + n] as number;
  }

  clearSharers(at: number): void {
    const first = (at / recordCells) * this.bitWords;
    for (let word = first; word < first + this.bitWords; word++) this.bits[word] = 0;
  }

  /** Whether the actor has the line of a record: as its owner, or as a sharer. */
  has(at: number, actor: number): boolean {
    const state = this.rec[at + Rec.state];
    if (state === LineState.exclusive) return this.rec[at + Rec.owner] === actor;
    return state === LineState.shared && this.isSharer(at, actor);
  }
}

/** Record number of a word below 0, as an offset in `rec`. */
export function recordOf(word: number): number {
  return ~word * recordCells;
}
