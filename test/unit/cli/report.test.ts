import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { sentence } from "../../../cli/report/format";
import { html } from "../../../cli/report/html";
import { renderPage } from "../../../cli/report/page";
import { writeReport } from "../../../cli/report/write";
import { summary as summaryContract } from "../../../contracts/summary";
import { featureOf } from "../drift-fixture";
import { hostileNames, reportCases } from "./report.cases";
import { readMarkup } from "./report.markup";
import { modelFixture, summaryFixture } from "./summary.fixture";

const pageOf = (name: keyof typeof reportCases) => {
  const make = reportCases[name];
  if (make === undefined) throw new Error(`no case ${name}`);
  return renderPage(make());
};
const textOf = (page: string) =>
  readMarkup(page)
    .filter(({ name }) => name === "body")
    .map(({ text }) => text)
    .join("")
    .replace(/\s+/g, " ");

describe.each(Object.keys(reportCases))("the page where %s", (name) => {
  const page = pageOf(name);
  const tags = readMarkup(page);
  const all = (...names: string[]) => tags.filter((tag) => names.includes(tag.name));

  test("is written from a summary that keeps the contract", () => {
    const summary = reportCases[name]?.();
    expect(summaryContract.parse(JSON.parse(JSON.stringify(summary)))).toBeTruthy();
  });

  test("has no value that is none", () => {
    const found = page.replace(/<style>[^<]*<\/style>/, "").match(/.{40}(NaN|Infinity|undefined|null|\[object).{40}/);
    expect(found).toBeNull();
  });

  test("loads and runs nothing: no script, no address, and a policy that forbids both", () => {
    expect(all("script", "link", "img", "iframe", "object")).toEqual([]);
    expect(page.match(/@import|url\(|https?:\/\//)).toBeNull();
    const attributes = tags.flatMap((tag) => Object.entries(tag.attributes));
    expect(attributes.filter(([key]) => key.startsWith("on") || key === "src")).toEqual([]);
    expect(attributes.filter(([key, value]) => key === "href" && !value.startsWith("#"))).toEqual([]);
    expect(all("meta").map((tag) => tag.attributes.content)).toContain("default-src 'none'; style-src 'unsafe-inline'");
  });

  test("has one main heading, and none that skips a level", () => {
    const levels = all("h1", "h2", "h3", "h4", "h5").map((tag) => Number(tag.name[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [position, level] of levels.entries())
      expect(level).toBeLessThanOrEqual((levels[position - 1] ?? 0) + 1);
  });

  test("leads to each of its sections, and names it by its heading", () => {
    const ids = tags.flatMap(({ attributes }) => attributes.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { attributes } of all("a")) expect(ids).toContain(attributes.href?.slice(1));
    const sections = all("section");
    expect(sections.length).toBeGreaterThan(5);
    for (const { attributes } of sections) expect(ids).toContain(attributes["aria-labelledby"]);
  });

  test("says of every table what it shows, and which cells are headings", () => {
    expect(all("caption").filter(({ text }) => text.trim() === "")).toEqual([]);
    expect(all("caption")).toHaveLength(all("table").length);
    for (const { attributes, text } of all("th")) expect([attributes.scope, text.trim()]).not.toContain("");
    for (const { attributes } of all("th")) expect(["row", "col", "colgroup"]).toContain(attributes.scope);
  });

  test("says of every chart and every scrolling part what it shows, and lets the keyboard reach the latter", () => {
    const drawn = tags.filter(({ attributes }) => attributes.role === "img");
    for (const { attributes } of drawn) expect(attributes["aria-label"]).not.toBe("");
    for (const { attributes } of all("svg")) {
      expect(attributes.role === "img" || attributes["aria-hidden"] === "true").toBe(true);
    }
    for (const { attributes } of tags.filter(({ attributes: { class: names } }) => names === "scroll")) {
      expect(attributes).toMatchObject({ tabindex: "0", role: "region", "aria-label": expect.stringMatching(/./) });
    }
  });
});

describe("the page", () => {
  test("says what came of it, with the figures of both versions", () => {
    const text = textOf(pageOf("a second version serves"));
    for (const part of [
      "v2 replaced v1 under traffic",
      "0 lost, 0 doubled",
      "0.736",
      "0.722",
      "3 Nov 1997",
      "wrong type: amount",
    ]) {
      expect(text).toContain(part);
    }
  });

  test("tells in the data's order what happened, and joins checks that found the same", () => {
    const titles = readMarkup(pageOf("a second version serves"))
      .filter(({ name, inside }) => name === "b" && inside.includes("ol") && inside.at(-1) === "div")
      .map(({ text }) => text);
    expect(titles.slice(0, 5)).toEqual([
      "v1 passed the gate and was deployed",
      "No drift in 3 checks",
      "Drift",
      "v2 passed the gate and was deployed",
      "No drift in 2 checks",
    ]);
  });

  test("shows a feature's description beside what it says of the feature, not only on hover", () => {
    const tags = readMarkup(pageOf("a second version serves"));
    const description = "Dollars 91 to 180 days ago.";
    const shown = tags.filter(({ name, text }) => (name === "small" || name === "td") && text.includes(description));
    // With its weight, with what drifted, and in the list of all features.
    expect(shown).toHaveLength(3);
  });

  test("says what was emulated, and claims no stage to be the real one", () => {
    const text = textOf(pageOf("a second version serves"));
    for (const part of ["Emulated by ministack", "Emulated by Daybreak", "no AWS account was involved"]) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/every stage (is the real one|runs as it does on AWS)/i);
  });

  test("too little history is told with its reason, and is no failure", () => {
    const text = textOf(pageOf("there is not enough history"));
    for (const part of ["not enough history", "The events begin on 1997-01-01, and 2 as-of days have rows"]) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/failed\b.*A run failed/);
  });

  test("segments have their figures, or say that there are too few rows; the profit is beside the other metrics", () => {
    const text = textOf(pageOf("a second version serves"));
    for (const part of [
      "Of 2 segments, purchase_days up to 1 has the lowest AUC: 0.710 (95 % interval 0.680 to 0.740) on 812 rows, 0.722 overall.",
      "60.0 %too few rows of a class",
      "1.42 1.21–1.63",
      "The threshold is 0.400, the one with the highest F1 on the validation rows.",
      "acting on 2,540 of 3,120; acting on all would bring 1.20.",
    ]) {
      expect(text).toContain(part);
    }
  });

  test("says why a version has fewer training rows than the one before it, in parts that add up", () => {
    const usual = summaryFixture();
    const runs = usual.runs.map((run) => ({ ...run, run_id: "train-1997-08-04", incomplete_windows: 4 }));
    const text = textOf(renderPage({ ...usual, runs }));
    for (const part of [
      "Why does v2 have fewer training rows than v1?",
      "v2 was trained on 8,460 rows: 3 as-of days (30 Jun 1997 to 14 Jul 1997) with 2,820 rows each on average.",
      "v1 was trained on 9,120: 4 as-of days (5 May 1997 to 26 May 1997) with 2,280 rows each on average.",
      "Of the difference of −660 rows, −2,280 come from the number of as-of days and +1,620 from the number of rows",
      "Left out, because their window begins before the first event: 4 as-of days of v1.",
    ]) {
      expect(text).toContain(part);
    }
    expect(textOf(renderPage({ ...usual, models: [modelFixture(1)] }))).not.toContain("training rows than");
  });

  test("shows both histograms of the feature closest to drift if nothing drifted", () => {
    const usual = summaryFixture();
    const drifted = usual.drift.find(({ status }) => status === "drift");
    const stable = usual.drift.find(({ status }) => status === "stable");
    if (drifted === undefined || stable === undefined) throw new Error("the fixture has both");
    const bins = drifted.features.spend_91_180?.bins;
    const features = { ...stable.features, recency_days: featureOf(0.4, bins && { bins }) };
    const text = textOf(renderPage({ ...usual, drift: [{ ...stable, features }] }));
    expect(text).toContain("The feature closest to drift on");
    expect(text).toContain("This is no drift. Largest change: up to 0 went from 46 % of the baseline");
  });

  test("a training set that leaves as-of days out says how many, and why", () => {
    const usual = summaryFixture();
    const [first] = usual.models;
    const runs = usual.runs.map((run) => (run.run_id === first?.run_id ? { ...run, incomplete_windows: 4 } : run));
    expect(textOf(renderPage({ ...usual, runs }))).toContain(
      "rows (without 4 as-of days whose window begins before the first event)",
    );
  });

  test("a refused model is a page with the gate's words", () => {
    const text = textOf(pageOf("the gate refused the model"));
    for (const part of [
      "AUC, refused",
      "failed:auc 0.5100 at least 0.68",
      "Nothing was deployed",
      "No drift check was made",
    ])
      expect(text).toContain(part);
  });

  test("a run that stopped early is a page too, and its sentence ends", () => {
    const text = textOf(pageOf("the run stopped early"));
    for (const part of ["The run stopped: no rows.", "No training run finished", "No event was quarantined"])
      expect(text).toContain(part);
  });

  test("warns of a leak above all figures, and beside the gate", () => {
    const text = textOf(pageOf("a model that may know the answer"));
    const warning = "The feature &lt;next&gt; nearly equals the label.";
    expect(text.split(warning)).toHaveLength(3);
    expect(text.indexOf(warning)).toBeLessThan(text.indexOf("AUC of v2"));
    expect(textOf(pageOf("a second version serves"))).not.toContain("may contain the label");
  });

  test("compares the newest of many models, and keeps the others within reach", () => {
    const page = pageOf("many drift checks and models");
    expect(textOf(page)).toContain("The 3 newest of 5 models are compared here");
    const columns = readMarkup(page).filter(
      ({ name, inside, text }) => name === "th" && inside.includes("thead") && /^v\d$/.test(text),
    );
    expect(columns.map(({ text }) => text)).toEqual(expect.arrayContaining(["v3", "v4", "v5"]));
    expect(textOf(page)).toContain("2 older models");
  });

  test("shows names from outside as they are, with what could not be shown replaced", () => {
    const text = textOf(pageOf("hostile names"));
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(text).toContain(hostileNames.mean_spend);
    // The turned text, the zero byte and the half of a character.
    expect(text).toContain("harmless\ufffdgnp.exe\ufffd\ufffd");
  });

  test("is well formed whatever the texts are", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.constant("constructor")), (text) => {
        const model = modelFixture(1, { run_id: text, trigger: { type: "person", actor: text } });
        const { pipeline, alerts } = summaryFixture();
        const page = renderPage(
          summaryFixture({
            headline: text,
            models: [model],
            pipeline: { ...pipeline, description: text, features: { [text]: text } },
            alerts: alerts.map((alert) => ({ ...alert, title: text, text: `${text}\n*${text}*\n\`${text}\`` })),
          }),
        );
        expect(readMarkup(page).filter(({ name }) => name === "main")).toHaveLength(1);
      }),
      { numRuns: 50 },
    );
  });
});

test("the two files hold the same facts", () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  try {
    const { summaryFile, reportFile } = writeReport(summaryFixture(), folder);
    const summary = summaryContract.parse(JSON.parse(readFileSync(summaryFile, "utf8")));
    expect(renderPage(summary)).toBe(readFileSync(reportFile, "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("templates escape text and keep markup", () => {
  expect(html`<b title="${'"'}">${"<"}${html`<i/>`}${[1, html`<u/>`]}${undefined}${false}</b>`.toString()).toBe(
    '<b title="&quot;">&lt;<i/>1<u/></b>',
  );
});

test.each([
  ["no stop", "no stop."],
  ["a stop.", "a stop."],
  ["really?", "really?"],
  ["(in brackets.)", "(in brackets.)"],
  ["cut…", "cut…"],
  [" ", ""],
])("the sentence of %j is %j", (text, expected) => {
  expect(sentence(text)).toBe(expected);
});
