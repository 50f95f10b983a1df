/**
 * The package as a user gets it, without a network: packed by npm, unpacked into the node_modules of an empty folder, its own
 * dependencies beside it as links to those of this clone.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packageRoot } from "../../src/link/node-host.ts";

export interface PackedFile {
  readonly path: string;
  readonly size: number;
}

export interface Packed {
  readonly tarball: string;
  readonly tarballBytes: number;
  readonly unpackedBytes: number;
  readonly files: readonly PackedFile[];
}

interface PackReport {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly PackedFile[];
}

/** Packs into a new folder below the system's temporary one. */
export function pack(): Packed {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "refplay-pack-")));
  const command = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const said = execFileSync("npm", command, {
    cwd: packageRoot,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [report] = JSON.parse(said) as [PackReport];
  return {
    tarball: join(folder, report.filename),
    tarballBytes: report.size,
    unpackedBytes: report.unpackedSize,
    files: report.files,
  };
}

/** An empty folder with the package in its node_modules, and nothing else that a dependency does not ask for; its path. */
export function install({ tarball }: Packed): string {
  const folder = join(dirname(tarball), "app");
  const modules = join(folder, "node_modules");
  const target = join(modules, "refplay");
  mkdirSync(target, { recursive: true });
  execFileSync("tar", ["xzf", tarball, "--strip-components=1", "-C", target]);
  const { dependencies } = JSON.parse(readFileSync(join(target, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const link = join(modules, name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(packageRoot, "node_modules", name), link);
  }
  return folder;
}
