/** The C peers as a child process that lives as long as the benchmark: one line in, one JSON line out. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { z } from "zod";
import type { Job, Side } from "./side.ts";

const answerSchema = z.union([
  z.object({ error: z.string() }),
  z.object({ ns: z.number().nonnegative() }),
  z.object({ peers: z.array(z.object({ name: z.string(), title: z.string() })) }),
]);
type Answer = z.infer<typeof answerSchema>;

export interface PeerDescription {
  readonly name: string;
  readonly title: string;
}

export class PeerProcess implements Side {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  readonly #ended: Promise<void>;

  /** `program`: the path that `buildPeers` returned. */
  constructor(program: string) {
    this.#child = spawn(program, [], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      this.#waiting.shift()?.resolve(answerSchema.parse(JSON.parse(line)));
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on("close", (code, signal) => {
        for (const waiting of this.#waiting)
          waiting.reject(new Error(`the C peers ended (${signal ?? code})`));
        resolve();
      });
    });
  }

  async #ask(command: string): Promise<Answer> {
    const answer = await new Promise<Answer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${command}\n`);
    });
    if ("error" in answer) throw new Error(`${command}: ${answer.error}`);
    return answer;
  }

  /** What this build can run; the libraries' adapters are there only where the libraries are. */
  async list(): Promise<readonly PeerDescription[]> {
    const answer = await this.#ask("list");
    if (!("peers" in answer)) throw new Error("the C peers did not list themselves");
    return answer.peers;
  }

  async run(job: Job): Promise<number> {
    const answer = await this.#ask(
      `run ${job.name} ${job.threads} ${job.pairs} ${job.labels}${job.pin ? " pin" : ""}`,
    );
    if (!("ns" in answer)) throw new Error(`${job.name}: no time in the answer`);
    return answer.ns;
  }

  async close(): Promise<void> {
    this.#child.stdin.end("quit\n");
    await this.#ended;
  }
}
