/** The workflows on GitHub: what actionlint says of them, and what it does not look at. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, test } from "@jest/globals";
import { parse } from "yaml";
import { z } from "zod";

const root = join(__dirname, "..", "..", "..");
const folder = join(root, ".github", "workflows");
const read = (file: string) => readFileSync(join(folder, file), "utf8");
const files = readdirSync(folder);

const permissions = z.record(z.string(), z.string());
const step = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
});
const job = z.object({ permissions, environment: z.string().optional(), steps: z.array(step).default([]) });
const workflow = z.object({ permissions, jobs: z.record(z.string(), job) });

const jobs = files.flatMap((file) => {
  const parsed = workflow.parse(parse(read(file)));
  return Object.entries(parsed.jobs).map(([name, found]) => ({ file, name, top: parsed.permissions, ...found }));
});
const steps = jobs.flatMap((found) => found.steps);
const { scripts, dependencies } = z
  .object({ scripts: permissions, dependencies: permissions })
  .parse(JSON.parse(readFileSync(join(root, "package.json"), "utf8")));

/** The linters of scripts are off: what they say would depend on whether this machine has them. */
function actionlint(cwd: string): { status: number | null; stdout: string } {
  const binary = join(root, ".daybreak", "python", "bin", "actionlint");
  const { status, stdout, stderr } = spawnSync(binary, ["-no-color", "-shellcheck=", "-pyflakes="], {
    ...{ cwd, encoding: "utf8" },
  });
  return { status, stdout: stdout + stderr };
}

describe("actionlint", () => {
  it("finds nothing in the workflows", () => {
    expect(actionlint(root)).toEqual({ status: 0, stdout: "" });
  });

  it("finds a script into which a stranger can write", () => {
    const made = mkdtempSync(join(tmpdir(), "daybreak-actionlint-"));
    try {
      mkdirSync(join(made, ".git"));
      mkdirSync(join(made, ".github", "workflows"), { recursive: true });
      const run = "echo $" + "{{ github.event.pull_request.title }}";
      writeFileSync(
        join(made, ".github", "workflows", "bad.yml"),
        `on: pull_request\njobs: { a: { runs-on: ubuntu-24.04, steps: [{ run: "${run}" }] } }\n`,
      );
      expect(actionlint(made)).toMatchObject({ status: 1, stdout: expect.stringContaining("potentially untrusted") });
    } finally {
      rmSync(made, { recursive: true });
    }
  });
});

test("actions are pinned to commits, with their versions beside them", () => {
  const used = files.flatMap((file) => [...read(file).matchAll(/uses: (.+)/g)].map(([, what = ""]) => what));
  expect(used.length).toBeGreaterThan(10);
  const pinned = /^(\.\/\.github\/workflows\/[\w-]+\.yml|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/;
  expect(used.filter((what) => !pinned.test(what))).toEqual([]);
});

test("steps run npm scripts, and write nothing of an event into them", () => {
  const ran = steps.flatMap(({ run }) => run ?? []);
  const script = (run: string) => /^npm (?:run )?([\w-]+)/.exec(run)?.[1] ?? "";
  const others = ran.filter((run) => !Object.keys(scripts).includes(script(run)));
  expect(others.filter((run) => !/^(npm ci|gh pr comment "\$NUMBER" [^|;&]*)$/.test(run))).toEqual([]);
  expect(ran.filter((run) => run.includes("$" + "{{") || run.includes("\n"))).toEqual([]);
});

test("no job may do more than it needs, and none has a long-lived key", () => {
  for (const { top, file, name, permissions: granted, steps: own, environment } of jobs) {
    expect({ file, top }).toEqual({ file, top: {} });
    const assumes = own.some(({ uses = "" }) => uses.startsWith("aws-actions/configure-aws-credentials@"));
    const comments = own.some(({ run = "" }) => run.startsWith("gh pr comment"));
    const calls = own.length === 0 && file === "merge.yml" && name !== "checks";
    const needed = {
      contents: "read",
      ...(assumes || calls ? { "id-token": "write" } : {}),
      ...(comments ? { "pull-requests": "write" } : {}),
    };
    expect({ file, name, granted }).toEqual({ file, name, granted: needed });
    // The subject of the token names the environment.
    if (assumes) expect({ file, environment }).toEqual({ file, environment: expect.stringMatching(/./) });
  }
  expect(files.filter((file) => /secrets\.|aws-secret-access-key/.test(read(file)))).toEqual([]);
});

test("the Pulumi CLI has the version of the program's SDK", () => {
  const versions = steps.flatMap((one) => one.with?.["pulumi-version"] ?? []);
  expect(new Set(versions)).toEqual(new Set([dependencies["@pulumi/pulumi"]]));
});
