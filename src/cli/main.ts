/** Entry of the `refplay` command: the process's streams, signals and exit status around `runCli`. */
import { totalmem } from "node:os";
import pc from "picocolors";
import { runCli } from "./cli.ts";
import { commandName } from "./command-name.ts";
import type { CliIo } from "./io.ts";
import { exitStatus } from "./io.ts";
import { realServices } from "./services.ts";

const io: CliIo = {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
  terminal: process.stderr.isTTY ? process.stderr : undefined,
  color: process.stdout.isTTY === true && pc.isColorSupported,
  workingFolder: process.cwd(),
  command: commandName(process.argv[1], process.cwd()),
  // 0 or a huge number where nothing constrains the process.
  memoryBytes: Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
  now: () => new Date().toISOString(),
  onInterrupt(stop) {
    // Once: the second Ctrl-C finds no listener, and Node's default ends the process.
    process.once("SIGINT", stop);
    return () => process.off("SIGINT", stop);
  },
};

// `refplay report x | head` closes the pipe early; that is no mistake of anybody's.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

const status = await runCli(process.argv.slice(2), io, realServices());
process.exitCode = status;
// A cell that was abandoned may still have workers; nothing of it is wanted any more.
if (status === exitStatus.interrupted) process.exit();
