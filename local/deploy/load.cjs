/**
 * Loads TypeScript in about a third of the time that tsx needs, because the deployer starts on every save. Transpiles the
 * project's sources in one call, caches them on disk by content, and defers loading what few deployments use: the AWS
 * clients, and the Pulumi SDK's function serialization.
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
  // Node's import() cannot load TypeScript: let esbuild turn it into a require, which this loader hooks.
  supported: { "dynamic-import": false },
};

const hash = (...texts) => createHash("sha256").update(texts.join("\0")).digest("hex");

/** The cache is valid only if it is complete and made from these sources by this esbuild version. */
function readKept(key) {
  try {
    const [text, sum] = readFileSync(kept, "utf8").split("\n");
    return sum === hash(key, text) ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}

/** The transpiled JavaScript of the project's sources, by file. */
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
// Node tries the extensions in this order: TypeScript first, as its compiler does, because a .json may have the same name.
const others = Object.entries(Module._extensions);
for (const [extension] of others) delete Module._extensions[extension];
Module._extensions[".ts"] = (module, file) => {
  const { transformSync } = transpiled[file] === undefined ? require("esbuild") : {};
  const text = transpiled[file] ?? transformSync(readFileSync(file, "utf8"), { ...transpiling, loader: "ts" }).code;
  module._compile(text, file);
};
for (const [extension, loader] of others) Module._extensions[extension] ??= loader;

const load = Module._load;
Module._load = (request, parent, isMain) => {
  if (!loadedLate.test(request)) return load(request, parent, isMain);
  const get = (_, property) => property === "__esModule" || load(request, parent, isMain)[property];
  return new Proxy({}, { get });
};
