/** Summaries of every kind that a page has to show, for the tests of the page and for its check in a browser. */
import type { DriftBin } from "../../../contracts/score-drift";
import type { DriftSummary, Summary } from "../../../contracts/summary";
import { featureOf, scoreOf } from "../drift-fixture";
import { modelFixture, qualityFixture, servingFixture, skewedFixture, summaryFixture } from "./summary.fixture";

const nothing = {
  ...{ models: [], drift: [], serving: [], deployments: [], runs: [] },
  ...{ stages: [], alarms: [], alerts: [] },
};
const noRequests = {
  served: 0,
  stale: 0,
  failed: 0,
  errors: {},
  by_version: {},
  p50_milliseconds: 0,
  p99_milliseconds: 0,
};

function stopped(): Summary {
  const events = { ...summaryFixture().events, sent: 0, landed: 0, published: 0, quarantined: {}, duplicates: 0 };
  return summaryFixture({
    ...{ ...nothing, outcome: "failed", headline: "The run stopped: no rows", events },
    ...{ requests: noRequests, git: null, seconds: 0 },
  });
}

function refused(): Summary {
  const model = modelFixture(1, {
    ...{ version: null, stage: "Refused", registered_at: null, approval: null, lineage: {} },
    verdict: [{ rule: "auc", expected: "at least 0.68", actual: 0.51, passed: false }],
  });
  return summaryFixture({
    ...{ ...nothing, outcome: "refused", models: [model], requests: noRequests },
    headline: "The gate refused the model, and nothing was deployed. Failed: auc is 0.51, expected at least 0.68.",
  });
}

function early(): Summary {
  const [run] = summaryFixture().runs;
  if (run === undefined) throw new Error("the fixture has runs");
  const cause = "the events begin on 1997-01-01, and 2 as-of days have rows and a known label";
  const without = {
    ...run,
    mode: "train" as const,
    outcome: "not_enough_history" as const,
    cause,
    incomplete_windows: 4,
  };
  return summaryFixture({
    ...{ ...nothing, outcome: "not enough history", requests: noRequests, runs: [without] },
    headline: `There is not enough history for a first model: ${cause}.`,
  });
}

const dayAfter = (day: string, days: number) =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

/** A check each week for more than a year: some are skipped, three in a row find drift, and so does one before. */
function weekly(count: number): DriftSummary[] {
  const [usual, , , drifted] = summaryFixture().drift;
  if (usual === undefined || drifted === undefined) throw new Error("the fixture has four drift checks");
  return Array.from({ length: count }, (_, week): DriftSummary => {
    const found = [20, 41, 42, 43].includes(week);
    const version = week <= 20 ? 1 : week <= 43 ? 2 : 3;
    const check = { ...(found ? drifted : usual), as_of: dayAfter("1996-11-04", 7 * week), version };
    if ([7, 8, 31, 44].includes(week)) {
      const reason = "40 rows; 100 are needed to tell drift from chance";
      return { ...check, status: "skipped", reason, rows: 40, features: {}, score: null };
    }
    const suppressed = { outcome: "retraining-suppressed" as const, reason: "the cooldown of 24 h has not ended" };
    return found && (week === 41 || week === 42) ? { ...check, consequence: suppressed } : check;
  });
}

function many(): Summary {
  const models = [1, 2, 3, 4, 5].map((version) => modelFixture(version));
  return summaryFixture({ drift: weekly(60), models });
}

const long = (character: string, length = 200) => character.repeat(length);
const turned = "harmless\u202egnp.exe";

/** Names as a careless or a hostile author may write them. */
export const hostileNames = {
  recency_days: "<script>alert(1)</script>",
  purchase_days: long("n"),
  mean_spend: "مرحبا_بالعالم",
  last_spend: `"><img src=x onerror=alert(1)>`,
  spend_29_90: `${turned}\u0000\ud800`,
  spend_91_180: long("a_", 100),
} as const;

