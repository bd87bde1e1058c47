import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../spec/pipeline";
import { GlueJob } from "../components/glue-job";
import { ServiceRole } from "../components/service-role";
import { grantKey, listFolders, ownObjects, readObjects, readTables, useKey, writeTables } from "../iam/storage";
import { zoneFolder } from "../names";
import type { JobStageArgs } from "./transform";

/** The feature store's words for the types of a pipeline's columns. */
const featureTypes = { double: "Fractional", integer: "Integral", string: "String" } as const;

/** The feature store's time of a record: the as-of time that its features were computed for. */
const eventTime = "event_time";

/** Everything the feature group holds of an entity at a time. */
export function featureDefinitions(spec: PipelineSpec): { featureName: string; featureType: string }[] {
  return [
    { featureName: spec.entity, featureType: "String" },
    { featureName: eventTime, featureType: "String" },
    ...Object.entries(spec.features.columns).map(([featureName, { type }]) => ({
      featureName,
      featureType: featureTypes[type],
    })),
  ];
}

/** Computes features as of a point in time, and keeps them: all of them offline, the newest of each entity online. */
export class Features extends pulumi.ComponentResource {
  readonly job: GlueJob;
  readonly groupName: pulumi.Output<string>;
  readonly groupArn: pulumi.Output<string>;

  constructor(name: string, args: JobStageArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Features", name, {}, options);
    const { platform, pipeline, lake } = args;
    const folder = (zone: Parameters<typeof zoneFolder>[0]) => zoneFolder(zone, pipeline.spec.name);
    const bucket = platform.lake.arn;
    const group = featureGroup(name, args, this);
    this.groupName = group.featureGroupName;
    this.groupArn = group.arn;
    this.job = new GlueJob(
      name,
      {
        platform,
        pipeline,
        suffix: "features",
        description: `${pipeline.spec.name}: features of every entity as of a time`,
        scriptUri: args.code.glueScripts.features,
        packageUri: args.code.etlPackage,
        securityConfiguration: args.glueSecurity,
        logGroupArns: lake.jobLogArns,
        statements: [
          listFolders("Lake", bucket, [folder("curated"), folder("features"), folder("reports")]),
          readObjects("Curated", bucket, [`${folder("curated")}*`]),
          ownObjects("Features", bucket, [`${folder("features")}*`]),
          {
            sid: "RememberComputed",
            actions: ["s3:GetObject", "s3:PutObject"],
            resources: [pulumi.interpolate`${bucket}/${folder("reports")}features/*`],
          },
          readTables(lake.catalog, ["*"]),
          writeTables(lake.catalog, ["features"]),
          { sid: "PutOnline", actions: ["sagemaker:PutRecord"], resources: [this.groupArn] },
        ],
        timeoutMinutes: 240,
      },
      { parent: this },
    );
    this.registerOutputs({ groupName: this.groupName });
  }
}

/** The feature group; its offline store is the Iceberg table `features` of the pipeline's database. */
function featureGroup(name: string, { platform, pipeline, lake }: JobStageArgs, parent: Features) {
  const store = zoneFolder("features", pipeline.spec.name);
  const role = new ServiceRole(
    `${name}-store`,
    {
      roleName: `${pipeline.names.prefix}-feature-store`,
      service: "sagemaker.amazonaws.com",
      accountId: platform.place.accountId,
      description: "SageMaker Feature Store: writes the offline store",
      statements: [
        ownObjects("Store", platform.lake.arn, [`${store}*`]),
        {
          sid: "LookAtLake",
          actions: ["s3:GetBucketAcl", "s3:GetBucketLocation"],
          resources: [platform.lake.arn],
        },
        listFolders("Store", platform.lake.arn, [store]),
        useKey("Data", platform.dataKeyArn),
        ...grantKey("Data", platform.dataKeyArn),
        readTables(lake.catalog, ["features"]),
        writeTables(lake.catalog, ["features"]),
      ],
    },
    { parent },
  );
  return new aws.sagemaker.FeatureGroup(
    `${name}-group`,
    {
      featureGroupName: pipeline.names.featureGroup,
      description: pipeline.spec.description || `Features of ${pipeline.spec.name}`,
      recordIdentifierFeatureName: pipeline.spec.entity,
      eventTimeFeatureName: eventTime,
      featureDefinitions: featureDefinitions(pipeline.spec),
      roleArn: role.arn,
      onlineStoreConfig: { enableOnlineStore: true, securityConfig: { kmsKeyId: platform.dataKeyArn } },
      offlineStoreConfig: {
        s3StorageConfig: {
          s3Uri: `s3://${platform.lake.name}/${store.replace(/\/$/, "")}`,
          kmsKeyId: platform.dataKeyArn,
        },
        tableFormat: "Iceberg",
        dataCatalogConfig: { catalog: "AwsDataCatalog", database: lake.database, tableName: "features" },
        disableGlueTableCreation: false,
      },
    },
    // Another feature in the definitions would replace the group, and its data with it.
    { parent, protect: platform.config.protectData },
  );
}
