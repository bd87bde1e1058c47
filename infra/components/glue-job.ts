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
  /** The stage whose script it runs. */
  stage: GlueStage;
  /** The last part of its name, where one stage's word is not enough. */
  suffix?: string;
  description: string;
  /** What it may do, beside what its code, its datasets, its run's reports and its logs take. */
  statements?: readonly Statement[];
  /** What it reports beside its own step's figures. */
  reports?: readonly string[];
  /** What its script is told, beside its run and its datasets. */
  jobArguments?: Readonly<Record<string, pulumi.Input<string>>>;
  timeoutMinutes: number;
}

/** The Spark catalog `lake`: Iceberg tables in the Glue Data Catalog, files in S3. */
function sparkConfiguration(warehouse: string): string {
  const catalog = "spark.sql.catalog.lake";
  return [
    "spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions",
    `${catalog}=org.apache.iceberg.spark.SparkCatalog`,
    `${catalog}.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog`,
    `${catalog}.io-impl=org.apache.iceberg.aws.s3.S3FileIO`,
    `${catalog}.warehouse=${warehouse}`,
    // Each step commits to tables that the next one reads: a cached table would be an old one.
    `${catalog}.cache-enabled=false`,
    "spark.sql.session.timeZone=UTC",
  ].join(" --conf ");
}

function logStatements(groupArns: readonly pulumi.Input<string>[]): Statement[] {
  return [
    {
      sid: "WriteLogs",
      actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
      resources: groupArns.map((arn) => pulumi.interpolate`${arn}:*`),
    },
    // A job with a security configuration sees to it itself that its groups are encrypted.
    { sid: "EncryptLogs", actions: ["logs:AssociateKmsKey"], resources: groupArns },
  ];
}

/** A Spark job on Glue 5.1, with a role of its own. */
export class GlueJob extends pulumi.ComponentResource {
  readonly name: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: GlueJobArgs, options: pulumi.ComponentResourceOptions) {
    super("daybreak:component:GlueJob", name, {}, options);
    const { platform, pipeline, runtime } = args;
    const step = args.suffix ?? args.stage;
    const jobName = `${pipeline.names.prefix}-${step}`;
    const { runReports } = runtime;
    // It reads the run's plan and the reports of earlier steps, and writes its own.
    const ownReports = runReports.only(`*/${step}.json`, ...(args.reports ?? []).map((name) => `*/${name}.json`));
    const use = { reads: [...(args.reads ?? []), runReports], writes: [...(args.writes ?? []), ownReports] };
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
          ...logStatements(runtime.logGroupArns),
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
        // Step Functions decides about another try; a job that tried again by itself would hide that it failed.
        maxRetries: 0,
        timeout: args.timeoutMinutes,
        executionProperty: { maxConcurrentRuns: 1 },
        securityConfiguration: runtime.securityConfiguration,
        command: { name: "glueetl", pythonVersion: "3", scriptLocation: runtime.code.glueScripts[args.stage] },
        defaultArguments: {
          "--job-language": "python",
          "--datalake-formats": "iceberg",
          "--conf": sparkConfiguration(runtime.warehouse),
          "--extra-py-files": runtime.code.etlPackage,
          "--custom-logGroup-prefix": pipeline.names.jobLogs,
          "--datasets": JSON.stringify(datasetAddresses(args)),
          ...args.jobArguments,
        },
      },
      { parent: this },
    );
    this.name = job.name;
    this.arn = job.arn;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}
