import {
  AddTagsCommand,
  CreateFeatureGroupCommand,
  CreateModelPackageGroupCommand,
  DeleteFeatureGroupCommand,
  DeleteModelPackageGroupCommand,
  DeleteTagsCommand,
  DescribeFeatureGroupCommand,
  type FeatureType,
  type OfflineStoreConfig,
  type OnlineStoreConfig,
  type StorageType,
  type TableFormat,
  type TtlDurationUnit,
  UpdateFeatureGroupCommand,
} from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { DeploymentError } from "../errors";
import { isPlainObject } from "../values";
import { removedTags, tagList, tags, waitFor } from "./shared";

async function retag(
  context: AdapterContext,
  ResourceArn: string,
  before: unknown,
  after: Record<string, string> | undefined,
) {
  const TagKeys = removedTags(before, after);
  if (TagKeys.length > 0) await context.clients.sagemaker.send(new DeleteTagsCommand({ ResourceArn, TagKeys }));
  if (after) await context.clients.sagemaker.send(new AddTagsCommand({ ResourceArn, Tags: tagList(after) }));
}

const modelPackageGroup = defineAdapter({
  type: "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
  inputs: z.strictObject({
    modelPackageGroupName: z.string(),
    modelPackageGroupDescription: z.string().optional(),
    tags,
  }),
  replaceOn: ["modelPackageGroupName", "modelPackageGroupDescription"],
  idOf: (_, wanted) => wanted.modelPackageGroupName,
  create: async ({ clients }, wanted) => {
    const { ModelPackageGroupArn } = await clients.sagemaker.send(
      new CreateModelPackageGroupCommand({
        ModelPackageGroupName: wanted.modelPackageGroupName,
        ModelPackageGroupDescription: wanted.modelPackageGroupDescription,
        Tags: wanted.tags && tagList(wanted.tags),
      }),
    );
    return { id: wanted.modelPackageGroupName, outputs: { arn: ModelPackageGroupArn } };
  },
  update: async (context, wanted, previous) => {
    await retag(context, String(previous.outputs.arn), previous.inputs.tags, wanted.tags);
    return previous;
  },
  delete: async ({ clients }, previous) => {
    await clients.sagemaker.send(new DeleteModelPackageGroupCommand({ ModelPackageGroupName: previous.id }));
  },
});

const onlineStore = z.strictObject({
  enableOnlineStore: z.boolean().optional(),
  storageType: z.string().optional(),
  securityConfig: z.strictObject({ kmsKeyId: z.string().optional() }).optional(),
  ttlDuration: z.strictObject({ unit: z.string().optional(), value: z.number().optional() }).optional(),
});

const offlineStore = z.strictObject({
  disableGlueTableCreation: z.boolean().optional(),
  tableFormat: z.string().optional(),
  s3StorageConfig: z.strictObject({ s3Uri: z.string(), kmsKeyId: z.string().optional() }),
  dataCatalogConfig: z
    .strictObject({
      catalog: z.string().optional(),
      database: z.string().optional(),
      tableName: z.string().optional(),
    })
    .optional(),
});

/** The online store as the SageMaker API takes it. */
export function onlineStoreConfig(wanted: z.output<typeof onlineStore>): OnlineStoreConfig {
  const { securityConfig, ttlDuration } = wanted;
  return {
    EnableOnlineStore: wanted.enableOnlineStore,
    StorageType: wanted.storageType as StorageType | undefined,
    SecurityConfig: securityConfig && { KmsKeyId: securityConfig.kmsKeyId },
    TtlDuration: ttlDuration && { Unit: ttlDuration.unit as TtlDurationUnit | undefined, Value: ttlDuration.value },
  };
}

/** The offline store as the SageMaker API takes it. */
export function offlineStoreConfig(wanted: z.output<typeof offlineStore>): OfflineStoreConfig {
  const { s3StorageConfig, dataCatalogConfig: table } = wanted;
  return {
    S3StorageConfig: { S3Uri: s3StorageConfig.s3Uri, KmsKeyId: s3StorageConfig.kmsKeyId },
    DisableGlueTableCreation: wanted.disableGlueTableCreation,
    TableFormat: wanted.tableFormat as TableFormat | undefined,
    DataCatalogConfig: table && { Catalog: table.catalog, Database: table.database, TableName: table.tableName },
  };
}

