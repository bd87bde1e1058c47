/** The whole stack: the environment's foundation, then each pipeline from its events to its monitored endpoint. */
import * as aws from "@pulumi/aws";
import type { PipelineSpec } from "../spec/pipeline";
import type { StackConfig } from "./config";
import { environmentNames, pipelineNames } from "./names";
import { type PipelineOutputs, pipelineOutputs, type StackOutputs } from "./outputs";
import type { Platform } from "./platform";
import { Alerts } from "./stages/alerts";
import { Code } from "./stages/code";
import { Features } from "./stages/features";
import { Foundation } from "./stages/foundation";
import { Ingest } from "./stages/ingest";
import { Lake } from "./stages/lake";
import { Monitor } from "./stages/monitor";
import { Overview } from "./stages/overview";
import { Quality } from "./stages/quality";
import { Registry } from "./stages/registry";
import { Run } from "./stages/run";
import { Serve } from "./stages/serve";
import { Train } from "./stages/train";
import { Transform } from "./stages/transform";

/** Declares everything; what comes back are the names and addresses that people and tools need. */
export async function createStack(config: StackConfig): Promise<StackOutputs> {
  const { accountId } = await aws.getCallerIdentity();
  const place = { environment: config.environment, region: config.region, accountId };
  const names = environmentNames(place);

  const foundation = new Foundation("foundation", { place, names, config });
  const code = new Code("code", { bucket: foundation.code, config }, {});
  const alerts = new Alerts("alerts", { place, names, config, ...foundation.keys });
  const { lake, code: codeBucket } = foundation;
  const platform = {
    place,
    config,
    names,
    lake,
    code: codeBucket,
    ...foundation.keys,
    alertsTopicArn: alerts.topicArn,
  };

  const pipelines = config.pipelineSpecs.map((spec) => [spec.name, createPipeline(platform, foundation, code, spec)]);
  return {
    lakeBucket: foundation.lake.id,
    codeBucket: foundation.code.id,
    alertsTopicArn: alerts.topicArn,
    slackSecretArn: alerts.slackSecretArn,
    pipelines: Object.fromEntries(pipelines),
  };
}

/** One pipeline: each stage is given what the stages before it made. */
function createPipeline(platform: Platform, foundation: Foundation, code: Code, spec: PipelineSpec): PipelineOutputs {
  const common = { platform, pipeline: { spec, names: pipelineNames(platform.place, spec.name) } };
  const stage = (name: string) => `${spec.name}-${name}`;

  const ingest = new Ingest(stage("ingest"), common);
  const lake = new Lake(stage("lake"), common);
  const jobs = { ...common, code, lake, glueSecurity: foundation.glueSecurity };
  const transform = new Transform(stage("transform"), jobs);
  const quality = new Quality(stage("quality"), jobs);
  const features = new Features(stage("features"), jobs);
  const train = new Train(stage("train"), jobs);
  const registry = new Registry(stage("registry"), { ...common, lake });
  const run = new Run(stage("run"), { ...common, lake, transform, quality, features, train, registry });
  const serve = new Serve(stage("serve"), { ...common, lake, features, registry });
  const monitor = new Monitor(stage("monitor"), { ...common, lake, run });
  const overview = new Overview(stage("overview"), { ...common, run, serve, monitor });

  return pipelineOutputs(common.pipeline, { ingest, lake, features, registry, run, serve, monitor, overview });
}
