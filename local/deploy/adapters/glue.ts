import {
  type CloudWatchEncryptionMode,
  CreateDatabaseCommand,
  CreateJobCommand,
  CreateSecurityConfigurationCommand,
  DeleteDatabaseCommand,
  DeleteJobCommand,
  DeleteSecurityConfigurationCommand,
  type ExecutionClass,
  type JobBookmarksEncryptionMode,
  type S3EncryptionMode,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateDatabaseCommand,
  UpdateJobCommand,
  type WorkerType,
} from "@aws-sdk/client-glue";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { catalogTable } from "./glue-table";
import { removedTags, tags, textMap, texts } from "./shared";

/** Glue's ARNs are not in its answers; they follow from the name. */
function glueArn({ partition, region, accountId }: AdapterContext, path: string): string {
  return `arn:${partition}:glue:${region}:${accountId}:${path}`;
}

async function retag(
  context: AdapterContext,
  ResourceArn: string,
  before: unknown,
  after: Record<string, string> | undefined,
) {
  const TagsToRemove = removedTags(before, after);
  if (TagsToRemove.length > 0) await context.clients.glue.send(new UntagResourceCommand({ ResourceArn, TagsToRemove }));
  if (after) await context.clients.glue.send(new TagResourceCommand({ ResourceArn, TagsToAdd: after }));
}

const databaseInputs = z.strictObject({
  name: z.string().optional(),
  catalogId: z.string().optional(),
  description: z.string().optional(),
  locationUri: z.string().optional(),
  parameters: textMap.optional(),
  tags,
});

function databaseInput(wanted: z.output<typeof databaseInputs>, Name: string) {
  const { description: Description, locationUri: LocationUri, parameters: Parameters } = wanted;
  return { Name, Description, LocationUri, Parameters };
}

const database = defineAdapter({
  type: "aws:glue/catalogDatabase:CatalogDatabase",
  inputs: databaseInputs,
  replaceOn: ["name", "catalogId"],
  idOf: (context, wanted) => `${wanted.catalogId ?? context.accountId}:${wanted.name ?? context.automaticName}`,
  create: async (context, wanted) => {
    const name = wanted.name ?? context.automaticName;
    const CatalogId = wanted.catalogId ?? context.accountId;
    const DatabaseInput = databaseInput(wanted, name);
    await context.clients.glue.send(new CreateDatabaseCommand({ CatalogId, DatabaseInput, Tags: wanted.tags }));
    const outputs = { name, catalogId: CatalogId, arn: glueArn(context, `database/${name}`) };
    return { id: `${CatalogId}:${name}`, outputs };
  },
  update: async (context, wanted, previous) => {
    const [CatalogId = "", Name = ""] = previous.id.split(":");
    const DatabaseInput = databaseInput(wanted, Name);
    await context.clients.glue.send(new UpdateDatabaseCommand({ CatalogId, Name, DatabaseInput }));
    await retag(context, String(previous.outputs.arn), previous.inputs.tags, wanted.tags);
    return previous;
  },
  delete: async ({ clients }, previous) => {
    const [CatalogId, Name] = previous.id.split(":");
    await clients.glue.send(new DeleteDatabaseCommand({ CatalogId, Name }));
  },
});

const jobInputs = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  roleArn: z.string(),
  command: z.strictObject({
    name: z.string().optional(),
    pythonVersion: z.string().optional(),
    scriptLocation: z.string(),
  }),
  defaultArguments: textMap.optional(),
  nonOverridableArguments: textMap.optional(),
  connections: texts.optional(),
  executionClass: z.string().optional(),
  executionProperty: z.strictObject({ maxConcurrentRuns: z.number().optional() }).optional(),
  glueVersion: z.string().optional(),
  jobRunQueuingEnabled: z.boolean().optional(),
  maxRetries: z.number().optional(),
  notificationProperty: z.strictObject({ notifyDelayAfter: z.number().optional() }).optional(),
  numberOfWorkers: z.number().optional(),
  securityConfiguration: z.string().optional(),
  timeout: z.number().optional(),
  workerType: z.string().optional(),
  tags,
});

