/** Deletes the model versions that retention no longer keeps, with their SageMaker models and endpoint configurations. */
import {
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DeleteModelPackageCommand,
  paginateListEndpointConfigs,
  paginateListModelPackages,
  paginateListModels,
} from "@aws-sdk/client-sagemaker";
import { pipelineVariables, readEnvironment, required } from "../shared/environment";
import { saysMissing } from "../shared/errors";
import { logger } from "../shared/logger";
import { deploymentOf, packageVersion } from "../shared/names";
import { once } from "../shared/once";
import { sagemakerClient } from "../shared/sagemaker";
import { describeServing, endpointStatus } from "../shared/serving";
import { type Deployed, findExpired, type Version } from "./core";

const setup = once(() =>
  readEnvironment({
    ...pipelineVariables,
    MODEL_PACKAGE_GROUP: required,
    ENDPOINT_NAME: required,
    NAME_PREFIX: required,
    MODEL_VERSION_DAYS: required,
  }),
);

export interface Retired {
  versions: number[];
  models: string[];
  configs: string[];
}

const nothing: Retired = { versions: [], models: [], configs: [] };

export async function handler(): Promise<Retired> {
  const { ENDPOINT_NAME, MODEL_PACKAGE_GROUP, NAME_PREFIX, MODEL_VERSION_DAYS } = setup();
  const status = await endpointStatus(ENDPOINT_NAME);
  if (status !== undefined && status !== "InService") {
    logger().info("Nothing is retired while the endpoint changes; the next training run will do it", { status });
    return nothing;
  }
  const serving = await describeServing(ENDPOINT_NAME);
  const floor = serving?.lineage.floor_version;
  const expired = findExpired(
    await listVersions(MODEL_PACKAGE_GROUP),
    await listDeployed(NAME_PREFIX),
    serving && { version: serving.version, floor: floor === undefined ? undefined : Number(floor) },
    new Date(Date.now() - Number(MODEL_VERSION_DAYS) * 24 * 3600 * 1000),
  );
  const named = (kind: Deployed["kind"]) => expired.deployed.filter((one) => one.kind === kind).map(({ name }) => name);
  const [configs, models] = [named("config"), named("model")];
  const client = sagemakerClient();
  // First what was made from a version, so that a run that is interrupted can be repeated.
  for (const EndpointConfigName of configs) {
    await unlessGone(client.send(new DeleteEndpointConfigCommand({ EndpointConfigName })));
  }
  for (const ModelName of models) await unlessGone(client.send(new DeleteModelCommand({ ModelName })));
  for (const { arn } of expired.versions) {
    await unlessGone(client.send(new DeleteModelPackageCommand({ ModelPackageName: arn })));
  }
  const retired = { versions: expired.versions.map(({ version }) => version), models, configs };
  logger().info("Retired what is older than the retention and not needed", { ...retired });
  return retired;
}

async function unlessGone(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!saysMissing(error)) throw error;
  }
}

async function listVersions(group: string): Promise<Version[]> {
  const versions: Version[] = [];
  const pages = paginateListModelPackages(
    { client: sagemakerClient(), pageSize: 100 },
    { ModelPackageGroupName: group },
  );
  for await (const { ModelPackageSummaryList = [] } of pages) {
    for (const { ModelPackageArn: arn, ModelApprovalStatus: approval = "", CreationTime } of ModelPackageSummaryList) {
      if (arn === undefined || CreationTime === undefined) continue;
      versions.push({ version: packageVersion(arn), arn, approval, created: CreationTime });
    }
  }
  return versions;
}

/** The models and endpoint configurations of this pipeline. */
async function listDeployed(prefix: string): Promise<Deployed[]> {
  const config = { client: sagemakerClient(), pageSize: 100 };
  const found: Deployed[] = [];
  const add = (kind: Deployed["kind"], name = "", created?: Date) => {
    const deployment = deploymentOf(name);
    if (deployment?.prefix !== prefix || created === undefined) return;
    found.push({ kind, name, version: deployment.version, created });
  };
  for await (const { Models = [] } of paginateListModels(config, { NameContains: prefix })) {
    for (const { ModelName, CreationTime } of Models) add("model", ModelName, CreationTime);
  }
  for await (const { EndpointConfigs = [] } of paginateListEndpointConfigs(config, { NameContains: prefix })) {
    for (const { EndpointConfigName, CreationTime } of EndpointConfigs) add("config", EndpointConfigName, CreationTime);
  }
  return found;
}