const hostileBins: DriftBin[] = [
  { kind: "category", category: "<b>web</b>", baseline: 0.5, current: 10 },
  { kind: "category", category: long("i", 60), baseline: 0.2, current: 80 },
  { kind: "category", category: "هاتف", baseline: 0.2, current: 100 },
  { kind: "category", category: "", baseline: 0.05, current: 3 },
  { kind: "other", baseline: 0.03, current: 100 },
  { kind: "missing", baseline: 0.02, current: 131 },
];

function renamed(value: unknown): unknown {
  if (typeof value === "string") return hostileNames[value as keyof typeof hostileNames] ?? value;
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [renamed(key), renamed(inner)]));
}

function hostile(): Summary {
  const usual = renamed(summaryFixture()) as Summary;
  const bins = hostileBins;
  const drift = usual.drift.map((check): DriftSummary => {
    if (check.status !== "drift") return check;
    const features = {
      ...check.features,
      [hostileNames.purchase_days]: featureOf(12, { bins }),
      [hostileNames.mean_spend]: featureOf(8, { bins }),
    };
    const any: DriftBin = { kind: "range", above: null, up_to: null, baseline: 1, current: 9 };
    return { ...check, features, score: scoreOf(4, { bins: [any] }) };
  });
  const values = { inference_id: null, entity: long("c"), event_time: long("t"), served: long("s"), stored: null };
  const serving = [
    servingFixture({
      ...{ status: "skewed", skewed: 3, unfaithful: 3, reason: long("r", 200) },
      features: { [hostileNames.purchase_days]: { skewed: 3, examples: [values] } },
    }),
  ];
  const rule = { rule: long("v", 120), expected: `at least ${long("9", 80)}`, actual: null, passed: false };
  const title = `:x: ${long("T", 150)}`;
  return {
    ...usual,
    ...{ drift, serving },
    headline: `The run stopped: ${long("x", 300)}`,
    pipeline: {
      ...usual.pipeline,
      ...{ name: long("p"), description: `<b>no full stop</b> ${long("word ", 80)}` },
      ...{ label: long("l", 100), entity: long("e", 150) },
    },
    events: { ...usual.events, quarantined: { [`wrong_type:${long("f")}`]: 3, "<i>markup</i>": 2, سبب: 1 } },
    requests: { ...usual.requests, failed: 2, errors: { [long("E", 300)]: 2 } },
    models: usual.models.map((model) => ({ ...model, verdict: [...model.verdict, rule] })),
    alerts: [
      ...usual.alerts,
      {
        at: "2026-11-22T23:13:21.000Z",
        title,
        text: `${title}\n*${long("L", 80)}*\n${long("v", 400)}\n\`\`\`{"a": 1}\`\`\``,
      },
    ],
  };
}

/** Each case by its name. */
export const reportCases: Readonly<Record<string, () => Summary>> = {
  "a second version serves": summaryFixture,
  "the gate refused the model": refused,
  "the run stopped early": stopped,
  "there is not enough history": early,
  "no drift check": () => summaryFixture({ drift: [], outcome: "one version serves", models: [modelFixture(1)] }),
  "one drift check": () => summaryFixture({ drift: summaryFixture().drift.slice(3, 4) }),
  "every drift check was skipped": () => summaryFixture({ drift: weekly(9).slice(7) }),
  "an empty quarantine": () => summaryFixture({ events: { ...summaryFixture().events, quarantined: {} } }),
  "many drift checks and models": many,
  "a model that may know the answer": () =>
    summaryFixture({
      models: [modelFixture(1), modelFixture(2, { warnings: ["The feature <next> nearly equals the label."] })],
    }),
  "serving is not faithful": () => summaryFixture({ serving: [servingFixture(), skewedFixture()] }),
  "a version below its promise": () => summaryFixture({ quality: qualityFixture("broken") }),
  "no label is known yet": () => summaryFixture({ quality: { ...qualityFixture(), checks: [] } }),
  "no scored day": () => summaryFixture({ quality: { ...qualityFixture(), days: [], checks: [] } }),
  "hostile names": hostile,
};
