/** The lint rules about imports between folders, checked with files that violate them. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const root = join(__dirname, "..", "..");
let copy: string;

beforeAll(() => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), "daybreak-imports-")));
  for (const file of ["biome.json", "pyproject.toml", "local/pyproject.toml"])
    cpSync(join(root, file), join(copy, file));
});
afterAll(() => rmSync(copy, { recursive: true }));

/** Writes the files, each with one import, and returns those in which the linter reports a forbidden import. */
function refused(imports: [file: string, line: string][], command: string, args: string[], sign: RegExp): string[] {
  for (const [file, line] of imports) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    writeFileSync(join(copy, file), `${line}\n`);
  }
  const { stdout } = spawnSync(command, args, { cwd: copy, encoding: "utf8" });
  return [...stdout.matchAll(sign)].map(([, file = ""]) => relative(copy, resolve(copy, file))).sort();
}

const typescript = (imports: [string, string][]) =>
  refused(
    imports.map(([file, module]) => [file, `import "${module}";`]),
    join(root, "node_modules", ".bin", "biome"),
    ["lint", "--vcs-enabled=false", "--reporter=github", "."],
    /lint\/style\/noRestrictedImports,file=([^,]+)/g,
  );

const python = (imports: [string, string][]) =>
  refused(
    imports.map(([file, module]) => [file, `import ${module}`]),
    join(root, ".daybreak", "python", "bin", "ruff"),
    ["check", "--no-cache", "--select=TID251", "--output-format=concise", "."],
    /^([^:]+):\S+ TID251/gm,
  );

test("TypeScript: the product, the command line and the local cloud import only what they may", () => {
  const wrong: [string, string][] = [
    ["cli/a.ts", "../local/client/cloud"],
    ["contracts/a.ts", "../local/account"],
    ["infra/a.ts", "@daybreak/local"],
    ["infra/b.ts", "../cli/shared/paths"],
    ["infra/stages/a.ts", "../../local/deploy/values"],
    ["lambdas/run-plan/a.ts", "../../local/account"],
    ["local/client/a.ts", "../../spec/pipeline"],
    ["local/client/b.ts", "../../cli/shared/paths"],
    ["local/deploy/a.ts", "../../infra/stack"],
    ["spec/a.ts", "../local/account"],
    ["test/loop/a.ts", "@daybreak/local/client/cloud"],
  ];
  const right: [string, string][] = [
    ["cli/right.ts", "@daybreak/local"],
    ["local/client/right.ts", "../account"],
    ["local/deploy/program.ts", "../../infra/stack"],
  ];
  expect(typescript([...wrong, ...right])).toEqual(wrong.map(([file]) => file));
});

test("Python: the product and the local cloud do not import each other", () => {
  const wrong: [string, string][] = [
    ["glue-scripts/etl/a.py", "daybreak_local.spark"],
    ["local/daybreak_local/cloud/a.py", "etl"],
    ["local/daybreak_local/spark/worker.py", "etl.shared.spec"],
    ["model/a.py", "daybreak_local"],
  ];
  const right: [string, string][] = [["local/daybreak_local/spark/right.py", "daybreak_local.account"]];
  expect(python([...wrong, ...right])).toEqual(wrong.map(([file]) => file));
});
