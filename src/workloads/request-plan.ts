/**
 * How many requests each worker serves, and which of them pass a file on: the same on every CPU, or they would wait for each other
 * (see nginx-worker.ts). Requests are drawn for one period, which the script repeats.
 */
import type { NginxParameters } from "./nginx-parameters.ts";
import type { Worker } from "./nginx-worker.ts";
import { shareOf } from "./parameters.ts";
import { Random } from "./random.ts";

/** What a workload adds to requests. */
export interface RequestExtras {
  /** Before a request; its number in the period. */
  before?(request: number): void;
  /** Before a request is finished. */
  within?(): void;
}

export class RequestPlan {
  readonly period: number;
  /** How often the period is repeated. */
  readonly rounds: number;
  readonly passesFiles: boolean;
  readonly #requests: number;
  readonly #workers: number;
  readonly #rest: number;
  readonly #passes: readonly boolean[];

  /** `cpus`: how many serve. `stream`: of random numbers, by its seed. */
  constructor(
    { distinctRequests, passShare, requests }: NginxParameters,
    { cpus, stream }: { readonly cpus: number; readonly stream: string },
  ) {
    const perCpu = Math.floor(requests / cpus);
    this.period = Math.max(1, Math.min(perCpu, distinctRequests));
    this.rounds = Math.floor(perCpu / this.period);
    this.#rest = perCpu % this.period;
    this.#requests = requests;
    this.#workers = cpus;
    const random = new Random(stream);
    this.#passes = Array.from({ length: this.period }, () => random.chance(passShare));
    this.passesFiles = this.#passes.includes(true);
  }

  /** Writes all that worker `number` does. */
  write(worker: Worker, number: number, extras: RequestExtras = {}): void {
    const serve = (request: number, passes: boolean): void => {
      extras.before?.(request);
      worker.request(passes, extras.within);
    };
    const { period, rounds } = this;
    worker.startUp();
    worker.script.repeat(rounds, () => {
      for (let i = 0; i < period; i++) serve(i, this.#passes[i] === true);
      worker.drain();
      worker.failedOpens *= rounds;
    });
    for (let i = 0; i < this.#rest; i++) serve(i, this.#passes[i] === true);
    worker.drain();
    // The one request more that some CPUs have passes no file: the others would not take it.
    if (shareOf(this.#requests, this.#workers, number) > rounds * period + this.#rest) {
      worker.request(false, extras.within);
    }
  }
}
