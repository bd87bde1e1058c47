/** How long data are kept: the settings with their defaults, and what is fixed. The table in docs/retention.md is made from it. */
import { z } from "zod";

const days = (least: number, byDefault: number) => z.number().int().min(least).max(3650).default(byDefault);

const members = z.strictObject({
  captureDays: days(14, 90).describe("Requests and answers captured from the endpoint."),
  trainingSetDays: days(7, 365).describe("Training sets."),
  quarantineDays: days(1, 90).describe("Quarantined lines."),
  snapshotDays: days(7, 365).describe("Earlier states of the tables events and features."),
  modelVersionDays: days(7, 365).describe("Model versions that are no longer needed."),
});

/** The setting `daybreak:retention`. */
export const retentionSettings = members.prefault({});
export type Retention = z.infer<typeof retentionSettings>;
export const retentionKeys = Object.keys(members.shape);

/** What is fixed, in days. */
export const fixedDays = {
  /** Staged lines and scoring sets: the run that writes them reads them. */
  intermediate: 7,
  /** Earlier states of tables that no model version names. */
  snapshots: 7,
  /** Objects that were overwritten or deleted. */
  noncurrent: 30,
  /** A raw file is normally read once, by the run that publishes it; then it moves to STANDARD_IA. */
  archived: 90,
} as const;

interface Kept {
  what: string;
  days: string;
  setting?: string;
  how: string;
}

/** What is kept for how long, in the order of the data flow. */
function kept(): Kept[] {
  const { captureDays, trainingSetDays, quarantineDays, snapshotDays, modelVersionDays } = retentionSettings.parse({});
  const forEver = "for ever";
  const lifecycle = "an S3 lifecycle rule";
  return [
    {
      what: "Raw events, and records that Firehose could not deliver",
      days: forEver,
      how: `${lifecycle} moves raw events to S3 Standard-IA after ${fixedDays.archived} days`,
    },
    { what: "Staged lines, scoring sets", days: String(fixedDays.intermediate), how: lifecycle },
    {
      what: "Quarantined lines (table `quarantine`)",
      days: String(quarantineDays),
      setting: "quarantineDays",
      how: "the quality job deletes the rows; their files go with the table's earlier states",
    },
    { what: "The rows of the tables `events`, `features`, `scores`, `outcomes`", days: forEver, how: "" },
    {
      what: "Earlier states (snapshots) of `events` and `features`: until then the data of a model version's lineage can be read as they were",
      days: String(snapshotDays),
      setting: "snapshotDays",
      how: "the job that writes the table expires them",
    },
    {
      what: "Earlier states of the other tables",
      days: String(fixedDays.snapshots),
      how: "the job that writes the table expires them",
    },
    { what: "Training sets", days: String(trainingSetDays), setting: "trainingSetDays", how: lifecycle },
    {
      what: "Model versions with their SageMaker models and endpoint configurations. Never: the version that serves, the one to roll back to, those that await a review, and the best one so far, with which new ones are compared",
      days: String(modelVersionDays),
      setting: "modelVersionDays",
      how: "the Lambda `registry-retire`, at the end of a training run",
    },
    { what: "Model artifacts, plans and reports", days: forEver, how: "" },
    { what: "Captured requests and answers", days: String(captureDays), setting: "captureDays", how: lifecycle },
  ];
}

export const retentionPath = "docs/retention.md";

/** The text of docs/retention.md. */
export function retentionText(): string {
  const rows = kept().map(
    ({ what, days: kept, setting, how }) =>
      `| ${what} | ${kept} | ${setting === undefined ? "" : `\`${setting}\``} | ${how} |`,
  );
  return `# Retention

How long a stack keeps what it holds. The settings are members of \`daybreak:retention\` in \`Pulumi.<stack>.yaml\`, for example:

    config:
      daybreak:retention:
        captureDays: 30

| what | days | setting | by |
| --- | --- | --- | --- |
${rows.join("\n")}

An object that is deleted or overwritten is kept for ${fixedDays.noncurrent} more days as a noncurrent version, for the repair of a mistake. A
quarantined line is therefore gone from the table's files at most ${fixedDays.snapshots + fixedDays.noncurrent} days after its row, once the next runs
have expired the table's earlier states; the raw file that it came from stays. CloudWatch logs are kept for \`daybreak:logRetentionDays\` (90).

Jobs also merge the small files of their tables, once a table has a hundred. \`npx daybreak teardown\` and \`pulumi destroy\` remove everything
([README](../README.md#on-aws)).

\`npm run schema\` generates this page from [infra/lake/retention.ts](../infra/lake/retention.ts).
`;
}
