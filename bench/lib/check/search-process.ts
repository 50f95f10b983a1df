/** Our side of a search process: starts it, gives it jobs one after the other, and ends it. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { RefplayError } from "../../../src/errors.ts";
import type { SearchAnswer, SearchJob, SearchMessage } from "./job.ts";

const module = fileURLToPath(new URL("search-child.ts", import.meta.url));
/** A search that does not look at the clock for so long is ended from outside. */
const graceS = 20;

export class SearchProcess {
  readonly #child: ChildProcess;

  constructor() {
    // Search state lies outside V8's heap, but what surrounds it should not be what fails first.
    const execArgv = [...process.execArgv, "--max-old-space-size=4096"];
    this.#child = fork(module, [], { execArgv, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  }

  /** One search. Throws a RefplayError where the job makes no sense or the process died. */
  run(job: SearchJob): Promise<SearchAnswer> {
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#child.off("message", onMessage);
        this.#child.off("exit", onExit);
      };
      const onMessage = (message: unknown): void => {
        done();
        const answered = message as SearchMessage;
        if ("answer" in answered) resolve(answered.answer);
        else reject(new RefplayError(answered.failed.code, answered.failed.message));
      };
      const onExit = (code: number | null, signal: string | null): void => {
        done();
        reject(new RefplayError("search-died", `the search process ended (${signal ?? code})`));
      };
      const timer = setTimeout(() => this.#child.kill("SIGKILL"), (job.limitS + graceS) * 1000);
      this.#child.on("message", onMessage);
      this.#child.on("exit", onExit);
      this.#child.send(job);
    });
  }

  close(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

/** One search in a process of its own. */
export async function searchAlone(job: SearchJob): Promise<SearchAnswer> {
  const process = new SearchProcess();
  try {
    return await process.run(job);
  } finally {
    process.close();
  }
}
