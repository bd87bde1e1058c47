import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { hashFiles } from "../archives";
import { codeObject } from "../components/code-object";
import { DeadLetters } from "../components/dead-letters";
import { logGroup } from "../components/log-group";
import type { Catalog } from "../iam/storage";
import { zoneFolder } from "../names";
import type { DeadLetterTarget, StageArgs } from "../platform";

/**
 * What a pipeline keeps its data in: a database with the raw events as a table, its description for the jobs to read, the
 * logs of its jobs, and its dead letters. The Iceberg tables are made by the jobs: Glue's API for tables, which is what
 * Pulumi has, cannot declare their partition transforms.
 */
export class Lake extends pulumi.ComponentResource {
  readonly catalog: Catalog;
  readonly database: pulumi.Output<string>;
  readonly specUri: pulumi.Output<string>;
  readonly jobLogArns: pulumi.Output<string>[];
  readonly deadLetters: DeadLetterTarget;

  constructor(name: string, args: StageArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Lake", name, {}, options);
    const { platform, pipeline } = args;
    const { place } = platform;
    const inside = { parent: this };
    const database = new aws.glue.CatalogDatabase(
      `${name}-database`,
      { name: pipeline.names.database, description: pipeline.spec.description },
      inside,
    );
    this.database = database.name;
    this.catalog = { region: place.region, accountId: place.accountId, database: pipeline.names.database };
    rawTable(`${name}-raw`, args, database, inside);

    const spec = JSON.stringify(pipeline.spec, null, 2);
    const hash = hashFiles(new Map([["pipeline.json", Buffer.from(spec)]]));
    this.specUri = codeObject(
      `${name}-spec`,
      {
        bucket: platform.code,
        key: `pipelines/${pipeline.spec.name}/${hash}.json`,
        content: spec,
        contentType: "application/json",
      },
      inside,
    );
    this.jobLogArns = ["output", "error"].map(
      (kind) => logGroup(`${name}-job-${kind}`, `${pipeline.names.jobLogs}/${kind}`, platform, inside).arn,
    );
    const deadLetters = new DeadLetters(
      `${name}-dead-letters`,
      {
        queueName: pipeline.names.deadLetters,
        keyArn: platform.messagesKeyArn,
        senders: [
          {
            service: "events.amazonaws.com",
            sourceArn: `arn:aws:events:${place.region}:${place.accountId}:rule/${pipeline.names.prefix}-*`,
          },
        ],
        topicArn: platform.alertsTopicArn,
        description:
          `Something of ${pipeline.spec.name} failed for good: an approval, a drift alarm or a scheduled start. ` +
          "The message's attributes say which rule, schedule or Lambda it was for, and why it failed.",
      },
      inside,
    );
    this.deadLetters = deadLetters.target;
    this.registerOutputs({ database: this.database, specUri: this.specUri });
  }
}

/** The raw events as they came: every field as text, since nothing has been checked yet; an hour is a partition. */
function rawTable(
  name: string,
  { platform, pipeline }: StageArgs,
  database: aws.glue.CatalogDatabase,
  options: pulumi.CustomResourceOptions,
): void {
  const location = `s3://${platform.lake.name}/${zoneFolder("raw", pipeline.spec.name)}`;
  new aws.glue.CatalogTable(
    name,
    {
      name: "raw",
      databaseName: database.name,
      description: "Events as they came, before they are parsed and checked",
      tableType: "EXTERNAL_TABLE",
      parameters: {
        classification: "json",
        compressionType: "gzip",
        EXTERNAL: "TRUE",
        // Hours need no entry in the catalog: a query works out their folders.
        "projection.enabled": "true",
        "projection.hour.type": "date",
        "projection.hour.format": "yyyy/MM/dd/HH",
        "projection.hour.range": "2020/01/01/00,NOW",
        "projection.hour.interval": "1",
        "projection.hour.interval.unit": "HOURS",
        "storage.location.template": `${location}\${hour}/`,
      },
      partitionKeys: [{ name: "hour", type: "string" }],
      storageDescriptor: {
        location,
        inputFormat: "org.apache.hadoop.mapred.TextInputFormat",
        outputFormat: "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        serDeInfo: {
          serializationLibrary: "org.openx.data.jsonserde.JsonSerDe",
          parameters: { "ignore.malformed.json": "true" },
        },
        columns: Object.entries(pipeline.spec.events.fields).map(([field, { description }]) => ({
          name: field,
          type: "string",
          comment: description,
        })),
      },
    },
    options,
  );
}
