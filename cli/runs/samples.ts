/** A few of the lines that a run has quarantined, or would have if a dataset rule had not halted it. */
import { CommandProblem } from "../shared/problem";
import { readTable } from "../shared/table";
import type { Run } from "./record";

export interface SampleLine {
  reason: string;
  detail: string;
  file: string;
  position: number;
  event: string;
}

export interface Samples {
  lines: SampleLine[];
  /** Why there are none although the run has bad lines: a halted run's are gone once later runs have replaced them. */
  problem: string | null;
}

const quarantineColumns = ["reason", "detail", "raw_file", "raw_position", "event"];
const stagedColumns = ["_reason", "_detail", "_raw_file", "_raw_position", "_line"];

/** The first bad lines of each reason. */
export async function sampleLines(
  database: string,
  fields: readonly string[],
  run: Run,
  most: number,
  read: typeof readTable = readTable,
): Promise<Samples> {
  try {
    return { lines: await readSamples(database, fields, run, most, read), problem: null };
  } catch (error) {
    if (!(error instanceof CommandProblem)) throw error;
    return { lines: [], problem: error.what };
  }
}

async function readSamples(
  database: string,
  fields: readonly string[],
  { record, reports }: Run,
  most: number,
  read: typeof readTable,
): Promise<SampleLine[]> {
  const wanted = Object.keys(record.quarantined);
  if (wanted.length === 0 || most === 0 || reports.transform === undefined) return [];
  // Only a run that publishes writes to the quarantine; until then its lines are in the table of staged lines.
  const rows = record.committed
    ? read(`${database}.quarantine`, quarantineColumns, { where: `run_id = '${record.run_id}'` })
    : read(`${database}.staged`, [...stagedColumns, ...fields], {
        ...{ where: "_reason is not null", snapshot: reports.transform.staged_snapshot_id },
      });
  const samples = new Map(wanted.map((reason): [string, SampleLine[]] => [reason, []]));
  for await (const [reason, detail, file, position, line, ...values] of rows) {
    const ofReason = samples.get(String(reason));
    if (ofReason === undefined || ofReason.length >= most) continue;
    ofReason.push({
      ...{ reason: String(reason), detail: String(detail ?? ""), file: String(file), position: Number(position) },
      event: typeof line === "string" ? line : eventOf(fields, values),
    });
    if ([...samples.values()].every((lines) => lines.length >= most)) break;
  }
  return [...samples.values()].flat();
}

/** A line that was parsed is kept as its fields. */
function eventOf(fields: readonly string[], values: readonly unknown[]): string {
  const present = fields.flatMap((field, position) => (values[position] == null ? [] : [[field, values[position]]]));
  return JSON.stringify(Object.fromEntries(present));
}
