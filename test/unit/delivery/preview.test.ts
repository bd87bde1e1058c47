import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { commentOf } from "../../../cli/delivery/preview";

const root = join(__dirname, "..", "..", "..");

it("a comment's fence is longer than any in the output", () => {
  expect(commentOf("dev", "+ a: ```x```\n", 0)).toBe(
    "### What merging this changes in dev\n\n````text\n+ a: ```x```\n````\n",
  );
});

it("a comment keeps the end of a long output, within GitHub's limit", () => {
  const comment = commentOf("dev", `${"x".repeat(100_000)}\n5 to create`, 0);
  expect(comment.length).toBeLessThan(65_536);
  expect(comment).toMatch(/5 to create\n```\n$/);
});

it("npm run preview runs Pulumi with the policy pack, writes the comment, and fails as Pulumi does", () => {
  const folder = mkdtempSync(join(tmpdir(), "daybreak-preview-"));
  try {
    const pulumi = join(folder, "pulumi");
    writeFileSync(pulumi, '#!/bin/sh\necho "ran: $*"\necho "a policy is violated" >&2\nexit 255\n');
    chmodSync(pulumi, 0o755);
    const file = join(folder, "comment.md");
    const ran = spawnSync("npm", ["run", "--silent", "preview", "--", "prod", "--comment", file], {
      ...{ cwd: root, encoding: "utf8" },
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    });
    expect(ran.status).toBe(255);
    expect(ran.stdout).toContain(
      "ran: preview --policy-pack policy --stack prod --diff --non-interactive --suppress-permalink=true",
    );
    const comment = readFileSync(file, "utf8");
    expect(comment).toContain("### The preview of prod failed");
    expect(comment).toContain("a policy is violated");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
