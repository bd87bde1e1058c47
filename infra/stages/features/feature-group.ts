import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../../spec/pipeline";
import { ServiceRole } from "../../components/service-role";
import type { Statement } from "../../iam/statements";
import { grantKey, useKey } from "../../iam/storage";
import type { TableDataset } from "../../lake/dataset";
import type { StageArgs } from "../../platform";

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

export interface FeatureGroupArgs extends StageArgs {
  /** The offline store. */
  features: TableDataset;
}

/** The pipeline's features: every row in the offline store, an Iceberg table; the newest of each entity online. */
export class FeatureGroup extends pulumi.ComponentResource {
  readonly groupName: pulumi.Output<string>;
  private readonly arn: pulumi.Output<string>;

  constructor(name: string, args: FeatureGroupArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:component:FeatureGroup", name, {}, options);
    const { platform, pipeline, features } = args;
    const group = new aws.sagemaker.FeatureGroup(
      `${name}-group`,
      {
        featureGroupName: pipeline.names.featureGroup,
        description: pipeline.spec.description || `Features of ${pipeline.spec.name}`,
        recordIdentifierFeatureName: pipeline.spec.entity,
        eventTimeFeatureName: eventTime,
        featureDefinitions: featureDefinitions(pipeline.spec),
        roleArn: storeRole(name, args, this).arn,
        onlineStoreConfig: { enableOnlineStore: true, securityConfig: { kmsKeyId: platform.dataKeyArn } },
        offlineStoreConfig: {
          s3StorageConfig: { s3Uri: features.uri, kmsKeyId: platform.dataKeyArn },
          tableFormat: "Iceberg",
          dataCatalogConfig: {
            catalog: "AwsDataCatalog",
            database: features.catalog.database,
            tableName: features.name,
          },
          disableGlueTableCreation: false,
        },
      },
      // Another feature in the definitions would replace the group, and its data with it.
      { parent: this, protect: platform.config.protectData },
    );
    this.groupName = group.featureGroupName;
    this.arn = group.arn;
    this.registerOutputs({ groupName: this.groupName });
  }

  /** Put an entity's newest features online. */
  get putRecord(): Statement {
    return { sid: "PutOnline", actions: ["sagemaker:PutRecord"], resources: [this.arn] };
  }

  /** Get an entity's newest features. */
  get getRecord(): Statement {
    return { sid: "ReadOnline", actions: ["sagemaker:GetRecord"], resources: [this.arn] };
  }
}

function storeRole(name: string, { platform, pipeline, features }: FeatureGroupArgs, parent: FeatureGroup) {
  return new ServiceRole(
    `${name}-store`,
    {
      roleName: `${pipeline.names.prefix}-feature-store`,
      service: "sagemaker.amazonaws.com",
      accountId: platform.place.accountId,
      description: "SageMaker Feature Store: writes the offline store",
      statements: [
        ...features.write,
        {
          sid: "LookAtLake",
          actions: ["s3:GetBucketAcl", "s3:GetBucketLocation"],
          resources: [platform.lakeBucket.arn],
        },
        useKey("Data", platform.dataKeyArn),
        ...grantKey("Data", platform.dataKeyArn),
      ],
    },
    { parent },
  );
}