const featureGroupInputs = z.strictObject({
  featureGroupName: z.string(),
  description: z.string().optional(),
  eventTimeFeatureName: z.string(),
  recordIdentifierFeatureName: z.string(),
  roleArn: z.string(),
  featureDefinitions: z.array(z.strictObject({ featureName: z.string(), featureType: z.string() })),
  onlineStoreConfig: onlineStore.optional(),
  offlineStoreConfig: offlineStore.optional(),
  tags,
});
type FeatureGroupInputs = z.output<typeof featureGroupInputs>;

function toDefinition({ featureName, featureType }: FeatureGroupInputs["featureDefinitions"][number]) {
  return { FeatureName: featureName, FeatureType: featureType as FeatureType };
}

async function untilCreated({ clients }: AdapterContext, FeatureGroupName: string): Promise<void> {
  await waitFor(`the feature group ${FeatureGroupName} to be created`, async () => {
    const group = await clients.sagemaker.send(new DescribeFeatureGroupCommand({ FeatureGroupName }));
    if (group.FeatureGroupStatus === "CreateFailed") {
      throw new DeploymentError(
        `The feature group ${FeatureGroupName} failed: ${group.FailureReason ?? "no reason given"}.`,
      );
    }
    return group.FeatureGroupStatus === "Created" ? true : undefined;
  });
}

/** Feature groups grow: new features are added in place, as `UpdateFeatureGroup` allows, and none can be taken away. */
export function addedFeatures(before: unknown, after: FeatureGroupInputs["featureDefinitions"]) {
  const known = Array.isArray(before) ? before.filter(isPlainObject) : [];
  const lost = known.filter(
    (old) =>
      !after.some(({ featureName, featureType }) => featureName === old.featureName && featureType === old.featureType),
  );
  if (lost.length > 0) {
    const names = lost.map(({ featureName }) => String(featureName)).join(", ");
    throw new DeploymentError(
      `The features ${names} were removed or changed their type, which a feature group does not allow.`,
      {
        advice: "Give the changed feature a new name and keep the old one, or start fresh with `npm run demo`.",
      },
    );
  }
  return after.filter(({ featureName }) => !known.some((old) => old.featureName === featureName));
}

const featureGroup = defineAdapter({
  type: "aws:sagemaker/featureGroup:FeatureGroup",
  inputs: featureGroupInputs,
  replaceOn: [
    "featureGroupName",
    "description",
    "eventTimeFeatureName",
    "recordIdentifierFeatureName",
    "roleArn",
    "onlineStoreConfig",
    "offlineStoreConfig",
  ],
  idOf: (_, wanted) => wanted.featureGroupName,
  create: async (context, wanted) => {
    const { FeatureGroupArn } = await context.clients.sagemaker.send(
      new CreateFeatureGroupCommand({
        FeatureGroupName: wanted.featureGroupName,
        Description: wanted.description,
        EventTimeFeatureName: wanted.eventTimeFeatureName,
        RecordIdentifierFeatureName: wanted.recordIdentifierFeatureName,
        RoleArn: wanted.roleArn,
        FeatureDefinitions: wanted.featureDefinitions.map(toDefinition),
        OnlineStoreConfig: wanted.onlineStoreConfig && onlineStoreConfig(wanted.onlineStoreConfig),
        OfflineStoreConfig: wanted.offlineStoreConfig && offlineStoreConfig(wanted.offlineStoreConfig),
        Tags: wanted.tags && tagList(wanted.tags),
      }),
    );
    await untilCreated(context, wanted.featureGroupName);
    return { id: wanted.featureGroupName, outputs: { arn: FeatureGroupArn } };
  },
  update: async (context, wanted, previous) => {
    const FeatureAdditions = addedFeatures(previous.inputs.featureDefinitions, wanted.featureDefinitions).map(
      toDefinition,
    );
    if (FeatureAdditions.length > 0) {
      const addition = { FeatureGroupName: previous.id, FeatureAdditions };
      await context.clients.sagemaker.send(new UpdateFeatureGroupCommand(addition));
    }
    await retag(context, String(previous.outputs.arn), previous.inputs.tags, wanted.tags);
    return previous;
  },
  delete: async ({ clients }, previous) => {
    await clients.sagemaker.send(new DeleteFeatureGroupCommand({ FeatureGroupName: previous.id }));
  },
});

export const sagemakerAdapters = [featureGroup, modelPackageGroup];
