import { describe, expect, it } from "vitest";
import { rows } from "../../bench/lib/rows.ts";
import { PeerProcess } from "../../src/bench/peer-process.ts";
import { buildPeers, findCompiler } from "../../src/bench/peers.ts";

// Without a C compiler there is nothing to compare with, and the benchmark says so.
describe.skipIf(findCompiler() === undefined)("the C peers", () => {
  it("build, and count right on one thread and on two", async () => {
    const { program, missing } = buildPeers();
    const peers = new PeerProcess(program);
    try {
      const names = (await peers.list()).map((peer) => peer.name);
      const wanted = new Set(
        rows.flatMap(({ peers }) =>
          peers.filter((peer) => peer.program === undefined).map(({ name }) => name),
        ),
      );
      if (missing.length === 0) expect(names).toEqual(expect.arrayContaining([...wanted]));
      for (const name of names) {
        for (const threads of [1, 2]) {
          // The peer looks at its counts after every run and answers with an error where they are wrong.
          const ns = await peers.run({ name, threads, pairs: 1000, labels: 64, pin: false });
          expect(ns).toBeGreaterThanOrEqual(0);
        }
      }
    } finally {
      await peers.close();
    }
  });

  it("answer what they cannot do with an error and go on", async () => {
    const peers = new PeerProcess(buildPeers().program);
    try {
      const job = { threads: 1, pairs: 10, labels: 1, pin: false };
      await expect(peers.run({ ...job, name: "abacus" })).rejects.toThrow("no peer is called abacus");
      await expect(peers.run({ ...job, name: "kref", labels: 3 })).rejects.toThrow("power of two");
      expect(await peers.run({ ...job, name: "kref" })).toBeGreaterThanOrEqual(0);
    } finally {
      await peers.close();
    }
  });
});
