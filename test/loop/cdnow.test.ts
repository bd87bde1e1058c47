import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { awsVariables, freePort, localStatus } from "@daybreak/local";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { LocalCloud } from "../../cli/clouds/registry";
import { type DemoResult, runDemo } from "../../cli/demo/demo";
import { main } from "../../cli/main";
import type { Summary } from "../../contracts/summary";
import { loadPipeline } from "../../spec/load";
import { type JudgedGrant, judgeGrants, unexplained } from "./grants";
import { unusedGrants } from "./unused-grants";

const pipelinesFolder = join(__dirname, "..", "..", "pipelines");

/** Deletes the stack as `pulumi destroy` does; returns what the deployer prints, also if it fails. */
function destroy(cloud: LocalCloud): string {
  const folder = join(dirname(cloud.home), "deploy");
  const state = ["--state", join(folder, "state.json"), "--config", join(folder, "config.json"), "--yes"];
  const deployer = join(__dirname, "..", "..", "local", "deploy", "start.cjs");
  const args = [deployer, "--endpoint", cloud.endpoint, ...state, "--program", join(__dirname, "nothing.ts")];
  return spawnSync(process.execPath, args, { env: { ...process.env, ...awsVariables(cloud) }, encoding: "utf8" })
    .stdout;
}

describe("the demo on CDNOW's data", () => {
  let home: string;
  let result: DemoResult;
  let summary: Summary;
  let grants: JudgedGrant[];
  let ended: { destroyedBefore: string; teardown: number; destroyed: string; status: unknown };

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "daybreak-loop-"));
    result = await runDemo({
      spec: loadPipeline(join(pipelinesFolder, "cdnow")),
      pipelinesFolder,
      data: undefined,
      port: await freePort(),
      keep: false,
      home,
      afterwards: async (cloud) => {
        grants = await judgeGrants(cloud);
        const destroyedBefore = destroy(cloud);
        const teardown = await main(["node", "daybreak", "teardown", "cdnow", "--yes"]);
        ended = { destroyedBefore, teardown, destroyed: destroy(cloud), status: await localStatus(cloud) };
      },
    });
    summary = result.summary;
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  test("brings a second model version into service", () => {
    expect(summary).toMatchObject({ outcome: "second version serves" });
    expect(summary.infrastructure.resources).toBeGreaterThan(100);
  });

  test("loses and duplicates no event, as counted at the stream, in the raw files and in the tables", () => {
    const { sent, landed, published, quarantined, duplicates, waiting, lost, doubled, rejected } = summary.events;
    expect({ lost, doubled, rejected, waiting }).toEqual({ lost: 0, doubled: 0, rejected: 0, waiting: 0 });
    expect(sent).toBe(69_659);
    expect(landed).toBe(sent);
    expect(published + duplicates + Object.values(quarantined).reduce((sum, one) => sum + one, 0)).toBe(sent);
    expect(summary.runs.reduce((sum, { published }) => sum + published, 0)).toBe(published);
  });

  test("registers two versions that passed the gate, with their lineage; the first stays available for a rollback", () => {
    expect(summary.models.map(({ version, stage }) => [version, stage])).toEqual([
      [1, "Approved"],
      [2, "Production"],
    ]);
    for (const model of summary.models) {
      expect(model.verdict.every(({ passed }) => passed)).toBe(true);
      expect(model.evaluation?.metrics.auc).toBeGreaterThan(0.68);
      expect(model.importance.length).toBeGreaterThan(5);
      expect(model.lineage).toMatchObject({
        run_id: expect.stringMatching(/\S/),
        git_commit: expect.stringMatching(/^[0-9a-f]{7,40}$/),
        events_snapshot_id: expect.stringMatching(/^\d+$/),
        feature_snapshot_id: expect.stringMatching(/^\d+$/),
      });
    }
    expect(summary.models[1]?.champion?.metrics.auc).toEqual(expect.any(Number));
    expect(summary.models[1]?.trigger.reason).toMatch(/schedule/);
  });

  test("trains on as-of days with whole windows only, and says how many are left out", () => {
    const [first, second] = summary.runs.filter(({ mode }) => mode === "train");
    // Mondays from 1997-06-02, 182 days before the as-of day, to 1997-06-23: their windows of 180 days begin before 1997-01-01.
    expect(first).toMatchObject({ outcome: "registered", incomplete_windows: 4 });
    expect(second).toMatchObject({ outcome: "registered", incomplete_windows: 0 });
    expect(summary.models[0]?.lineage.fitted_cutoffs).toMatch(/^1997-06-30 to /);
  });

  test("detects no drift, since these customers are steady once the windows are whole", () => {
    expect(summary.drift.length).toBeGreaterThan(3);
    expect(summary.drift.filter(({ status }) => status !== "stable")).toEqual([]);
    expect(summary.drift[0]).toMatchObject({ version: 1 });
    expect(summary.drift.at(-1)).toMatchObject({ version: 2 });
    expect(summary.runs.filter(({ trigger }) => trigger.type === "drift")).toEqual([]);
  });

  test("replaces v1 by v2 without a failed request", () => {
    expect(summary.deployments.map(({ version, outcome }) => [version, outcome])).toEqual([
      [1, "deployed"],
      [2, "deployed"],
    ]);
    expect(summary.deployments[1]?.requests_during).toBeGreaterThan(10);
    // The errors first: toMatchObject would not say what they were.
    expect(summary.requests.errors).toEqual({});
    expect(summary.requests.failed).toBe(0);
    expect(Object.keys(summary.requests.by_version).sort()).toEqual(["1", "2"]);
  });

  test("answers from what is stored, and refuses customers whose features are old", () => {
    expect(summary.serving.length).toBeGreaterThan(1);
    for (const check of summary.serving) {
      expect(check).toMatchObject({ status: "faithful", unidentified: 0, unreadable: 0, stale: 0 });
      expect(check.requests).toBeGreaterThan(0);
    }
    const compared = summary.serving.map(({ scores }) => scores.compared);
    expect(Math.max(...compared)).toBeGreaterThan(0);
    // Ten are asked about on purpose at each check.
    expect(summary.requests.stale).toBeGreaterThanOrEqual(20);
  });

  test("writes a report as a page and as JSON", () => {
    expect(readFileSync(result.reportFile, "utf8")).toContain(summary.headline.split(";")[0]);
    expect(existsSync(result.summaryFile)).toBe(true);
  });

  test("uses every grant of its roles, except those that are listed with their reason", () => {
    expect(grants.filter(({ used }) => used).length).toBeGreaterThan(200);
    expect(unexplained(grants, unusedGrants)).toEqual([]);
  });

  test("needs every grant that it uses: without it, a call of the loop is refused", () => {
    expect(grants.filter(({ used, needed }) => used && !needed)).toEqual([]);
  });

  test("is gone when told to go: after `teardown`, the stack's deletion leaves nothing behind", () => {
    expect(ended.destroyedBefore).toContain("npx daybreak teardown");
    expect(ended.teardown).toBe(0);
    const [last = ""] = ended.destroyed.trim().split("\n").slice(-1);
    expect(JSON.parse(last)).toMatchObject({ type: "outputs", summary: { created: 0, updated: 0 } });
    expect(ended.status).toMatchObject({ sagemaker: { endpoints: {} } });
  });

  test("leaves no process running", async () => {
    await expect(fetch(result.endpoint)).rejects.toThrow();
  });
});
