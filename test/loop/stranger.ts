/** A user's own pipeline in a temporary folder: other fields, another entity, its own data file. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const yaml = `
name: machines
description: Which machines will report a fault within a week.
entity: machine
events:
  id: reading
  time: taken_at
  fields:
    reading: string
    taken_at: timestamp
    machine: string
    vibration: double
    fault: boolean
    note: { type: string, required: false }
features:
  window_days: 14
  columns:
    readings: integer
    mean_vibration: double
label: { name: will_fail, horizon_days: 7 }
training: { cutoff_every_days: 7, history_days: 42, min_rows: 100, hyperparameters: { num_round: 20, max_depth: 2 } }
gates: { minimum: { auc: 0.75 } }
`;

const featuresSql = `
SELECT as_of, machine, count(*) AS readings, avg(vibration) AS mean_vibration
FROM events GROUP BY as_of, machine
`;

const labelSql = `
SELECT e.as_of, e.machine, max(CASE WHEN o.fault THEN 1 ELSE 0 END) AS will_fail
FROM entities e LEFT JOIN outcomes o ON o.machine = e.machine AND o.as_of = e.as_of
GROUP BY e.as_of, e.machine
`;

const machines = 120;
const days = 100;

/** A deterministic generator of numbers from 0 to 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const bad = { wrongType: 20, missing: 10, duplicates: 15, future: 5, tooLarge: 2 } as const;

/** The readings. Faults are random, so that no model can pass the gate. */
function csv(): { text: string; rows: number } {
  const random = randomNumbers(7);
  const rows: string[] = [];
  for (let day = 0; day < days; day += 1) {
    const date = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
    for (let machine = 0; machine < machines; machine += 1) {
      const vibration = (random() * 4 + 1).toFixed(3);
      const fault = random() < 0.05 ? "true" : "false";
      rows.push(`r${day}-${machine},${date}T06:00:00Z,m${machine},${vibration},${fault},`);
    }
  }
  const spoilt = (count: number, make: (position: number) => string) =>
    Array.from({ length: count }, (_, at) => make(at));
  rows.push(
    ...spoilt(bad.wrongType, (at) => `w${at},2026-01-05T07:00:00Z,m${at},shaky,false,`),
    ...spoilt(bad.missing, (at) => `e${at},2026-01-05T07:00:00Z,m${at},,false,`),
    ...rows.slice(0, bad.duplicates),
    ...spoilt(bad.future, (at) => `f${at},2199-01-01T00:00:00Z,m${at},1.0,false,`),
    ...spoilt(bad.tooLarge, (at) => `l${at},2026-01-05T07:00:00Z,m${at},1.0,false,${"x".repeat(70_000)}`),
  );
  return { text: `reading,taken_at,machine,vibration,fault,note\n${rows.join("\n")}\n`, rows: rows.length };
}

export interface Stranger {
  /** The temporary folder that contains everything. */
  folder: string;
  pipelinesFolder: string;
  data: string;
  bad: typeof bad;
}

/** Writes the pipeline and its data; `changes` replaces text in its three files. */
export function makeStranger(changes: { yaml?: [string, string]; features?: string; label?: string } = {}): Stranger {
  const folder = mkdtempSync(join(tmpdir(), "daybreak-stranger-"));
  const pipelinesFolder = join(folder, "pipelines");
  const pipeline = join(pipelinesFolder, "machines");
  mkdirSync(pipeline, { recursive: true });
  writeFileSync(join(pipeline, "pipeline.yaml"), changes.yaml === undefined ? yaml : yaml.replace(...changes.yaml));
  writeFileSync(join(pipeline, "features.sql"), changes.features ?? featuresSql);
  writeFileSync(join(pipeline, "label.sql"), changes.label ?? labelSql);
  const data = join(folder, "readings.csv");
  writeFileSync(data, csv().text);
  return { folder, pipelinesFolder, data, bad };
}
