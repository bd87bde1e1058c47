/** A small shop to injure: every sixth customer of CDNOW, some bad and repeated events, and as many copies of its pipeline as asked for. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { idOf } from "../cli/demo/accounting";
import { exampleDataOf } from "../cli/demo/example-data";
import { repositoryRoot } from "../cli/shared/paths";
import type { Purchase } from "../examples/cdnow";

/** The as-of days of the loop: features, features, a first model, and the autumn in which spending has drifted. */
export const days = { first: "1997-07-21", second: "1997-07-28", train: "1997-08-04", drift: "1997-11-03" } as const;
const arrivals = Object.values(days);

/** Every how many of the shop's customers are kept: a day must have the 100 rows that a drift check needs. */
const customersKept = 3;
/** Of the events kept, one in so many is spoilt, and one in so many is sent twice. */
const spoiltEvery = 101;
const repeatedEvery = 97;

/** What differs from the pipeline of all customers: the limits that depend on their number. */
const changes: readonly [path: readonly string[], value: unknown][] = [
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
    batch.push(position % spoiltEvery === 0 ? spoil(line, position) : line);
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

/** The purchases of the customers that are kept, in the order of their days. */
function shopLines(): string[] {
  const purchases = [...(exampleDataOf("cdnow")?.lines() ?? [])]
    .map(({ line }) => ({ line, purchase: JSON.parse(line) as Purchase }))
    .filter(({ purchase }) => Number(purchase.customer_id) % customersKept === 0);
  purchases.sort((one, other) => (one.purchase.event_time < other.purchase.event_time ? -1 : 1));
  return purchases.map(({ line }) => line);
}

/** An event that each rule refuses in turn: one for transform, one for quality, and a line that is no JSON. */
function spoil(line: string, position: number): string {
  const event: Purchase = JSON.parse(line);
  switch ((position / spoiltEvery) % 4) {
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
