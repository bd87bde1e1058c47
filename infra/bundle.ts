/** Lambda code: each handler and what it imports becomes one file. */
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { buildSync } from "esbuild";

/** Bundles by Lambda, by repository. They are the same for every pipeline, and a deployment runs the program twice. */
const bundled = new Map<string, ReadonlyMap<string, string>>();

/** Bundles every `lambdas/<name>/handler.ts` at once, which shares the reading of what they have in common. */
function bundleAll(root: string): ReadonlyMap<string, string> {
  const entryPoints = readdirSync(join(root, "lambdas"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "shared")
    .map((entry) => `lambdas/${entry.name}/handler.ts`);
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints,
    outdir: "bundles",
    outbase: "lambdas",
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
  return new Map(outputFiles.map((file) => [basename(dirname(file.path)), file.text]));
}

/**
 * The code of `lambdas/<name>/handler.ts` as one minified file. It depends on the sources only, never on the folder they
 * are in, so that two machines deploy the same bytes.
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

/** What Lambda gets: the bundle, and beside it the pipeline's description for those that work by it. */
export function lambdaCode(root: string, name: string, spec?: object): pulumi.asset.AssetArchive {
  return new pulumi.asset.AssetArchive({
    "index.js": new pulumi.asset.StringAsset(bundleHandler(root, name)),
    ...(spec === undefined ? {} : { "pipeline.json": new pulumi.asset.StringAsset(JSON.stringify(spec)) }),
  });
}
