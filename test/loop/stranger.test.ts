import { rmSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@daybreak/local";
import { afterEach, describe, expect, test } from "@jest/globals";
import { type DemoResult, runDemo } from "../../cli/demo/demo";
import { checkSql } from "../../cli/shared/sql";
import { loadPipeline } from "../../spec/load";
import { makeStranger, type Stranger } from "./stranger";

let stranger: Stranger;
afterEach(() => rmSync(stranger.folder, { recursive: true, force: true }));

const specOf = ({ pipelinesFolder }: Stranger) => loadPipeline(join(pipelinesFolder, "machines"));

async function demoOf(made: Stranger): Promise<DemoResult> {
  stranger = made;
  return runDemo({
    spec: specOf(made),
    pipelinesFolder: made.pipelinesFolder,
    data: made.data,
    port: await freePort(),
    keep: false,
    home: join(made.folder, "home"),
  });
}

describe("a user's own pipeline, with nothing changed outside its folder", () => {
  test("finishes with a refused model if the label is noise, and quarantines bad rows with their reasons", async () => {
    const { summary } = await demoOf(makeStranger());
    const { bad } = stranger;

    expect(summary.outcome).toBe("refused");
    expect(summary.models).toMatchObject([{ version: null, stage: "Refused", lineage: {} }]);
    expect(
      summary.models[0]?.verdict
        .filter(({ passed }) => !passed)
        .map(({ rule }) => rule)
        .join(),
    ).toMatch(/auc/i);
    expect(summary.headline).toMatch(/refused.*auc/i);
    expect(summary.alerts.map(({ title }) => title).join()).toMatch(/refused/i);
    expect(summary.deployments).toEqual([]);

    const { quarantined, duplicates, lost, doubled, sent, published } = summary.events;
    expect(quarantined).toEqual({
      "wrong_type:vibration": bad.wrongType,
      "missing_field:vibration": bad.missing,
      future: bad.future,
      too_large: bad.tooLarge,
    });
    expect({ duplicates, lost, doubled }).toEqual({ duplicates: bad.duplicates, lost: 0, doubled: 0 });
    expect(published).toBe(sent - bad.wrongType - bad.missing - bad.future - bad.tooLarge - bad.duplicates);
  });

  test("stops at training if the label has only one class, and the alert says why", async () => {
    const label = "SELECT as_of, machine, 0 AS will_fail FROM entities";
    const { summary } = await demoOf(makeStranger({ label }));

    expect(summary.outcome).toBe("failed");
    expect(summary.headline).toMatch(/class/i);
    expect(summary.alerts.map(({ text }) => text).join("\n")).toMatch(/class/i);
    expect(summary.models).toEqual([]);
    expect(summary.events).toMatchObject({ lost: 0, doubled: 0 });
  });

  test("rejects SQL with an unknown column before anything starts", async () => {
    stranger = makeStranger({
      features:
        "SELECT as_of, machine, count(*) AS readings, avg(vibrations) AS mean_vibration FROM events GROUP BY as_of, machine",
    });
    await expect(checkSql(specOf(stranger))).rejects.toThrow(/features\.sql.*vibrations/s);
  });

  test("rejects SQL that does not parse before anything starts", async () => {
    stranger = makeStranger({ label: "SELECT as_of, machine, FROM entities WHERE" });
    await expect(checkSql(specOf(stranger))).rejects.toThrow(/label\.sql/);
  });
});
