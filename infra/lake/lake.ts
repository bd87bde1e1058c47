import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { StageArgs } from "../platform";
import { catalogText, longestDescription } from "./catalog-text";
import { type Datasets, pipelineDatasets, warehouse } from "./datasets";

/**
 * A pipeline's datasets and the Glue database of its tables. The jobs create the Iceberg tables that they write, because
 * Glue's CreateTable, which Pulumi uses, cannot declare Iceberg partition transforms.
 */
export class Lake extends pulumi.ComponentResource {
  readonly database: pulumi.Output<string>;
  readonly datasets: Datasets;
  /** Iceberg's default location for tables that are created without one. */
  readonly warehouse: string;

  constructor(name: string, { platform, pipeline }: StageArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:lake:Lake", name, {}, options);
    this.database = new aws.glue.CatalogDatabase(
      `${name}-database`,
      { name: pipeline.names.database, description: catalogText(pipeline.spec.description, longestDescription) },
      { parent: this },
    ).name;
    this.datasets = pipelineDatasets(platform.lakeBucket, platform.place, pipeline.names, platform.config.retention);
    this.warehouse = warehouse(platform.lakeBucket, pipeline.names);
    this.registerOutputs({ database: this.database });
  }
}
