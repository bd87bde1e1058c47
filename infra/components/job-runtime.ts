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

/** What every Glue job of a pipeline runs with: code, the pipeline's description, logs, and the reports of its run. */
export class JobRuntime extends pulumi.ComponentResource {
  readonly code: Code;
  /** The resolved pipeline.yaml and SQL, as JSON. */
  readonly specUri: pulumi.Output<string>;
  readonly logGroupArns: readonly pulumi.Output<string>[];
  readonly securityConfiguration: pulumi.Input<string>;
  /** The folder in which Iceberg puts a table that names no place of its own. */
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
        key: `pipelines/${pipeline.spec.name}/${hash}.json`,
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
