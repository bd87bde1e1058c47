/** The whole stack: the environment's shared resources, then each pipeline's stages in the order of the data flow. */
import * as aws from "@pulumi/aws";
import type { PipelineSpec } from "../spec/pipeline";
import { JobRuntime } from "./components/job-runtime";
import type { StackConfig } from "./config";
import { Code } from "./environment/code";
import { findEndpoints } from "./environment/endpoints";
import { Foundation } from "./environment/foundation";
import { GitHub } from "./environment/github";
import { Network } from "./environment/network";
import { Lake } from "./lake/lake";
import { environmentNames, pipelineNames } from "./names";
import { type PipelineOutputs, pipelineOutputs, type StackOutputs } from "./outputs";
import { People } from "./people/people";
import { dutiesAreSeparate } from "./people/settings";
import { pipelineDeadLetters } from "./pipeline/dead-letters";
import { Overview } from "./pipeline/overview";
import { Run } from "./pipeline/run";
import type { Platform } from "./platform";
import { Alert } from "./stages/alert/alert";
import { Features } from "./stages/features/features";
import { Ingest } from "./stages/ingest/ingest";
import { Monitor } from "./stages/monitor/monitor";
import { Quality } from "./stages/quality/quality";
import { Registry } from "./stages/registry/registry";
import { Score } from "./stages/score/score";
import { Endpoint } from "./stages/serve/endpoint";
import { Serve } from "./stages/serve/serve";
import { Train } from "./stages/train/train";
import { Transform } from "./stages/transform/transform";

/** Declares all resources and returns the stack outputs. */
export async function createStack(config: StackConfig): Promise<StackOutputs> {
  const { accountId } = await aws.getCallerIdentity();
  const place = { environment: config.environment, region: config.region, accountId };
  const names = environmentNames(place);

  const foundation = new Foundation("foundation", { place, names, config });
  const { lakeBucket, codeBucket, keys } = foundation;
  const network =
    config.network === "private"
      ? new Network("network", { place, names, config, ...keys, offer: await findEndpoints(config.region) })
      : undefined;
  const code = new Code("code", { bucket: codeBucket, config }, {});
  const alert = new Alert("alert", { place, names, config, ...keys });
  const approvals = config.github && new GitHub("github", { place, names, config, github: config.github }).approvals;
  const separateDuties = dutiesAreSeparate(config);
  const promotes = config.promotion.from !== undefined;
  const reach = { place, names, lakeBucket, ...keys, separateDuties, promotes };
  const people = new People("people", { ...reach, settings: config.people });
  const reviewerRoleId = separateDuties ? people.reviewerId : undefined;
  const shared = { lakeBucket, codeBucket, network, ...keys, alertTopicArn: alert.topicArn, approvals, reviewerRoleId };
  const platform = { place, config, names, ...shared };

  const pipelines = config.pipelineSpecs.map((spec) => [spec.name, createPipeline(platform, foundation, code, spec)]);
  return {
    lakeBucket: lakeBucket.id,
    codeBucket: codeBucket.id,
    alertTopicArn: alert.topicArn,
    slackSecretArn: alert.slackSecretArn,
    pipelines: Object.fromEntries(pipelines),
  };
}

/** Declares one pipeline. Each stage receives the datasets that it reads and writes; its outputs feed the next stage. */
function createPipeline(platform: Platform, foundation: Foundation, code: Code, spec: PipelineSpec): PipelineOutputs {
  const names = pipelineNames(platform.place, spec.name);
  const stage = (name: string) => `${spec.name}-${name}`;
  const common = { platform, pipeline: { spec, names } };
  const lake = new Lake(stage("lake"), common);
  const { rawEvents, rawErrors, staged, events, processedFiles, quarantine, features: featureTable } = lake.datasets;
  const { transformState, featureState, trainingSets, trainingState, models, runReports } = lake.datasets;
  const { captures, driftReports, outcomes, modelQuality, servingReports } = lake.datasets;
  const { scoringSets, scoreReports, scores, scoreExports } = lake.datasets;
  const endpoint = new Endpoint(platform.place, names);
  const asynchronous = { ...common, deadLetters: pipelineDeadLetters(stage("dead-letters"), common) };
  const { glueSecurity } = foundation;
  const job = { ...common, runtime: new JobRuntime(stage("jobs"), { ...common, code, glueSecurity, lake }) };

  const ingest = new Ingest(stage("ingest"), {
    ...common,
    database: lake.database,
    writes: { rawEvents, rawErrors },
  });
  const transform = new Transform(stage("transform"), {
    ...job,
    reads: { rawEvents: ingest.rawEvents, events, processedFiles, quarantine, transformState },
    writes: { staged, transformState },
  });
  const quality = new Quality(stage("quality"), {
    ...job,
    reads: { staged: transform.staged },
    writes: { events, quarantine, processedFiles },
  });
  const features = new Features(stage("features"), {
    ...asynchronous,
    runtime: job.runtime,
    reads: { events: quality.events, featureState },
    writes: { features: featureTable, featureState, scoringSets },
  });
  const score = new Score(stage("score"), {
    ...job,
    reads: { scoringSets: features.scoringSets, models, runReports },
    writes: { scoreReports, scores, scoreExports },
  });
  const train = new Train(stage("train"), {
    ...asynchronous,
    runtime: job.runtime,
    reads: { events: quality.events, features: features.features },
    writes: { trainingSets, models, runReports, trainingState },
  });
  const registry = new Registry(stage("registry"), {
    ...asynchronous,
    endpoint,
    reads: { models: train.models, runReports: train.runReports },
    writes: { trainingState, models, runReports },
  });
  const run = new Run(stage("run"), {
    ...asynchronous,
    runtime: job.runtime,
    ...{ transform, quality, features, score, train, registry },
    champion: endpoint,
    plans: { scoringSets, scoreReports, trainingSets, models },
    reads: { driftReports, trainingState },
    writes: { runReports },
  });
  const serve = new Serve(stage("serve"), {
    ...asynchronous,
    modelVersions: registry.modelVersions,
    featureGroup: features.group,
    endpoint,
    reads: { models: train.models, featureState: features.featureState },
    writes: { captures },
  });
  const monitor = new Monitor(stage("monitor"), {
    ...asynchronous,
    endpoint: serve.endpoint,
    runtime: job.runtime,
    reads: {
      ...{ scoreReports: score.scoreReports, scores, events: quality.events, runReports },
      ...{ captures: serve.captures, features: features.features },
    },
    writes: { driftReports, outcomes, modelQuality, servingReports },
    run,
  });
  const overview = new Overview(stage("overview"), { ...common, ingest, run, serve, monitor });

  return pipelineOutputs(common.pipeline, { ingest, lake, features, registry, run, serve, monitor, overview });
}
