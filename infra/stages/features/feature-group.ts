import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../../spec/pipeline";
import { NodeFunction } from "../../components/node-function";
import { ServiceRole } from "../../components/service-role";
import type { Statement } from "../../iam/statements";
import { grantKey, useKey } from "../../iam/storage";
import type { TableDataset } from "../../lake/dataset";
import type { AsynchronousStageArgs } from "../../platform";

/** Feature Store types of the column types in pipeline.yaml. */
const featureTypes = { double: "Fractional", integer: "Integral", string: "String" } as const;

/** The record's event time in Feature Store: the as-of time for which the features were computed. */
const eventTime = "event_time";

/** The feature group's definitions: the entity's ID, the event time and the pipeline's feature columns. */
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

export interface FeatureGroupArgs extends AsynchronousStageArgs {
  /** The offline store. */
  features: TableDataset;
}

/** The SageMaker feature group: an offline store (Iceberg) with all rows, an online store with each entity's latest row. */
export class FeatureGroup extends pulumi.ComponentResource {
  readonly groupName: pulumi.Output<string>;
  /** Resolves once the group has every declared feature, so that dependents write only after that. */
  readonly complete: pulumi.Resource;
  private readonly arn: pulumi.Output<string>;

  constructor(name: string, args: FeatureGroupArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:component:FeatureGroup", name, {}, options);
    const { platform, pipeline, features } = args;
    const group = new aws.sagemaker.FeatureGroup(
      `${name}-group`,
      {
        featureGroupName: pipeline.names.featureGroup,
        // Not the description of pipeline.yaml: a change of it would replace the group and delete its data.
        description: `Features of ${pipeline.spec.name}`,
        recordIdentifierFeatureName: pipeline.spec.entity,
        eventTimeFeatureName: eventTime,
        featureDefinitions: featureDefinitions(pipeline.spec),
        roleArn: storeRole(name, args, this).arn,
        // No TtlDuration: it counts from the event time, so a replayed day would expire at once, and AWS appends an expired
        // record to the offline store as deleted, where training sets are built. Serving refuses old records itself.
        onlineStoreConfig: {
          enableOnlineStore: true,
          // SageMaker's default. The provider replaces the group if it reads a type that the program does not name.
          storageType: "Standard",
          securityConfig: { kmsKeyId: platform.dataKeyArn },
        },
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
      // The provider would replace the group for a new feature, and so delete its data: `addFeatures` adds it.
      { parent: this, protect: platform.config.protectData, ignoreChanges: ["featureDefinitions"] },
    );
    this.groupName = group.featureGroupName;
    this.arn = group.arn;
    this.complete = addFeatures(name, args, group, this);
    this.registerOutputs({ groupName: this.groupName });
  }

  /** Permission to write to the online store. */
  get putRecord(): Statement {
    return { sid: "PutOnline", actions: ["sagemaker:PutRecord"], resources: [this.arn] };
  }

  /** Permission to read from the online store. */
  get getRecord(): Statement {
    return { sid: "ReadOnline", actions: ["sagemaker:GetRecord"], resources: [this.arn] };
  }
}

/**
 * Adds new features to the group: a Lambda that every deployment with other definitions invokes. A step of the deployment, so that
 * a removed or retyped feature fails it, and not a run at dawn; a Lambda, so that `pulumi up` needs nothing but the AWS provider.
 */
function addFeatures(
  name: string,
  { platform, pipeline, deadLetters }: FeatureGroupArgs,
  group: aws.sagemaker.FeatureGroup,
  parent: FeatureGroup,
): pulumi.Resource {
  const add = new NodeFunction(
    `${name}-add`,
    {
      platform,
      functionName: `${pipeline.names.prefix}-features-add`,
      handler: "features-add",
      description: `${pipeline.spec.name}: adds the features that the feature group lacks`,
      environment: {},
      statements: [
        {
          sid: "AddFeatures",
          actions: ["sagemaker:DescribeFeatureGroup", "sagemaker:UpdateFeatureGroup"],
          resources: [group.arn],
        },
      ],
      deadLetters,
      // SageMaker adds a column to the offline table, too, which takes minutes.
      timeoutSeconds: 900,
      memoryMegabytes: 256,
    },
    { parent },
  );
  return new aws.lambda.Invocation(
    `${name}-additions`,
    {
      functionName: add.name,
      input: pulumi.jsonStringify({
        featureGroup: group.featureGroupName,
        definitions: featureDefinitions(pipeline.spec),
      }),
    },
    { parent, dependsOn: [add] },
  );
}

function storeRole(name: string, { platform, pipeline, features }: FeatureGroupArgs, parent: FeatureGroup) {
  return new ServiceRole(
    `${name}-store`,
    {
      roleName: `${pipeline.names.prefix}-feature-store`,
      service: "sagemaker.amazonaws.com",
      accountId: platform.place.accountId,
      description: "SageMaker Feature Store: writes features to the offline store",
      statements: [
        ...features.write,
        features.list,
        {
          sid: "FindTable",
          actions: ["glue:GetDatabase", "glue:GetTables"],
          resources: features.catalogArns,
        },
        // Feature Store writes with an ACL (AWS's managed policy AmazonSageMakerFeatureStoreAccess has this action, too).
        {
          sid: "SetAcl",
          actions: ["s3:PutObjectAcl"],
          resources: [pulumi.interpolate`${platform.lakeBucket.arn}/${features.folder}/*`],
        },
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