/** A job as the Glue API takes it, for creation and for update. */
export function jobDefinition(wanted: z.output<typeof jobInputs>) {
  return {
    Description: wanted.description,
    Role: wanted.roleArn,
    Command: {
      // What the real provider fills in: a Spark job.
      Name: wanted.command.name ?? "glueetl",
      PythonVersion: wanted.command.pythonVersion,
      ScriptLocation: wanted.command.scriptLocation,
    },
    DefaultArguments: wanted.defaultArguments,
    NonOverridableArguments: wanted.nonOverridableArguments,
    Connections: wanted.connections && { Connections: wanted.connections },
    ExecutionClass: wanted.executionClass as ExecutionClass | undefined,
    ExecutionProperty: wanted.executionProperty && { MaxConcurrentRuns: wanted.executionProperty.maxConcurrentRuns },
    GlueVersion: wanted.glueVersion,
    JobRunQueuingEnabled: wanted.jobRunQueuingEnabled,
    MaxRetries: wanted.maxRetries,
    NotificationProperty: wanted.notificationProperty && {
      NotifyDelayAfter: wanted.notificationProperty.notifyDelayAfter,
    },
    NumberOfWorkers: wanted.numberOfWorkers,
    SecurityConfiguration: wanted.securityConfiguration,
    Timeout: wanted.timeout,
    WorkerType: wanted.workerType as WorkerType | undefined,
  };
}

const job = defineAdapter({
  type: "aws:glue/job:Job",
  inputs: jobInputs,
  replaceOn: ["name"],
  notEmulated: {
    numberOfWorkers: "one local Spark session runs every job",
    workerType: "one local Spark session runs every job",
  },
  idOf: (context, wanted) => wanted.name ?? context.automaticName,
  create: async (context, wanted) => {
    const Name = wanted.name ?? context.automaticName;
    await context.clients.glue.send(new CreateJobCommand({ Name, ...jobDefinition(wanted), Tags: wanted.tags }));
    return { id: Name, outputs: { name: Name, arn: glueArn(context, `job/${Name}`) } };
  },
  update: async (context, wanted, previous) => {
    const JobUpdate = jobDefinition(wanted);
    await context.clients.glue.send(new UpdateJobCommand({ JobName: previous.id, JobUpdate }));
    await retag(context, String(previous.outputs.arn), previous.inputs.tags, wanted.tags);
    return previous;
  },
  delete: async ({ clients }, previous) => {
    await clients.glue.send(new DeleteJobCommand({ JobName: previous.id }));
  },
});

const keyed = { kmsKeyArn: z.string().optional() };

const securityConfiguration = defineAdapter({
  type: "aws:glue/securityConfiguration:SecurityConfiguration",
  inputs: z.strictObject({
    name: z.string().optional(),
    encryptionConfiguration: z.strictObject({
      cloudwatchEncryption: z.strictObject({ ...keyed, cloudwatchEncryptionMode: z.string().optional() }),
      jobBookmarksEncryption: z.strictObject({ ...keyed, jobBookmarksEncryptionMode: z.string().optional() }),
      s3Encryption: z.strictObject({ ...keyed, s3EncryptionMode: z.string().optional() }),
    }),
  }),
  idOf: (context, wanted) => wanted.name ?? context.automaticName,
  create: async (context, wanted) => {
    const Name = wanted.name ?? context.automaticName;
    const { cloudwatchEncryption, jobBookmarksEncryption, s3Encryption } = wanted.encryptionConfiguration;
    await context.clients.glue.send(
      new CreateSecurityConfigurationCommand({
        Name,
        EncryptionConfiguration: {
          CloudWatchEncryption: {
            CloudWatchEncryptionMode: cloudwatchEncryption.cloudwatchEncryptionMode as
              | CloudWatchEncryptionMode
              | undefined,
            KmsKeyArn: cloudwatchEncryption.kmsKeyArn,
          },
          JobBookmarksEncryption: {
            JobBookmarksEncryptionMode: jobBookmarksEncryption.jobBookmarksEncryptionMode as
              | JobBookmarksEncryptionMode
              | undefined,
            KmsKeyArn: jobBookmarksEncryption.kmsKeyArn,
          },
          S3Encryption: [
            {
              S3EncryptionMode: s3Encryption.s3EncryptionMode as S3EncryptionMode | undefined,
              KmsKeyArn: s3Encryption.kmsKeyArn,
            },
          ],
        },
      }),
    );
    return { id: Name, outputs: { name: Name } };
  },
  delete: async ({ clients }, previous) => {
    await clients.glue.send(new DeleteSecurityConfigurationCommand({ Name: previous.id }));
  },
});

export const glueAdapters = [database, catalogTable, job, securityConfiguration];
