/** The data and the pipelines of the fault runs: a third of CDNOW's customers with some bad and repeated events, and copies of the pipeline. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { idOf } from "../cli/demo/accounting";
import { exampleDataOf } from "../cli/demo/example-data";
import { repositoryRoot } from "../cli/shared/paths";
import type { Purchase } from "../examples/cdnow";

/**
 * The as-of days of the loop. All customers of CDNOW bought for the first time in the first quarter of 1997, so that from April on
 * the customers of a week differ from those on whom the first model was trained: the data really drifts. Three weeks after the drift
 * is found, the labels of two as-of days since then are known, and the run at dawn trains.
 */
export const days = {
  first: "1997-03-10",
  second: "1997-03-17",
  train: "1997-03-24",
  drift: "1997-04-21",
  later: "1997-04-28",
  retrain: "1997-05-12",
} as const;
const arrivals = Object.values(days);

/** One customer in this many is kept. A drift check needs a day with at least 100 rows. */
const oneCustomerIn = 3;
/** One event in this many is made invalid, and one in this many is sent twice. */
const invalidEvery = 101;
const repeatedEvery = 97;

/** The differences from pipelines/cdnow: a short window and horizon, for a first model in March, and limits for fewer customers. */
const changes: readonly [path: readonly string[], value: unknown][] = [
  [["features", "window_days"], 28],
  [["label", "horizon_days"], 14],
  [["training", "min_rows"], 300],
  [["training", "hyperparameters", "min_child_weight"], 10],
  [["gates", "minimum"], { auc: 0.5 }],
  [["gates", "min_test_rows"], 100],
  [["gates", "champion", "margin"], 0.5],
  [["gates", "lift"], { over_simple_model: -0.5 }],
];

export interface Shop {
  pipelinesFolder: string;
  /** The files to feed, one for each as-of day: what arrived since the one before. */
  files: readonly string[];
  /** The ID of each line of each file; undefined where it has none. */
  ids: readonly (readonly (string | undefined)[])[];
}

/** Writes the copies of the pipeline and the event files into a folder. */
export function makeShop(folder: string, pipelines: readonly string[]): Shop {
  const pipelinesFolder = join(folder, "pipelines");
  for (const name of pipelines) copyPipeline(join(pipelinesFolder, name), name);
  const lines = arrivals.map(() => [] as string[]);
  for (const [position, line] of shopLines().entries()) {
    const day = arrivals.findIndex((end) => (JSON.parse(line) as Purchase).event_time < end);
    const batch = lines[day];
    if (batch === undefined) continue;
    batch.push(position % invalidEvery === 0 ? makeInvalid(line, position) : line);
    if (position % repeatedEvery === 0) batch.push(line);
  }
  const files = arrivals.map((day) => join(folder, `events-before-${day}.jsonl`));
  for (const [index, file] of files.entries()) writeFileSync(file, `${(lines[index] ?? []).join("\n")}\n`);
  return { pipelinesFolder, files, ids: lines.map((batch) => batch.map((line) => idOf(line, "event_id"))) };
}

function copyPipeline(folder: string, name: string): void {
  const source = join(repositoryRoot, "pipelines", "cdnow");
  mkdirSync(folder, { recursive: true });
  for (const file of ["features.sql", "label.sql"]) cpSync(join(source, file), join(folder, file));
  const yaml = parseDocument(readFileSync(join(source, "pipeline.yaml"), "utf8"));
  yaml.set("name", name);
  for (const [path, value] of changes) yaml.setIn(path, value);
  writeFileSync(join(folder, "pipeline.yaml"), String(yaml));
}

/** The purchases of the customers that are kept, by day. */
function shopLines(): string[] {
  const purchases = [...(exampleDataOf("cdnow")?.lines() ?? [])]
    .map(({ line }) => ({ line, purchase: JSON.parse(line) as Purchase }))
    .filter(({ purchase }) => Number(purchase.customer_id) % oneCustomerIn === 0);
  purchases.sort((one, other) => (one.purchase.event_time < other.purchase.event_time ? -1 : 1));
  return purchases.map(({ line }) => line);
}

/** Makes an event invalid, in turn: a wrong type (transform), two broken row rules (quality), and a line that is not JSON. */
function makeInvalid(line: string, position: number): string {
  const event: Purchase = JSON.parse(line);
  switch ((position / invalidEvery) % 4) {
    case 0:
      return JSON.stringify({ ...event, amount: "a lot" });
    case 1:
      return JSON.stringify({ ...event, quantity: 5000 });
    case 2:
      return JSON.stringify({ ...event, customer_id: `customer ${event.customer_id}` });
    default:
      return `${line.slice(0, -1)},`;
  }
}
