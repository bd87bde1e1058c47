import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@daybreak/local";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type DemoResult, runDemo } from "../../cli/demo/demo";
import type { Summary } from "../../contracts/summary";
import { loadPipeline } from "../../spec/load";

const pipelinesFolder = join(__dirname, "..", "..", "pipelines");

describe("the demo on CDNOW's data", () => {
  let home: string;
  let result: DemoResult;
  let summary: Summary;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), "daybreak-loop-"));
    result = await runDemo({
      spec: loadPipeline(join(pipelinesFolder, "cdnow")),
      pipelinesFolder,
      data: undefined,
      port: await freePort(),
      keep: false,
      home,
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
    expect(summary.models[1]?.trigger.type).toBe("drift");
  });

  test("detects drift in the live traffic, which raises the alarm, posts to Slack and starts one training run", () => {
    const drifted = summary.drift.filter(({ status }) => status === "drift");
    expect(drifted[0]).toMatchObject({ version: 1, consequence: { outcome: "retraining-started" } });
    expect(summary.drift.at(-1)).toMatchObject({ version: 2, status: "stable" });
    expect(summary.alarms).toContainEqual(expect.objectContaining({ state: "ALARM" }));
    expect(summary.alerts.map(({ title }) => title).join("\n")).toMatch(/drift/i);
    expect(summary.runs.filter(({ trigger }) => trigger.type === "drift")).toHaveLength(1);
  });

  test("replaces v1 by v2 without a failed request", () => {
    expect(summary.deployments.map(({ version, outcome }) => [version, outcome])).toEqual([
      [1, "deployed"],
      [2, "deployed"],
    ]);
    expect(summary.deployments[1]?.requests_during).toBeGreaterThan(10);
    expect(summary.requests).toMatchObject({ failed: 0, errors: {} });
    expect(Object.keys(summary.requests.by_version).sort()).toEqual(["1", "2"]);
  });

  test("writes a report as a page and as JSON and leaves no process running", async () => {
    expect(readFileSync(result.reportFile, "utf8")).toContain(summary.headline.split(";")[0]);
    expect(existsSync(result.summaryFile)).toBe(true);
    await expect(fetch(result.endpoint)).rejects.toThrow();
  });
});
