/** What the environment has once and every stage of every pipeline uses. */
import type * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../spec/pipeline";
import type { StackConfig } from "./config";
import type { EnvironmentNames, PipelineNames, Place } from "./names";

/** A bucket as its users need it. */
export interface BucketRef {
  name: string;
  /** The same name, known once the bucket is there: for resources inside it. */
  id: pulumi.Output<string>;
  arn: pulumi.Output<string>;
}

/** Where what failed for good goes, and the key that encrypts it there. */
export interface DeadLetterTarget {
  arn: pulumi.Input<string>;
  keyArn: pulumi.Input<string>;
}

/** The environment: its place, its settings, its keys, its buckets, its alerts. */
export interface Platform {
  place: Place;
  config: StackConfig;
  names: EnvironmentNames;
  /** Encrypts data at rest: the lake, streams, stores, volumes, logs. */
  dataKeyArn: pulumi.Input<string>;
  /** Encrypts messages: the alerts topic and the dead letter queues. */
  messagesKeyArn: pulumi.Input<string>;
  lakeBucket: BucketRef;
  codeBucket: BucketRef;
  alertTopicArn: pulumi.Input<string>;
}

/** One pipeline: what it is, and what its things are called. */
export interface Pipeline {
  spec: PipelineSpec;
  names: PipelineNames;
}

/** What every stage is given, beside its datasets and what the stages before it made. */
export interface StageArgs {
  platform: Platform;
  pipeline: Pipeline;
}

/** What a stage with asynchronous calls is given, too. */
export interface AsynchronousStageArgs extends StageArgs {
  /** Where what failed for good goes. */
  deadLetters: DeadLetterTarget;
}
