import * as pulumi from "@pulumi/pulumi";
import { GlueJob } from "../components/glue-job";
import { listFolders, ownObjects, readObjects, readTables, writeTables } from "../iam/storage";
import { zoneFolder } from "../names";
import type { StageArgs } from "../platform";
import type { Code } from "./code";
import type { Lake } from "./lake";

/** What every Glue stage is given beside the common. */
export interface JobStageArgs extends StageArgs {
  code: Code;
  lake: Lake;
  glueSecurity: pulumi.Output<string>;
}

/** Parses, types and deduplicates what arrived since the last run. */
export class Transform extends pulumi.ComponentResource {
  readonly job: GlueJob;

  constructor(name: string, args: JobStageArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Transform", name, {}, options);
    const { platform, pipeline, lake } = args;
    const folder = (zone: Parameters<typeof zoneFolder>[0]) => zoneFolder(zone, pipeline.spec.name);
    const bucket = platform.lake.arn;
    this.job = new GlueJob(
      name,
      {
        platform,
        pipeline,
        suffix: "transform",
        description: `${pipeline.spec.name}: raw files to typed, deduplicated events`,
        scriptUri: args.code.glueScripts.transform,
        packageUri: args.code.etlPackage,
        securityConfiguration: args.glueSecurity,
        logGroupArns: lake.jobLogArns,
        statements: [
          listFolders("Lake", bucket, [folder("raw"), folder("curated"), folder("reports")]),
          readObjects("Raw", bucket, [`${folder("raw")}*`]),
          ownObjects("Curated", bucket, [`${folder("curated")}*`]),
          readTables(lake.catalog, ["*"]),
          writeTables(lake.catalog, ["staged", "events", "processed_files"]),
        ],
        timeoutMinutes: 120,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
