/** Reads the end state of a pipeline's loop: from its tables, its online store, its registry and its endpoint. */
import { GetTableCommand, GlueClient } from "@aws-sdk/client-glue";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { BatchGetRecordCommand } from "@aws-sdk/client-sagemaker-featurestore-runtime";
import { accountFor, idOf, type Place } from "../cli/demo/accounting";
import { clients } from "../cli/shared/clients";
import { listUris, readJson, readLines } from "../cli/shared/lake";
import { listVersions, type ModelVersion } from "../cli/shared/registry";
import { readTable } from "../cli/shared/table";
import { evaluation } from "../contracts/evaluation";
import { parseUri } from "../lambdas/shared/storage";
import { type End, firstReasons } from "./compare";
import type { Pass } from "./pass";

/** The most records of one BatchGetRecord call. */
const recordsAtOnce = 100;

type Rows = readonly unknown[][];

/** Reads the tables of one pipeline; reads a table again only if it has changed. */
export class Tables {
  readonly #glue = new GlueClient({});
  readonly #read = new Map<string, { version: string; rows: Rows }>();

  /** The table's newest metadata file, which each commit replaces; undefined where there is no table yet. */
  async version(name: string): Promise<string | undefined> {
    const [DatabaseName, Name] = name.split(".");
    try {
      const { Table } = await this.#glue.send(new GetTableCommand({ DatabaseName, Name }));
      return Table?.Parameters?.metadata_location;
    } catch (error) {
      if (error instanceof Error && error.name === "EntityNotFoundException") return undefined;
      throw error;
    }
  }

  /** The columns of every row. */
  async rows(name: string, columns: readonly string[]): Promise<Rows> {
    const version = await this.version(name);
    if (version === undefined) return [];
    const known = this.#read.get(name);
    if (known?.version === version) return known.rows;
    const rows: unknown[][] = [];
    for await (const row of readTable(name, columns)) rows.push(row);
    this.#read.set(name, { version, rows });
    return rows;
  }
}

/** Reads the whole end. */
export async function readEnd(pass: Pass): Promise<End> {
  const { spec, outputs, tables } = pass;
  const { datasets } = outputs;
  const columns = Object.keys(spec.features.columns);
  const [events, quarantine, processed, features, scores, versions] = await Promise.all([
    tables.rows(datasets.events.table, [spec.events.id, "_raw_file", "_raw_position"]),
    tables.rows(datasets.quarantine.table, ["reason", "raw_file", "raw_position", "event"]),
    tables.rows(datasets.processed_files.table, ["raw_file"]),
    tables.rows(datasets.features.table, [spec.entity, "event_time", "is_deleted", ...columns]),
    tables.rows(datasets.scores.table, ["as_of", "model_version", "entity", "score", "reason_1_feature"]),
    listVersions(pass.names),
  ]);
  const entities = [...new Set(features.map(([entity]) => String(entity)))].sort();
  const oldestFirst = versions.toReversed();
  return {
    events: events.map(([id]) => String(id)),
    quarantine: firstReasons(
      quarantine.map(([reason, file, position, event]) => ({
        place: `${file} ${String(position).padStart(12, "0")}`,
        quarantined: `${reason}: ${event}`,
        event: String(event),
      })),
    ),
    lines: await linesOf(pass, events, quarantine, processed),
    features: features.map((row) => JSON.stringify(row)),
    scores: scores.map((row) => JSON.stringify(row)),
    "online store": await onlineRecords(pass, entities),
    "training sets": (await Promise.all(oldestFirst.map(trainingSet))).flat(),
    metrics: await Promise.all(oldestFirst.map(metricsOf)),
    versions: oldestFirst.map(({ version, approval, lineage }) => `v${version} ${approval}, as of ${lineage.as_of}`),
    serving: versions.filter(({ isServing }) => isServing).map(({ version }) => `v${version}`),
    "drift checks": [...pass.checks],
    alerts: await pass.alerts(),
  };
}

/** The accounting of all lines that landed: how many were lost, doubled or are waiting. */
async function linesOf(pass: Pass, events: Rows, quarantine: Rows, processed: Rows): Promise<string[]> {
  const { spec, outputs } = pass;
  const landed: (Place & { id: string | undefined })[] = [];
  for await (const { file, position, line } of readLines(outputs.datasets.raw_events.uri)) {
    landed.push({ file, position, id: idOf(line, spec.events.id) });
  }
  const { lost, doubled, waiting } = accountFor({
    sent: pass.sent,
    landed,
    published: events.map(([id, file, position]) => ({
      id: String(id),
      file: String(file),
      position: Number(position),
    })),
    quarantined: quarantine.map(([reason, file, position]) => ({
      reason: String(reason),
      file: String(file),
      position: Number(position),
    })),
    processed: new Set(processed.map(([file]) => String(file))),
  });
  return [`${lost} lost`, `${doubled} doubled`, `${waiting} waiting`];
}

async function onlineRecords({ outputs }: Pass, entities: readonly string[]): Promise<string[]> {
  const records: string[] = [];
  for (let from = 0; from < entities.length; from += recordsAtOnce) {
    const { Records = [] } = await clients.featureStore().send(
      new BatchGetRecordCommand({
        Identifiers: [
          {
            FeatureGroupName: outputs.featureGroup,
            RecordIdentifiersValueAsString: entities.slice(from, from + recordsAtOnce),
          },
        ],
      }),
    );
    for (const { Record = [] } of Records) {
      const values = Record.map(({ FeatureName, ValueAsString }) => `${FeatureName}=${ValueAsString}`);
      records.push(values.sort().join(", "));
    }
  }
  return records;
}

/** The rows of a version's training set, each with its part. */
async function trainingSet({ version, lineage }: ModelVersion): Promise<string[]> {
  if (lineage.dataset_uri === undefined) return [`v${version}: its lineage names no training set`];
  const { parquetReadObjects } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const rows: string[] = [];
  for (const uri of await listUris(lineage.dataset_uri)) {
    if (!uri.endsWith(".parquet")) continue;
    const { bucket, key } = parseUri(uri);
    const { Body } = await clients.s3().send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const part = uri.slice(lineage.dataset_uri.length + 1).split("/")[0];
    for (const row of await parquetReadObjects({ file, compressors })) rows.push(`v${version} ${part}: ${asJson(row)}`);
  }
  return rows;
}

/** JSON of a Parquet row, whose 64-bit integers are bigints. */
const asJson = (row: unknown) =>
  JSON.stringify(row, (_, value) => (typeof value === "bigint" ? Number(value) : (value as unknown)));

async function metricsOf({ version, lineage }: ModelVersion): Promise<string> {
  const found = await readJson(lineage.evaluation_uri ?? "", evaluation);
  if (found === undefined) return `v${version}: not evaluated`;
  const champion = found.champion === null ? "none" : `v${found.champion.version}`;
  return `v${version}: ${JSON.stringify({ ...found.challenger.metrics, test_rows: found.test_rows })}, champion ${champion}`;
}
