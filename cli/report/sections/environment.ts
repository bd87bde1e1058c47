/** What this run used of AWS: what is the same, what was emulated, and what a local run does not show. */
import type { Summary } from "../../../contracts/summary";
import { html, type Markup } from "../html";
import { facts, section } from "../parts/section";

export function environmentSection({ data }: Summary): Markup {
  return section(
    "environment",
    "What was real and what was emulated",
    html`<p>Everything ran on one machine in Daybreak’s local cloud; no AWS account was involved.</p>`,
    facts(
      [
        ["Data", `${data.file}.`],
        [
          "The same code as on AWS",
          "The Pulumi program, the Lambdas, the Glue scripts, the pipeline’s SQL, the workflow definitions, and the code that trains, evaluates and serves. Spark, Iceberg and XGBoost are the real ones, in the versions that AWS runs.",
        ],
        [
          "Emulated by ministack",
          "S3, Kinesis, Firehose, the Glue catalog, Lambda, Step Functions, EventBridge, SNS, SQS, CloudWatch, Secrets Manager, KMS and IAM. Each call’s signature and IAM permissions were checked.",
        ],
        [
          "Emulated by Daybreak",
          "SageMaker: training and processing jobs, the model registry, the endpoint with its data capture, and the feature store’s online store. Starting Glue jobs, Firehose’s buffering, and the services that workflows call. The deployment used Pulumi’s SDK without its engine. Slack is an inbox on this machine.",
        ],
        [
          "Different from AWS",
          "The demo started each day’s run itself instead of a schedule, shortened buffering and canary waits, and acted as the reviewer. Connections were plain HTTP on loopback, and nothing was encrypted on disk.",
        ],
        [
          "Not shown by a local run",
          "AWS’s durations, costs, quotas and scaling: the times on this page are those of one machine.",
        ],
      ],
      "environment",
    ),
  );
}
