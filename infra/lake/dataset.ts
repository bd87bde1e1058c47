/**
 * Datasets: the values that stages pass to each other. A dataset provides its own address and the IAM statements for reading
 * and writing it, so that job arguments, environment variables and permissions always agree.
 */
import * as pulumi from "@pulumi/pulumi";
import type { DatasetName } from "../../contracts/datasets";
import type { Statement } from "../iam/statements";
import type { BucketRef } from "../platform";

/** A dataset's location, as jobs and tools receive it. */
export interface DatasetAddress {
  /** `s3://bucket/folder`, without a trailing slash. */
  uri: string;
  /** `database.table` if the dataset is a table. */
  table?: string;
  /** For the job that writes the table: how many days it keeps old snapshots, and rows if not for ever. */
  snapshot_days?: number;
  row_days?: number;
}

/** How long a table's old snapshots and, if not for ever, its rows are kept. */
export type TableRetention = Pick<DatasetAddress, "snapshot_days" | "row_days">;

/** Converts `raw_events` to `RawEvents`, for use in a statement's Sid. */
function sidPart(name: string): string {
  return name.replaceAll(/(^|_)([a-z])/g, (_match, _separator, letter: string) => letter.toUpperCase());
}

/** A dataset that is a folder in the lake. */
export class Dataset {
  constructor(
    readonly name: DatasetName,
    protected readonly bucket: BucketRef,
    /** Key prefix without leading or trailing slash: `raw/shop`. */
    readonly folder: string,
    /**
     * Whether jobs overwrite files of the folder, which requires reading and deleting them: as a table, or as files that Spark
     * writes through Hadoop.
     */
    private readonly overwritten: "table" | "files" | undefined = undefined,
    /** IAM patterns of the keys below the folder that the statements cover. */
    private readonly keys: readonly string[] = ["*"],
  ) {}

  /** Restricts the dataset to keys that match these IAM patterns, so that each step can write only its own report. */
  only(...keys: string[]): Dataset {
    return new Dataset(this.name, this.bucket, this.folder, this.overwritten, keys);
  }

  get uri(): string {
    return `s3://${this.bucket.name}/${this.folder}`;
  }

  get address(): DatasetAddress {
    return { uri: this.uri };
  }

  /** The address for a job that writes the dataset. */
  get written(): DatasetAddress {
    return this.address;
  }

  /**
   * Permission to list the folder. Without it, S3 answers 403 instead of 404 for a missing object.
   */
  get list(): Statement {
    return {
      ...this.statement("List", ["s3:ListBucket"], [this.bucket.arn]),
      conditions: { StringLike: { "s3:prefix": [this.folder, `${this.folder}/*`] } },
    };
  }

  /**
   * Permission for Hadoop to find the folder absent and to make it. Its S3A asks for the keys of the folder and of each parent, takes
   * only 404 for absent, and S3 answers 403 to who may list some prefixes only: such a question names no prefix.
   */
  private get listAll(): Statement {
    return this.statement("List", ["s3:ListBucket"], [this.bucket.arn]);
  }

  /** Permission to read and list the objects. */
  get read(): Statement[] {
    return [this.readObjects, this.list];
  }

  protected get readObjects(): Statement {
    return this.statement("Read", ["s3:GetObject"], this.objects);
  }

  /** Permission to write objects and, if the folder is overwritten, to read and delete them. */
  get write(): Statement[] {
    const actions = ["s3:PutObject", "s3:AbortMultipartUpload"];
    if (this.overwritten === undefined) return [this.statement("Write", actions, this.objects)];
    const write = this.statement("Write", [...actions, "s3:DeleteObject"], this.objects);
    return this.overwritten === "table" ? [...this.read, write] : [this.readObjects, this.listAll, write];
  }

  protected get objects(): pulumi.Output<string>[] {
    return this.keys.map((key) => pulumi.interpolate`${this.bucket.arn}/${this.folder}/${key}`);
  }

  protected statement(verb: string, actions: readonly string[], resources: Statement["resources"]): Statement {
    return { sid: `${verb}${sidPart(this.name)}`, actions, resources };
  }
}

/** A Glue database and the account and region it is in. */
export interface Catalog {
  region: string;
  accountId: string;
  database: string;
}

/** A dataset that is a table in the pipeline's Glue database, stored in a folder of the lake. */
export class TableDataset extends Dataset {
  constructor(
    name: DatasetName,
    bucket: BucketRef,
    folder: string,
    readonly catalog: Catalog,
    private readonly keep: TableRetention,
  ) {
    super(name, bucket, folder, "table");
  }

  override get address(): DatasetAddress {
    return { uri: this.uri, table: `${this.catalog.database}.${this.name}` };
  }

  override get written(): DatasetAddress {
    return { ...this.address, ...this.keep };
  }

  /** Permission to read the table's definition and files. Iceberg finds them by the table's metadata, without listing. */
  override get read(): Statement[] {
    return [this.readObjects, { sid: "LookUp", actions: ["glue:GetTable"], resources: this.catalogArns }];
  }

  /** Permission to read, create and commit to the table. An Iceberg commit is a Glue UpdateTable. */
  override get write(): Statement[] {
    const commit = { sid: "Commit", actions: ["glue:CreateTable", "glue:UpdateTable"], resources: this.catalogArns };
    return [...super.write, commit];
  }

  /** The table with its database and the catalog: Glue judges an action on a table by all of them. */
  get catalogArns(): string[] {
    const { region, accountId, database } = this.catalog;
    const glue = `arn:aws:glue:${region}:${accountId}`;
    return [`${glue}:table/${database}/${this.name}`, `${glue}:catalog`, `${glue}:database/${database}`];
  }
}

/** The datasets that a job or Lambda reads and writes. */
export interface DatasetUse {
  reads?: readonly Dataset[];
  writes?: readonly Dataset[];
}

/** IAM statements for a set of datasets. Those of the same name become one: all tables of a role are in the same catalog. */
export function datasetStatements({ reads = [], writes = [] }: DatasetUse): Statement[] {
  const merged = new Map<string, Statement>();
  for (const statement of [...reads.flatMap(({ read }) => read), ...writes.flatMap(({ write }) => write)]) {
    const resources = [...(merged.get(statement.sid)?.resources ?? []), ...statement.resources];
    merged.set(statement.sid, { ...statement, resources: [...new Set(resources)] });
  }
  return [...merged.values()];
}

/** Addresses of a set of datasets, by dataset name. */
export function datasetAddresses({ reads = [], writes = [] }: DatasetUse): Record<string, DatasetAddress> {
  return Object.fromEntries([
    ...reads.map(({ name, address }) => [name, address]),
    ...writes.map(({ name, written }) => [name, written]),
  ]);
}

/** URIs of a set of datasets as environment variables, such as `RAW_EVENTS_URI`. */
export function datasetVariables(use: DatasetUse): Record<string, string> {
  const addresses = Object.entries(datasetAddresses(use));
  return Object.fromEntries(addresses.map(([name, { uri }]) => [`${name.toUpperCase()}_URI`, uri]));
}
