import type { FeatureType, StorageType, TableFormat } from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { DeploymentError, isNotFound } from "../errors";
import { jsonDocument, oneOf, pascal, waitFor } from "./shared";

// Neither group has an update: the real provider replaces both for any change but that of their tags.

const modelPackageGroup = defineAdapter({
  type: "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
  inputs: z.strictObject({
    modelPackageGroupName: z.string(),
    modelPackageGroupDescription: z.string().optional(),
  }),
  nameInput: "modelPackageGroupName",
  holds: "its model versions",
  create: async ({ clients }, wanted) => {
    const created = await clients.sagemaker.createModelPackageGroup(pascal(wanted));
    return { id: wanted.modelPackageGroupName, outputs: { arn: created.ModelPackageGroupArn } };
  },
  delete: ({ clients }, { id }) => clients.sagemaker.deleteModelPackageGroup({ ModelPackageGroupName: id }),
});

const modelPackageGroupPolicy = defineAdapter({
  type: "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
  inputs: z.strictObject({ modelPackageGroupName: z.string(), resourcePolicy: jsonDocument }),
  replaceOn: ["modelPackageGroupName"],
  put: async ({ clients }, wanted) => {
    await clients.sagemaker.putModelPackageGroupPolicy(pascal(wanted));
    return { id: wanted.modelPackageGroupName, outputs: {} };
  },
  delete: ({ clients }, { id }) => clients.sagemaker.deleteModelPackageGroupPolicy({ ModelPackageGroupName: id }),
});

async function untilCreated({ clients }: AdapterContext, FeatureGroupName: string): Promise<void> {
  await waitFor(`the feature group ${FeatureGroupName} to be created`, async () => {
    const group = await clients.sagemaker.describeFeatureGroup({ FeatureGroupName });
    if (group.FeatureGroupStatus !== "CreateFailed") return group.FeatureGroupStatus === "Created" || undefined;
    const reason = group.FailureReason ?? "no reason given";
    throw new DeploymentError(`The feature group ${FeatureGroupName} failed: ${reason}.`);
  });
}

async function untilGone({ clients }: AdapterContext, FeatureGroupName: string): Promise<void> {
  const gone = () =>
    clients.sagemaker.describeFeatureGroup({ FeatureGroupName }).then(
      () => undefined,
      (error) => {
        if (isNotFound(error)) return true;
        throw error;
      },
    );
  await waitFor(`the feature group ${FeatureGroupName} to be deleted`, gone);
}

const kmsKeyId = z.string().optional();

const offlineStore = z.strictObject({
  disableGlueTableCreation: z.boolean().optional(),
  tableFormat: oneOf<TableFormat>().optional(),
  s3StorageConfig: z.strictObject({ s3Uri: z.string(), kmsKeyId }),
  dataCatalogConfig: z.strictObject({ catalog: z.string(), database: z.string(), tableName: z.string() }).optional(),
});

/** AWS keeps a deleted group's Glue table, which would conflict with the replacement's. */
async function dropTable({ clients }: AdapterContext, table: { database: string; tableName: string } | undefined) {
  if (table === undefined) return;
  try {
    await clients.glue.deleteTable({ DatabaseName: table.database, Name: table.tableName });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

const featureGroup = defineAdapter({
  type: "aws:sagemaker/featureGroup:FeatureGroup",
  inputs: z.strictObject({
    featureGroupName: z.string(),
    description: z.string().optional(),
    eventTimeFeatureName: z.string(),
    recordIdentifierFeatureName: z.string(),
    roleArn: z.string(),
    featureDefinitions: z.array(z.strictObject({ featureName: z.string(), featureType: oneOf<FeatureType>() })),
    onlineStoreConfig: z
      .strictObject({
        enableOnlineStore: z.boolean().optional(),
        storageType: oneOf<StorageType>().optional(),
        securityConfig: z.strictObject({ kmsKeyId }).optional(),
      })
      .optional(),
    offlineStoreConfig: offlineStore.optional(),
  }),
  nameInput: "featureGroupName",
  holds: "its features, online and offline",
  create: async (context, wanted) => {
    const created = await context.clients.sagemaker.createFeatureGroup(pascal(wanted));
    await untilCreated(context, wanted.featureGroupName);
    return { id: wanted.featureGroupName, outputs: { arn: created.FeatureGroupArn } };
  },
  delete: async (context, { id, inputs }) => {
    await context.clients.sagemaker.deleteFeatureGroup({ FeatureGroupName: id });
    await untilGone(context, id);
    await dropTable(context, offlineStore.safeParse(inputs.offlineStoreConfig).data?.dataCatalogConfig);
  },
});

export const sagemakerAdapters = [featureGroup, modelPackageGroup, modelPackageGroupPolicy];
