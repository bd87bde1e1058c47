import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { catalogText, longestComment } from "../../lake/catalog-text";
import type { Dataset } from "../../lake/dataset";
import type { Pipeline } from "../../platform";

/** A Glue table over the raw events for queries, partitioned by hour. All columns are strings: nothing has been parsed yet. */
export function rawTable(
  name: string,
  { pipeline, database, rawEvents }: { pipeline: Pipeline; database: pulumi.Input<string>; rawEvents: Dataset },
  options: pulumi.CustomResourceOptions,
): void {
  const location = `${rawEvents.uri}/`;
  new aws.glue.CatalogTable(
    name,
    {
      name: rawEvents.name,
      databaseName: database,
      description: "Raw events as received, before parsing and quality checks",
      tableType: "EXTERNAL_TABLE",
      parameters: {
        classification: "json",
        compressionType: "gzip",
        EXTERNAL: "TRUE",
        // Partition projection: queries derive the hourly folders, so the catalog needs no partition entries.
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
          comment: catalogText(description, longestComment),
        })),
      },
    },
    options,
  );
}
