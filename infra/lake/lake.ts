import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { StageArgs } from "../platform";
import { type Datasets, pipelineDatasets, warehouse } from "./datasets";

/**
 * Where a pipeline keeps its data: its datasets, and the database of those that are tables. The Iceberg tables are made by
 * the jobs that write them: Glue's API for tables, which is what Pulumi has, cannot declare their partition transforms.
 */
export class Lake extends pulumi.ComponentResource {
  readonly database: pulumi.Output<string>;
  readonly datasets: Datasets;
  /** The folder in which Iceberg puts a table that names no place of its own. */
  readonly warehouse: string;

  constructor(name: string, { platform, pipeline }: StageArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:lake:Lake", name, {}, options);
    this.database = new aws.glue.CatalogDatabase(
      `${name}-database`,
      { name: pipeline.names.database, description: pipeline.spec.description },
      { parent: this },
    ).name;
    this.datasets = pipelineDatasets(platform.lakeBucket, platform.place, pipeline.names);
    this.warehouse = warehouse(platform.lakeBucket, pipeline.names);
    this.registerOutputs({ database: this.database });
  }
}
