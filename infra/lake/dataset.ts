/**
 * Datasets: the values that stages hand to each other. A dataset knows where it lies, and gives the statements that reading
 * or writing it takes, so that an address, a grant and an argument cannot disagree.
 */
import * as pulumi from "@pulumi/pulumi";
import type { DatasetName } from "../../contracts/datasets";
import type { Statement } from "../iam/statements";
import type { BucketRef } from "../platform";

/** What tools and jobs are told of a dataset. */
export interface DatasetAddress {
  /** `s3://bucket/folder`, without a slash at its end. */
  uri: string;
  /** `database.table`, of datasets that are tables. */
  table?: string;
}

/** `raw_events` as part of a statement's sid: `RawEvents`. */
function sidPart(name: string): string {
  return name.replaceAll(/(^|_)([a-z])/g, (_match, _separator, letter: string) => letter.toUpperCase());
}

/** A folder of the lake. */
export class Dataset {
  constructor(
    readonly name: DatasetName,
    protected readonly bucket: BucketRef,
    /** Without a slash at either end: `raw/shop`. */
    readonly folder: string,
    /** Spark deletes what a folder holds before it writes it anew. */
    private readonly overwritten = false,
    /** The keys below the folder, as IAM matches them. */
    private readonly keys: readonly string[] = ["*"],
  ) {}

  /** The objects whose keys match these IAM patterns: several steps write a run's reports, and each may write only its own. */
  only(...keys: string[]): Dataset {
    return new Dataset(this.name, this.bucket, this.folder, this.overwritten, keys);
  }

  get uri(): string {
    return `s3://${this.bucket.name}/${this.folder}`;
  }

  get address(): DatasetAddress {
    return { uri: this.uri };
  }

  /**
   * List the folder. Without it S3 answers 403 for a missing object, so whoever must tell "missing" from "forbidden" needs
   * it.
   */
  get list(): Statement {
    return {
      ...this.statement("List", ["s3:ListBucket"], [this.bucket.arn]),
      conditions: { StringLike: { "s3:prefix": [this.folder, `${this.folder}/*`] } },
    };
  }

  /** Read the objects, and tell which exist. */
  get read(): Statement[] {
    return [this.statement("Read", ["s3:GetObject"], this.objects), this.list];
  }

  /** Write objects. */
  get write(): Statement[] {
    const actions = ["s3:PutObject", "s3:AbortMultipartUpload"];
    if (!this.overwritten) return [this.statement("Write", actions, this.objects)];
    return [...this.read, this.statement("Write", [...actions, "s3:DeleteObject"], this.objects)];
  }

  protected get objects(): pulumi.Output<string>[] {
    return this.keys.map((key) => pulumi.interpolate`${this.bucket.arn}/${this.folder}/${key}`);
  }

  protected statement(verb: string, actions: readonly string[], resources: Statement["resources"]): Statement {
    return { sid: `${verb}${sidPart(this.name)}`, actions, resources };
  }
}

/** Where a Glue database is. */
export interface Catalog {
  region: string;
  accountId: string;
  database: string;
}

/** A folder of the lake that is a table of the pipeline's database as well. */
export class TableDataset extends Dataset {
  constructor(
    name: DatasetName,
    bucket: BucketRef,
    folder: string,
    readonly catalog: Catalog,
  ) {
    super(name, bucket, folder, true);
  }

  override get address(): DatasetAddress {
    return { uri: this.uri, table: `${this.catalog.database}.${this.name}` };
  }

  /** Look the table up and read its files, which its own metadata lists. */
  override get read(): Statement[] {
    return [
      ...super.read,
      this.statement("LookUp", ["glue:GetDatabase", "glue:GetTable", "glue:GetTables"], this.tableArns),
    ];
  }

  /** Read the table, make it, and commit to it: an Iceberg commit is an UpdateTable. */
  override get write(): Statement[] {
    return [...super.write, this.statement("Commit", ["glue:CreateTable", "glue:UpdateTable"], this.tableArns)];
  }

  private get tableArns(): string[] {
    const { region, accountId, database } = this.catalog;
    const root = `arn:aws:glue:${region}:${accountId}`;
    return [`${root}:catalog`, `${root}:database/${database}`, `${root}:table/${database}/${this.name}`];
  }
}

/** The datasets that a role reads and those that it writes. */
export interface DatasetUse {
  reads?: readonly Dataset[];
  writes?: readonly Dataset[];
}

/** The statements of a role that uses datasets. Whoever may write a table may read it. */
export function datasetStatements({ reads = [], writes = [] }: DatasetUse): Statement[] {
  const all = [...reads.flatMap(({ read }) => read), ...writes.flatMap(({ write }) => write)];
  return [...new Map(all.map((statement) => [statement.sid, statement])).values()];
}

/** The addresses of the datasets that somebody uses, by name. */
export function datasetAddresses({ reads = [], writes = [] }: DatasetUse): Record<string, DatasetAddress> {
  return Object.fromEntries([...reads, ...writes].map((dataset) => [dataset.name, dataset.address]));
}

/** The same for a Lambda's environment: `RAW_EVENTS_URI`. */
export function datasetVariables(use: DatasetUse): Record<string, string> {
  const addresses = Object.entries(datasetAddresses(use));
  return Object.fromEntries(addresses.map(([name, { uri }]) => [`${name.toUpperCase()}_URI`, uri]));
}
