import * as pulumi from "@pulumi/pulumi";
import { GlueJob } from "../components/glue-job";
import { listFolders, ownObjects, readTables, writeTables } from "../iam/storage";
import { zoneFolder } from "../names";
import type { JobStageArgs } from "./transform";

/** Judges new events by the pipeline's rules; publishes the good ones, sets the others aside. */
export class Quality extends pulumi.ComponentResource {
  readonly job: GlueJob;

  constructor(name: string, args: JobStageArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Quality", name, {}, options);
    const { platform, pipeline, lake } = args;
    const folder = (zone: Parameters<typeof zoneFolder>[0]) => zoneFolder(zone, pipeline.spec.name);
    const bucket = platform.lake.arn;
    this.job = new GlueJob(
      name,
      {
        platform,
        pipeline,
        suffix: "quality",
        description: `${pipeline.spec.name}: data quality rules, then publication`,
        scriptUri: args.code.glueScripts.quality,
        packageUri: args.code.etlPackage,
        securityConfiguration: args.glueSecurity,
        logGroupArns: lake.jobLogArns,
        statements: [
          listFolders("Lake", bucket, [folder("curated"), folder("quarantine"), folder("reports")]),
          ownObjects("Events", bucket, [`${folder("curated")}*`, `${folder("quarantine")}*`]),
          readTables(lake.catalog, ["*"]),
          writeTables(lake.catalog, ["events", "quarantine", "processed_files"]),
        ],
        timeoutMinutes: 120,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
