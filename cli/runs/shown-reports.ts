/** Reads what commands show of the reports of a run's steps. The reports of earlier releases lack the fields that came later. */
import * as z from "zod/mini";
import {
  featuresReport,
  qualityReport,
  readyDataset,
  scoreReport,
  trainDatasetReport,
  transformReport,
} from "../../contracts/step-reports";
import { readJson } from "../shared/lake";
import { CommandProblem } from "../shared/problem";

/** A report's contract, and the part of it that is shown. A report that lacks only other fields is read. */
interface Shown<Whole, Part> {
  whole: z.ZodMiniType<Whole>;
  part: z.ZodMiniType<Part>;
}
const shown = <Whole extends Part, Part>(
  whole: z.ZodMiniType<Whole>,
  part: z.ZodMiniType<Part>,
): Shown<Whole, Part> => ({
  whole,
  part,
});

const counted = { quarantined: true } as const;
const files = {
  "transform.json": shown(
    transformReport,
    z.pick(transformReport, {
      ...counted,
      lines_read: true,
      duplicates_removed: true,
      reread_rows: true,
      staged_snapshot_id: true,
    }),
  ),
  "quality.json": shown(
    qualityReport,
    z.pick(qualityReport, { ...counted, published: true, rows_published: true, rules: true, released: true }),
  ),
  "features.json": shown(
    featuresReport,
    z.pick(featuresReport, { cutoffs_computed: true, rows_appended: true, online_rows: true }),
  ),
  "score.json": shown(scoreReport, z.pick(scoreReport, { rows: true, version: true, deciles: true, exported: true })),
  "train-dataset.json": shown(
    trainDatasetReport,
    z.partial(z.pick(readyDataset, { rows: true, incomplete_windows: true })),
  ),
};

/** The reports in a run's folder; undefined for a step that did not run, or whose report cannot be read. */
export async function readShownReports(folder: string) {
  const problems: string[] = [];
  async function read<Whole extends Part, Part>(name: string, { whole, part }: Shown<Whole, Part>) {
    try {
      const report = await readJson(`${folder}/${name}`, z.record(z.string(), z.unknown()));
      if (report === undefined) return undefined;
      const known = z.safeParse(whole, report);
      if (known.success) return known.data;
      const missing = missingFields(report, known.error);
      const older = missing === undefined ? undefined : z.safeParse(part, report);
      if (!older?.success) return await readJson(`${folder}/${name}`, whole);
      problems.push(`${name} was written by an earlier release of Daybreak: it has no ${missing?.join(", ")}`);
      return older.data;
    } catch (error) {
      // One report that cannot be read must not hide the others.
      if (!(error instanceof CommandProblem)) throw error;
      problems.push(error.what);
      return undefined;
    }
  }
  const [transform, quality, features, score, trainDataset] = await Promise.all([
    read("transform.json", files["transform.json"]),
    read("quality.json", files["quality.json"]),
    read("features.json", files["features.json"]),
    read("score.json", files["score.json"]),
    read("train-dataset.json", files["train-dataset.json"]),
  ]);
  return {
    reports: { transform, quality, features, score, trainDataset },
    problem: problems.length === 0 ? null : problems.join("\n"),
  };
}
export type ShownReports = Awaited<ReturnType<typeof readShownReports>>["reports"];

/** The fields that a contract expects and a report does not have; undefined if that is not all that is wrong. */
function missingFields(report: unknown, { issues }: z.core.$ZodError): string[] | undefined {
  const isMissing = ({ path }: z.core.$ZodIssue) => {
    const field = path.at(-1);
    const parent = path.slice(0, -1).reduce<unknown>((value, key) => Object(value)[key], report);
    return field !== undefined && Object(parent)[field] === undefined;
  };
  return issues.every(isMissing) ? issues.map(({ path }) => path.join(".")) : undefined;
}
