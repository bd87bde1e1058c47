/** Lambda code: each handler and what it imports becomes one file. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { buildSync } from "esbuild";

/** Bundling is the same for every pipeline, and a deployment runs the program twice. */
const bundled = new Map<string, string>();

/**
 * The code of `lambdas/<name>/handler.ts` as one minified file. It depends on the sources only, never on the folder they
 * are in, so that two machines deploy the same bytes.
 */
export function bundleHandler(root: string, name: string): string {
  const entry = join("lambdas", name, "handler.ts");
  const key = join(root, entry);
  const known = bundled.get(key);
  if (known !== undefined) return known;
  if (!existsSync(key)) throw new Error(`There is no Lambda handler ${entry} in ${root}.`);
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    minify: true,
    treeShaking: true,
    platform: "node",
    target: "node22",
    format: "cjs",
    mainFields: ["module", "main"],
    legalComments: "none",
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`esbuild made nothing of ${entry}.`);
  bundled.set(key, file.text);
  return file.text;
}

/** What Lambda gets: the bundle, and beside it the pipeline's description for those that work by it. */
export function lambdaCode(root: string, name: string, spec?: object): pulumi.asset.AssetArchive {
  return new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset(bundleHandler(root, name)),
    ...(spec === undefined ? {} : { "pipeline.json": new pulumi.asset.StringAsset(JSON.stringify(spec)) }),
  });
}
