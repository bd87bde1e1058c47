/** The whole program, judged by the checkers of other projects: checkov over a plan, parliament over the policy of each role. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { identityPolicies } from "../../policy/statements";
import type { Recording } from "../infra/support/record";
import { root } from "../infra/support/root";
import { githubSettings, programSettings, wholeProgram } from "../infra/support/whole-program";
import { terraformPlan } from "./terraform-plan";

const tools = join(root, ".daybreak", "policy-tools", "bin");
const folder = mkdtempSync(join(tmpdir(), "daybreak-policy-"));
/** Checker → finding, or how findings of parliament begin → why it is accepted. */
const accepted: Record<"checkov" | "parliament", Record<string, string>> = JSON.parse(
  readFileSync(join(root, "policy", "accepted.json"), "utf8"),
);
let program: Recording;

beforeAll(async () => {
  // The strictest environment, and what the program has only where GitHub deploys models.
  program = await wholeProgram({ ...programSettings("prod"), ...githubSettings });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Report {
  summary: { passed: number; parsing_errors: number; resource_count: number };
  results: { failed_checks: { check_id: string; check_name: string; resource: string }[] };
}

it("fails no check of checkov but the accepted ones, and each of these still fails", () => {
  const plan = join(folder, "plan.json");
  writeFileSync(plan, JSON.stringify(terraformPlan(program.resources)));
  const options = ["--framework", "terraform_plan", "--output", "json", "--quiet", "--compact", "--skip-download"];
  const { stdout, stderr } = spawnSync(join(tools, "checkov"), ["--file", plan, ...options], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (!stdout.startsWith("{")) throw new Error(`checkov wrote no report: ${stdout}${stderr}`);
  const { summary, results }: Report = JSON.parse(stdout);
  expect(summary.parsing_errors).toBe(0);
  expect(summary.passed).toBeGreaterThan(1000);
  const failed = results.failed_checks.filter(({ check_id }) => accepted.checkov[check_id] === undefined);
  expect(failed.map(({ check_id, check_name, resource }) => `${check_id} ${resource}: ${check_name}`)).toEqual([]);
  const found = new Set(results.failed_checks.map(({ check_id }) => check_id));
  expect(Object.keys(accepted.checkov).filter((id) => !found.has(id))).toEqual([]);
});

it("finds nothing in the template that prepares an account for GitHub", () => {
  const file = join(root, "setup", "delivery-account.yaml");
  const options = ["--framework", "cloudformation", "--output", "json", "--compact", "--skip-download"];
  const { stdout } = spawnSync(join(tools, "checkov"), ["--file", file, ...options], { encoding: "utf8" });
  const { summary, results }: Report = JSON.parse(stdout);
  expect(summary).toMatchObject({ parsing_errors: 0, resource_count: 7 });
  expect(results.failed_checks).toEqual([]);
});

const judge = `
import json, sys
from parliament import analyze_policy_string
for name, policy in json.load(sys.stdin).items():
    for found in analyze_policy_string(policy).findings:
        detail = found.detail[0] if isinstance(found.detail, list) else found.detail
        action = detail.get("action", "") if isinstance(detail, dict) else str(detail)
        print(json.dumps({"policy": name, "finding": f"{found.issue} {action}".strip()}))
`;

function parliament(policies: Record<string, unknown>): { policy: string; finding: string }[] {
  const options = { input: JSON.stringify(policies), encoding: "utf8", maxBuffer: 2 ** 26 } as const;
  const lines = execFileSync(join(tools, "python"), ["-W", "ignore", "-c", judge], options).split("\n");
  return lines.filter(Boolean).map((line) => JSON.parse(line));
}

it("has roles with whose policies parliament finds nothing wrong but what is accepted", () => {
  const policies = Object.entries(identityPolicies).flatMap(([type, property]) =>
    program.all(type).map(({ name, inputs }) => [name, inputs[property]]),
  );
  expect(policies.length).toBeGreaterThan(30);
  const found = parliament(Object.fromEntries(policies));
  const starts = Object.keys(accepted.parliament);
  expect(found.filter(({ finding }) => !starts.some((start) => finding.startsWith(start)))).toEqual([]);
  expect(starts.filter((start) => !found.some(({ finding }) => finding.startsWith(start)))).toEqual([]);
});

it("is judged by a parliament that knows actions and their resources", () => {
  const statement = { Effect: "Allow", Action: "s3:GetObjekt", Resource: "arn:aws:s3:::lake/*" };
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
  expect(parliament({ misspelt: policy }).map(({ finding }) => finding)).toEqual([
    expect.stringMatching(/^UNKNOWN_ACTION/),
  ]);
});
