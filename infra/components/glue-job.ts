import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../iam/statements";
import { readObjects, useKey } from "../iam/storage";
import type { Pipeline, Platform } from "../platform";
import { ServiceRole } from "./service-role";

export interface GlueJobArgs {
  platform: Platform;
  pipeline: Pipeline;
  /** The last part of its name. */
  suffix: string;
  description: string;
  /** `s3://` addresses of the script and of the package it imports. */
  scriptUri: pulumi.Input<string>;
  packageUri: pulumi.Input<string>;
  securityConfiguration: pulumi.Input<string>;
  /** The log groups that the job writes to. */
  logGroupArns: readonly pulumi.Input<string>[];
  /** What it may do, beside reading its code and its run's plan, and writing its report and its logs. */
  statements: readonly Statement[];
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
    const { platform, pipeline } = args;
    const jobName = `${pipeline.names.prefix}-${args.suffix}`;
    const runs = `reports/${pipeline.spec.name}/runs/*`;
    const role = new ServiceRole(
      name,
      {
        roleName: jobName,
        service: "glue.amazonaws.com",
        accountId: platform.place.accountId,
        description: args.description,
        statements: [
          readObjects("Code", platform.code.arn, ["glue/*", `pipelines/${pipeline.spec.name}/*`]),
          {
            sid: "Report",
            actions: ["s3:GetObject", "s3:PutObject"],
            resources: [pulumi.interpolate`${platform.lake.arn}/${runs}`],
          },
          useKey("Data", platform.dataKeyArn),
          ...args.statements,
          ...logStatements(args.logGroupArns),
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
        securityConfiguration: args.securityConfiguration,
        command: { name: "glueetl", pythonVersion: "3", scriptLocation: args.scriptUri },
        defaultArguments: {
          "--job-language": "python",
          "--datalake-formats": "iceberg",
          "--conf": sparkConfiguration(`s3://${platform.lake.name}/curated/${pipeline.spec.name}`),
          "--extra-py-files": args.packageUri,
          "--custom-logGroup-prefix": pipeline.names.jobLogs,
          "--lake_bucket": platform.lake.name,
          "--database": pipeline.names.database,
          "--feature_group": pipeline.names.featureGroup,
          "--environment": platform.place.environment,
          "--pipeline": pipeline.spec.name,
          "--region": platform.place.region,
        },
      },
      { parent: this },
    );
    this.name = job.name;
    this.arn = job.arn;
    this.registerOutputs({ name: this.name, arn: this.arn });
  }
}
