import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { linear } from "../../../cli/report/charts/scale";
import { html } from "../../../cli/report/html";
import { renderPage } from "../../../cli/report/page";
import { writeReport } from "../../../cli/report/write";
import { summary as summaryContract } from "../../../contracts/summary";
import { modelFixture, summaryFixture } from "./summary.fixture";

describe("the report page", () => {
  test("states the outcome and the figures of both versions", () => {
    const page = renderPage(summaryFixture());
    for (const text of [
      "v2 replaced v1 under traffic",
      "0 lost, 0 doubled",
      "0.736",
      "0.722",
      "3 Nov 1997",
      "wrong type: amount",
    ]) {
      expect(page).toContain(text);
    }
  });

  test("loads no script and nothing from another host", () => {
    const page = renderPage(summaryFixture());
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:\/\//);
  });

  test("shows a Slack message without emoji and with complete ARNs", () => {
    const arn = "arn:aws:states:us-east-1:000000000000:execution:daybreak-dev-cdnow-run:drift-1";
    const alerts = [
      { at: "2026-11-22T23:13:21.000Z", title: ":ocean: drift", text: `:x: *auc* 0.5\nexecution \`${arn}\`` },
    ];
    const page = renderPage(summaryFixture({ alerts }));
    for (const text of ["<b>drift</b>", "<span>auc 0.5</span>", `<span>execution ${arn}</span>`]) {
      expect(page).toContain(text);
    }
  });

  test("has no NaN or undefined in any drawing", () => {
    expect(renderPage(summaryFixture())).not.toMatch(/NaN|Infinity|undefined|\[object/);
  });

  test("escapes external text", () => {
    const page = renderPage(summaryFixture({ headline: '<img src=x onerror="alert(1)">' }));
    expect(page).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
  });

  test("is complete when the gate refuses the model, and quotes the gate", () => {
    const refused = modelFixture(1, {
      version: null,
      stage: "Refused",
      registered_at: null,
      approval: null,
      verdict: [{ rule: "minimum_auc", expected: ">= 0.68", actual: 0.51, passed: false }],
      lineage: {},
    });
    const page = renderPage(
      summaryFixture({ outcome: "refused", models: [refused], drift: [], deployments: [], alarms: [], alerts: [] }),
    );
    for (const text of ["AUC, refused", "0.5100", "Nothing was deployed", "No drift check was made"])
      expect(page).toContain(text);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("is complete when a run stopped early", () => {
    const page = renderPage(
      summaryFixture({
        ...{
          outcome: "failed",
          headline: "The run stopped: no rows",
          models: [],
          drift: [],
          deployments: [],
          runs: [],
        },
        ...{ alarms: [], alerts: [], stages: [], git: null, seconds: 0 },
      }),
    );
    expect(page).toContain("No training run finished");
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });
});

test("both report files state the same facts", () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  try {
    const { summaryFile, reportFile } = writeReport(summaryFixture(), folder);
    const summary = summaryContract.parse(JSON.parse(readFileSync(summaryFile, "utf8")));
    expect(renderPage(summary)).toBe(readFileSync(reportFile, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("templates escape text but not markup", () => {
  expect(html`<b title="${'"'}">${"<"}${html`<i/>`}${[1, html`<u/>`]}${undefined}${false}</b>`.toString()).toBe(
    '<b title="&quot;">&lt;<i/>1<u/></b>',
  );
});

test("an axis has round tick values that cover its values", () => {
  const scale = linear([0, 0.75], [0, 100]);
  expect(scale.ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
  expect([scale(0), scale(0.8)]).toEqual([0, 100]);
  expect(linear([3, 3], [0, 10]).ticks.every(Number.isFinite)).toBe(true);
});
