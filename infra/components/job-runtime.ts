import * as pulumi from "@pulumi/pulumi";
import { hashFiles } from "../archives";
import type { Code } from "../environment/code";
import type { Dataset } from "../lake/dataset";
import type { Lake } from "../lake/lake";
import type { StageArgs } from "../platform";
import { codeObject } from "./code-object";
import { logGroup } from "./log-group";

export interface JobRuntimeArgs extends StageArgs {
  code: Code;
  glueSecurity: pulumi.Input<string>;
  lake: Lake;
}

/** The folder of a pipeline's specs in the code bucket. */
export const specFolder = (pipeline: string): string => `pipelines/${pipeline}`;

/** What all Glue jobs of a pipeline share: code, pipeline spec, log groups, security configuration and run reports. */
export class JobRuntime extends pulumi.ComponentResource {
  readonly code: Code;
  /** S3 URI of the resolved pipeline.yaml, including its SQL, as JSON. */
  readonly specUri: pulumi.Output<string>;
  readonly logGroupArns: readonly pulumi.Output<string>[];
  readonly securityConfiguration: pulumi.Input<string>;
  /** Iceberg's default location for tables that are created without one. */
  readonly warehouse: string;
  readonly runReports: Dataset;

  constructor(name: string, args: JobRuntimeArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:component:JobRuntime", name, {}, options);
    const { platform, pipeline } = args;
    const inside = { parent: this };
    this.code = args.code;
    this.securityConfiguration = args.glueSecurity;
    this.warehouse = args.lake.warehouse;
    this.runReports = args.lake.datasets.runReports;
    const spec = JSON.stringify(pipeline.spec, null, 2);
    const hash = hashFiles(new Map([["pipeline.json", Buffer.from(spec)]]));
    this.specUri = codeObject(
      `${name}-spec`,
      {
        bucket: platform.codeBucket,
        key: `${specFolder(pipeline.spec.name)}/${hash}.json`,
        content: spec,
        contentType: "application/json",
      },
      inside,
    );
    this.logGroupArns = ["output", "error"].map(
      (kind) => logGroup(`${name}-${kind}`, `${pipeline.names.jobLogs}/${kind}`, platform, inside).arn,
    );
    this.registerOutputs({ specUri: this.specUri });
  }
}
