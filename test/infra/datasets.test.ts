/** Which roles may read and write which datasets, derived from their policies. */
import { beforeAll, describe, expect, it } from "@jest/globals";
import { list, type PolicyStatement, type Recording } from "./support/record";
import { makeSpec } from "./support/spec";
import { makeConfig, runStack } from "./support/stack";

const lake = "arn:aws:s3:::daybreak-dev-lake-123456789012/";
const table = "arn:aws:glue:us-east-1:123456789012:table/daybreak_dev_shop/";

interface Use {
  reads?: string[];
  writes?: string[];
  /** May list but not read, so that S3 answers 404 instead of 403 for a missing object. */
  lists?: string[];
}

/** The dataset of an entry such as `run_reports: plan.json`. */
const datasetOf = (part: string) => part.replace(/:.*$/, "");

/** Every role with access to the lake → its datasets. Write access to a table includes read access. */
const expected: Readonly<Record<string, Use>> = {
  ingest: { reads: ["raw_errors", "raw_events"], writes: ["raw_errors", "raw_events"] },
  transform: {
    reads: ["events", "processed_files", "quarantine", "raw_events", "run_reports", "staged", "transform_state"],
    writes: ["run_reports: */transform-files.json", "run_reports: */transform.json", "staged", "transform_state"],
  },
  quality: {
    reads: ["events", "processed_files", "quarantine", "run_reports", "staged"],
    writes: ["events", "processed_files", "quarantine", "run_reports: */quality.json"],
  },
  features: {
    reads: ["events", "feature_state", "features", "run_reports", "scoring_sets"],
    writes: ["feature_state", "features", "run_reports: */features.json", "scoring_sets"],
    // For Hadoop, which makes the folder of the scoring set.
    lists: ["*"],
  },
  "score-customers": {
    reads: ["models", "run_reports: */evaluation/baseline.json", "scoring_sets"],
    writes: [
      "score_reports: */drift.json",
      "score_reports: */estimate.json",
      "score_reports: */scores.csv",
      "score_reports: */scores.parquet",
    ],
    lists: ["run_reports", "score_reports"],
  },
  score: {
    reads: ["run_reports", "score_reports", "scores"],
    writes: [
      "run_reports: */score.json",
      "score_exports",
      "score_reports: days/*",
      "score_reports: latest.json",
      "scores",
    ],
  },
  "feature-store": { reads: ["features"], writes: ["features"] },
  "train-dataset": {
    reads: ["events", "features", "run_reports", "training_sets"],
    writes: ["run_reports: */train-dataset.json", "training_sets"],
    lists: ["*"],
  },
  "train-model": { reads: ["models", "training_sets"], writes: ["models"] },
  "train-evaluation": {
    reads: ["models", "run_reports: */plan.json", "training_sets"],
    writes: ["run_reports: */evaluation/*"],
    lists: ["run_reports"],
  },
  "train-decide": {
    reads: ["run_reports", "training_state"],
    writes: ["training_state: not-enough-history.json"],
  },
  "run-plan": {
    reads: ["drift_reports: retraining.json", "training_state"],
    writes: ["run_reports: */plan.json"],
    lists: ["drift_reports"],
  },
  "registry-register": { reads: ["models", "run_reports", "training_state"], writes: ["training_state"] },
  endpoint: { reads: ["models"], writes: ["captures"], lists: ["captures"] },
  "serve-predict": { reads: ["feature_state: computed.json"], lists: ["feature_state"] },
  "monitor-drift": { reads: ["drift_reports", "score_reports"], writes: ["drift_reports"] },
  "monitor-plan": {
    reads: [
      ...["model_quality: days/*", "model_quality: latest.json", "run_reports: */plan.json", "score_reports"],
      "serving_reports: latest.json",
    ],
    lists: ["captures", "model_quality", "run_reports", "serving_reports"],
  },
  "monitor-checks": {
    reads: [
      ...["captures", "events", "features", "outcomes", "run_reports: */evaluation/evaluation.json", "scores"],
      "serving_reports",
    ],
    writes: ["model_quality", "outcomes", "serving_reports"],
    lists: ["run_reports"],
  },
  "monitor-retrain": {
    reads: ["drift_reports", "model_quality: latest.json"],
    writes: ["drift_reports: retraining.json"],
    lists: ["model_quality"],
  },
};

