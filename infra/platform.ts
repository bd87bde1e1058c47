/** What the stages receive: the resources that all pipelines share, and the pipeline they belong to. */
import type * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../spec/pipeline";
import type { Dispatch } from "./components/event-trigger";
import type { StackConfig } from "./config";
import type { Network } from "./environment/network";
import type { EnvironmentNames, PipelineNames, Place } from "./names";

/** A bucket, by its plain name for URIs and by its outputs for resources that depend on it. */
export interface BucketRef {
  name: string;
  /** The same name as an output, so that resources inside the bucket wait for it. */
  id: pulumi.Output<string>;
  arn: pulumi.Output<string>;
}

/** A dead-letter queue and the KMS key that encrypts it. */
export interface DeadLetterTarget {
  arn: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
}

/** The environment's settings and shared resources. */
export interface Platform {
  place: Place;
  config: StackConfig;
  names: EnvironmentNames;
  /** Encrypts data at rest: the buckets, streams, feature stores, volumes and logs. */
  dataKeyArn: pulumi.Input<string>;
  /** Encrypts the alert topic and the dead-letter queues. */
  messagesKeyArn: pulumi.Input<string>;
  lakeBucket: BucketRef;
  codeBucket: BucketRef;
  /** Where code runs if the environment's network is private; undefined: in AWS's own networks. */
  network?: Network | undefined;
  alertTopicArn: pulumi.Input<string>;
  /** Where approvals go; undefined if they start the deployment themselves. */
  approvals: Dispatch | undefined;
  /** Where duties are separate: the unique ID of the reviewers' role. */
  reviewerRoleId?: pulumi.Output<string> | undefined;
}

/** A pipeline's definition and the names of its resources. */
export interface Pipeline {
  spec: PipelineSpec;
  names: PipelineNames;
}

/** Arguments of every stage. Each stage adds its datasets and what it needs from earlier stages. */
export interface StageArgs {
  platform: Platform;
  pipeline: Pipeline;
}

/** Arguments of a stage whose Lambdas or schedules are invoked asynchronously. */
export interface AsynchronousStageArgs extends StageArgs {
  /** Receives invocations that failed after all retries. */
  deadLetters: DeadLetterTarget;
}
