/** Bundles each Lambda's handler and its imports into one file, which is cached on disk until one of its inputs changes. */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { type BuildOptions, buildSync, type Metafile, version } from "esbuild";

const options = {
  outdir: "bundles",
  outbase: "lambdas",
  bundle: true,
  write: false,
  metafile: true,
  minify: true,
  treeShaking: true,
  platform: "node",
  target: "node22",
  format: "cjs",
  mainFields: ["module", "main"],
  legalComments: "none",
  logLevel: "silent",
} as const satisfies BuildOptions;

/** The settings that affect how imports are resolved. */
const resolution = ["package.json", "tsconfig.json", "node_modules/.package-lock.json"];

/** A bundle on disk. The key is the hash of all inputs and of the text. */
interface Kept {
  key: string;
  inputs: string[];
  text: string;
}

/** The bundles by repository and Lambda. All pipelines share them, and a deployment may run the program twice. */
const bundled = new Map<string, ReadonlyMap<string, string>>();

/** Hashes a bundle's inputs, each file once; a missing file also has a hash. */
class Inputs {
  private readonly hashes = new Map<string, string>();

  constructor(private readonly root: string) {}

  key({ inputs, text }: Omit<Kept, "key">): string {
    const own = inputs.filter((path) => !path.includes("node_modules/"));
    // A new file next to an input may change what an import resolves to.
    const folders = [...new Set(own.map((path) => dirname(path)))];
    const parts = [version, JSON.stringify(options), text];
    for (const path of [...resolution, ...inputs])
      parts.push(
        path,
        this.hash(path, () => this.content(path)),
      );
    for (const path of folders)
      parts.push(
        path,
        this.hash(`${path}/`, () => this.names(path)),
      );
    return sha256(parts.join("\0"));
  }

  private hash(name: string, read: () => Buffer | string): string {
    const known = this.hashes.get(name) ?? sha256(read());
    this.hashes.set(name, known);
    return known;
  }

  /** Whether a file was saved while esbuild may have been reading it, so that the bundle may have either version. */
  changedSince(milliseconds: number, paths: readonly string[]): boolean {
    return paths.some((path) => statSync(join(this.root, path)).mtimeMs >= milliseconds);
  }

  private content(path: string): Buffer | string {
    return orElse<Buffer | string>(() => readFileSync(join(this.root, path)), "");
  }

  private names(path: string): string {
    return orElse(() => readdirSync(join(this.root, path)).sort().join("\0"), "");
  }
}

function sha256(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

function orElse<Value>(read: () => Value, otherwise: Value): Value {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

/** The cached bundle if it was made from the current sources; undefined if it is out of date, corrupt or missing. */
function readKept(file: string, inputs: Inputs): string | undefined {
  const kept = orElse<Partial<Kept> | null>(() => JSON.parse(readFileSync(file, "utf8")), null);
  const { key, inputs: paths, text } = kept ?? {};
  if (typeof text !== "string" || !Array.isArray(paths)) return undefined;
  return inputs.key({ inputs: paths, text }) === key ? text : undefined;
}

/** Replaces the file atomically, because another process may be reading it. */
function keep(file: string, kept: Kept): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(kept));
  renameSync(temporary, file);
}

/** Every file that was read for an entry point, including those that contribute nothing to the bundle. */
function filesRead(entry: string, { inputs }: Metafile): string[] {
  const found = new Set([entry]);
  for (const path of found) {
    for (const { path: imported, external } of inputs[path]?.imports ?? []) if (!external) found.add(imported);
  }
  return [...found].filter((path) => inputs[path] !== undefined).sort();
}

/** Bundles all changed `lambdas/<name>/handler.ts` in one call, so that common imports are read once. */
export function bundleAll(root: string): ReadonlyMap<string, string> {
  const names = readdirSync(join(root, "lambdas"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "shared")
    .map(({ name }) => name);
  const inputs = new Inputs(root);
  const fileOf = (name: string) => join(root, ".daybreak", "bundles", `${name}.json`);
  const bundles = new Map(names.map((name) => [name, readKept(fileOf(name), inputs)]));
  const changed = names.filter((name) => bundles.get(name) === undefined);
  if (changed.length > 0) {
    const started = Date.now();
    const entryPoints = changed.map((name) => `lambdas/${name}/handler.ts`);
    const { metafile, outputFiles } = buildSync({ ...options, absWorkingDir: root, entryPoints });
    for (const { path, text } of outputFiles) {
      const name = basename(dirname(path));
      const made = { inputs: filesRead(`lambdas/${name}/handler.ts`, metafile), text };
      bundles.set(name, text);
      if (!inputs.changedSince(started, made.inputs)) keep(fileOf(name), { key: inputs.key(made), ...made });
    }
  }
  return new Map([...bundles].flatMap(([name, text]) => (text === undefined ? [] : [[name, text] as const])));
}

/**
 * The code of `lambdas/<name>/handler.ts` as one minified file. It depends only on the sources, not on their folder, so
 * that different machines deploy the same bytes.
 */
export function bundleHandler(root: string, name: string): string {
  const bundles = bundled.get(root) ?? bundleAll(root);
  bundled.set(root, bundles);
  const text = bundles.get(name);
  if (text === undefined) {
    throw new Error(
      `There is no Lambda "${name}" in ${join(root, "lambdas")}; there are ${[...bundles.keys()].join(", ")}.`,
    );
  }
  return text;
}

/** The deployment package of a Lambda: the bundle and, if it needs one, the pipeline spec. */
export function lambdaCode(root: string, name: string, spec?: object): pulumi.asset.AssetArchive {
  return new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset(bundleHandler(root, name)),
    ...(spec === undefined ? {} : { "pipeline.json": new pulumi.asset.StringAsset(JSON.stringify(spec)) }),
  });
}
