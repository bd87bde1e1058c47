/**
 * Loads TypeScript in about a third of the time that tsx needs: the deployer starts with every save, so it counts. Our own
 * sources are transpiled in one call and kept on disk by their content, and what few deployments use is loaded at its first
 * use: the AWS clients, and what the Pulumi SDK has for functions that it may have to serialize.
 */
const { createHash } = require("node:crypto");
const { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { dirname, join, resolve } = require("node:path");

const root = resolve(__dirname, "../..");
const kept = join(root, ".daybreak", "transpiled.json");
const folders = ["contracts", "infra", "spec", "local"].filter((folder) => existsSync(join(root, folder)));
const loadedLate = /^(typescript|@npmcli\/arborist|@aws-sdk\/client-[\w-]+)$/;

const transpiling = {
  format: "cjs",
  target: "node20",
  // Node's own import() knows nothing of TypeScript; without it, esbuild makes it a require, which does by now.
  supported: { "dynamic-import": false },
};

const hash = (...texts) => createHash("sha256").update(texts.join("\0")).digest("hex");

/** What is kept counts only if it was made from these sources by this esbuild, and is whole. */
function readKept(key) {
  try {
    const [text, sum] = readFileSync(kept, "utf8").split("\n");
    return sum === hash(key, text) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** The JavaScript of our own sources, by file. */
function transpile() {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).flatMap((name) =>
      name.endsWith(".ts") ? [join(root, folder, name)] : [],
    ),
  );
  const { version } = require("esbuild/package.json");
  const key = hash(
    version,
    JSON.stringify(transpiling),
    ...files.flatMap((file) => [file, readFileSync(file, "utf8")]),
  );
  const known = readKept(key);
  if (known !== undefined) return known;
  const { outputFiles } = require("esbuild").buildSync({
    ...transpiling,
    entryPoints: files,
    outdir: root,
    outbase: root,
    write: false,
  });
  const made = Object.fromEntries(outputFiles.map(({ path, text }) => [path.replace(/\.js$/, ".ts"), text]));
  const text = JSON.stringify(made);
  mkdirSync(dirname(kept), { recursive: true });
  writeFileSync(`${kept}.${process.pid}`, `${text}\n${hash(key, text)}`);
  renameSync(`${kept}.${process.pid}`, kept);
  return made;
}

Module.enableCompileCache?.(join(root, ".daybreak", "compiled"));

const transpiled = transpile();
Module._extensions[".ts"] = (module, file) => {
  const { transformSync } = transpiled[file] === undefined ? require("esbuild") : {};
  const text = transpiled[file] ?? transformSync(readFileSync(file, "utf8"), { ...transpiling, loader: "ts" }).code;
  module._compile(text, file);
};

const load = Module._load;
Module._load = (request, parent, isMain) => {
  if (!loadedLate.test(request)) return load(request, parent, isMain);
  const get = (_, property) => property === "__esModule" || load(request, parent, isMain)[property];
  return new Proxy({}, { get });
};
