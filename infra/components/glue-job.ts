import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../iam/statements";
import { readObjects, useKey } from "../iam/storage";
import { type DatasetUse, datasetAddresses, datasetStatements } from "../lake/dataset";
import type { Pipeline, Platform } from "../platform";
import type { GlueStage } from "../sources";
import type { JobRuntime } from "./job-runtime";
import { ServiceRole } from "./service-role";

export interface GlueJobArgs extends DatasetUse {
  platform: Platform;
  pipeline: Pipeline;
  runtime: JobRuntime;
  /** The stage whose script the job runs. */
  stage: GlueStage;
  /** Last part of the job's name and the name of its report, if not the stage's name. */
  suffix?: string;
  description: string;
  /** Permissions beyond those for its code, datasets, run reports and logs. */
  statements?: readonly Statement[];
  /** Whether it is a step of a run, which has a plan and writes a report for it. Default: true. */
  isStep?: boolean;
  /** Names of the reports that it writes in addition to its step report. */
  reports?: readonly string[];
  /** S3 URIs of Python archives in addition to the package of the jobs. */
  pythonArchives?: readonly pulumi.Input<string>[];
  /** Script arguments in addition to `--datasets`; the workflow adds others, such as `--run` and `--spec` of a step. */
  jobArguments?: Readonly<Record<string, pulumi.Input<string>>>;
  timeoutMinutes: number;
}

/** Spark settings for the catalog `lake`: Iceberg tables in the Glue Data Catalog with their files in S3. */
function sparkConfiguration(warehouse: string): string {
  const catalog = "spark.sql.catalog.lake";
  return [
    "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    `${catalog}=org.apache.iceberg.spark.SparkCatalog`,
    `${catalog}.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog`,
    `${catalog}.io-impl=org.apache.iceberg.aws.s3.S3FileIO`,
    `${catalog}.warehouse=${warehouse}`,
    // Steps commit to tables that later steps read: a cached table would be stale.
    `${catalog}.cache-enabled=false`,
    "spark.sql.session.timeZone=UTC",
  ].join(" --conf ");
}

/** A Spark job on Glue 5.1 with its own role. */
export class GlueJob extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  readonly timeoutMinutes: number;

  constructor(name: string, args: GlueJobArgs, options: pulumi.ComponentResourceOptions) {
    super("daybreak:component:GlueJob", name, {}, options);
    const { platform, pipeline, runtime } = args;
    const step = args.suffix ?? args.stage;
    const jobName = `${pipeline.names.prefix}-${step}`;
    const { runReports } = runtime;
    // A job reads the run's plan and earlier step reports, but may write only its own reports.
    const ownReports = runReports.only(`*/${step}.json`, ...(args.reports ?? []).map((name) => `*/${name}.json`));
    const run = args.isStep === false ? { reads: [], writes: [] } : { reads: [runReports], writes: [ownReports] };
    const use = {
      reads: [...(args.reads ?? []), ...run.reads],
      writes: [...(args.writes ?? []), ...run.writes],
    };
    const role = new ServiceRole(
      name,
      {
        roleName: jobName,
        service: "glue.amazonaws.com",
        accountId: platform.place.accountId,
        description: args.description,
        statements: [
          readObjects("Code", platform.codeBucket.arn, ["glue/*", `pipelines/${pipeline.spec.name}/*`]),
          ...datasetStatements(use),
          useKey("Data", platform.dataKeyArn),
          ...(args.statements ?? []),
          ...(platform.network?.jobStatements ?? []),
          {
            sid: "WriteLogs",
            actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
            resources: runtime.logGroupArns.map((arn) => pulumi.interpolate`${arn}:*`),
          },
        ],
      },
      { parent: this },
    );
    const job = new aws.glue.Job(
      `${name}-job`,
      {
        name: jobName,
        description: args.description,
        roleArn: role.arn,
        glueVersion: "5.1",
        workerType: "G.1X",
        numberOfWorkers: platform.config.glueWorkers,
        // The workflow repeats a failed step; a retry by Glue would be a run that the workflow does not know.
        maxRetries: 0,
        timeout: args.timeoutMinutes,
        executionProperty: { maxConcurrentRuns: 1 },
        ...(platform.network === undefined ? {} : { connections: platform.network.connections }),
        securityConfiguration: runtime.securityConfiguration,
        command: { name: "glueetl", pythonVersion: "3", scriptLocation: runtime.code.glueScripts[args.stage] },
        defaultArguments: {
          "--job-language": "python",
          "--datalake-formats": "iceberg",
          "--conf": sparkConfiguration(runtime.warehouse),
          "--extra-py-files": pulumi
            .all([runtime.code.etlPackage, ...(args.pythonArchives ?? [])])
            .apply((uris) => uris.join(",")),
          "--custom-logGroup-prefix": pipeline.names.jobLogs,
          // Without it, Glue sends what the job calls of S3, CloudWatch and Glue through a network of its own.
          ...(platform.network === undefined ? {} : { "--disable-proxy-v2": "true" }),
          "--datasets": JSON.stringify(datasetAddresses(args)),
          ...args.jobArguments,
        },
      },
      { parent: this },
    );
    this.name = job.name;
    this.arn = job.arn;
    this.timeoutMinutes = args.timeoutMinutes;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}