describe("datasets", () => {
  let stack: Recording;
  let folders: Map<string, string>;

  beforeAll(async () => {
    stack = await runStack(makeConfig([makeSpec()]));
    const datasets = Object.entries(stack.outputs.pipelines.shop?.datasets ?? {});
    folders = new Map(datasets.map(([name, { uri }]) => [uri.replace(/^s3:\/\/[^/]+\//, ""), name]));
  });

  const roles = () =>
    stack
      .all("aws:iam/role:Role")
      .map(({ inputs }) => String(inputs.name))
      .map((name) => ({ name: name.replace("daybreak-dev-shop-", ""), statements: stack.policyOf(name) }));

  const allowing = (statements: readonly PolicyStatement[], action: string) =>
    statements.filter((statement) => list(statement.Action).includes(action));

  /** The dataset that a key pattern belongs to, with the rest of the pattern if it is not the whole folder. */
  function datasetAt(pattern: string): string {
    const [folder, name] = [...folders].find(([candidate]) => pattern.startsWith(`${candidate}/`)) ?? [];
    if (folder === undefined || name === undefined) return `unknown: ${pattern}`;
    const keys = pattern.slice(folder.length + 1);
    return keys === "*" ? name : `${name}: ${keys}`;
  }

  /** The datasets on whose objects an action is allowed. Lake resources outside any dataset appear as `unknown: …`. */
  const objects = (statements: readonly PolicyStatement[], action: string) =>
    allowing(statements, action)
      .flatMap((statement) => list(statement.Resource))
      .filter((resource) => resource.startsWith(lake))
      .map((resource) => datasetAt(resource.slice(lake.length)))
      .sort();

  const listed = (statements: readonly PolicyStatement[]) =>
    allowing(statements, "s3:ListBucket").flatMap(({ Resource, Condition }) => {
      if (Resource !== lake.slice(0, -1)) return [];
      if (Condition === undefined) return ["*"];
      const [folder, below, ...others] = list(Condition?.StringLike?.["s3:prefix"] as string[]);
      expect({ below, others }).toEqual({ below: `${folder}/*`, others: [] });
      return [folders.get(folder ?? "") ?? `unknown: ${folder}`];
    });

  it("can be read and written only by the expected roles", () => {
    const actual = roles().flatMap(({ name, statements }) => {
      const reads = objects(statements, "s3:GetObject");
      const writes = objects(statements, "s3:PutObject");
      const lists = listed(statements)
        .filter((dataset) => !reads.includes(dataset))
        .sort();
      if (reads.length + writes.length + lists.length === 0) return [];
      const use = { ...(reads.length && { reads }), ...(writes.length && { writes }), ...(lists.length && { lists }) };
      return [[name, use] as const];
    });
    expect(Object.fromEntries(actual)).toEqual(expected);
  });

  it("can be deleted from only by roles that may write them", () => {
    for (const { statements } of roles()) {
      const writes = objects(statements, "s3:PutObject");
      for (const dataset of objects(statements, "s3:DeleteObject")) expect(writes).toContain(dataset);
    }
  });

  it("have Glue permissions that match their S3 permissions if they are tables", () => {
    const tables = Object.entries(stack.outputs.pipelines.shop?.datasets ?? {}).flatMap(([name, at]) =>
      at.table === undefined ? [] : [name],
    );
    const named = (statements: readonly PolicyStatement[], action: string) =>
      allowing(statements, action)
        .flatMap((statement) => list(statement.Resource))
        .filter((resource) => resource.startsWith(table))
        .map((resource) => resource.slice(table.length))
        .sort();
    for (const { name, statements } of roles()) {
      const { reads = [], writes = [] } = expected[name] ?? {};
      const isTable = (dataset: string) => tables.includes(dataset);
      expect({ name, lookedUp: named(statements, "glue:GetTable") }).toEqual({ name, lookedUp: reads.filter(isTable) });
      expect({ name, committed: named(statements, "glue:UpdateTable") }).toEqual({
        name,
        committed: writes.filter(isTable),
      });
    }
  });

  it("are passed to exactly the jobs and Lambdas whose roles may use them", () => {
    for (const { inputs } of stack.all("aws:glue/job:Job")) {
      const name = String(inputs.name).replace("daybreak-dev-shop-", "");
      const { reads = [], writes = [] } = expected[name] ?? {};
      const given = JSON.parse((inputs.defaultArguments as Record<string, string>)["--datasets"] ?? "{}");
      // Jobs derive the run's report folder from the URI of the plan.
      const wanted = new Set([...reads, ...writes].map(datasetOf).filter((dataset) => dataset !== "run_reports"));
      expect({ name, given: Object.keys(given).sort() }).toEqual({ name, given: [...wanted].sort() });
    }
    for (const { inputs } of stack.all("aws:lambda/function:Function")) {
      const name = String(inputs.name).replace("daybreak-dev-shop-", "");
      const { variables } = inputs.environment as { variables: Record<string, string> };
      const given = Object.keys(variables).flatMap((key) => /^(\w+)_URI$/.exec(key)?.[1]?.toLowerCase() ?? []);
      const { reads = [], writes = [] } = expected[name] ?? {};
      // The plan contains the URIs of the run's rows, scores and model, but its Lambda accesses none of them.
      const named = name === "run-plan" ? ["models", "score_reports", "scoring_sets", "training_sets"] : [];
      const datasets = given.filter((dataset) => [...folders.values()].includes(dataset));
      expect({ name, given: datasets.sort() }).toEqual({
        name,
        given: [...new Set([...reads, ...writes, ...named].map(datasetOf))].sort(),
      });
    }
  });
});
