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
  UpdateDatabaseCommand,
  UpdateJobCommand,
  type WorkerType,
} from "@aws-sdk/client-glue";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { catalogTable } from "./glue-table";
import { oneOf, pascal, textMap } from "./shared";

/** Glue's responses contain no ARNs, so build them from the name. */
function glueArn({ partition, region, accountId }: AdapterContext, path: string): string {
  return `arn:${partition}:glue:${region}:${accountId}:${path}`;
}

const database = defineAdapter({
  type: "aws:glue/catalogDatabase:CatalogDatabase",
  inputs: z.strictObject({
    name: z.string().optional(),
    description: z.string().optional(),
    locationUri: z.string().optional(),
    parameters: textMap.optional(),
  }),
  replaceOn: ["name"],
  holds: "its tables",
  idOf: (context, { name }) => `${context.accountId}:${name ?? context.automaticName}`,
  create: async (context, wanted) => {
    const name = wanted.name ?? context.automaticName;
    await context.clients.glue.send(new CreateDatabaseCommand({ DatabaseInput: { ...pascal(wanted), Name: name } }));
    const outputs = { name, catalogId: context.accountId, arn: glueArn(context, `database/${name}`) };
    return { id: `${context.accountId}:${name}`, outputs };
  },
  update: async ({ clients }, wanted, previous) => {
    const [, Name = ""] = previous.id.split(":");
    await clients.glue.send(new UpdateDatabaseCommand({ Name, DatabaseInput: { ...pascal(wanted), Name } }));
    return previous;
  },
  delete: async ({ clients }, previous) => {
    await clients.glue.send(new DeleteDatabaseCommand({ Name: previous.id.split(":")[1] }));
  },
});

const jobInputs = z.strictObject({
  name: z.string().optional(),
  description: z.string().optional(),
  roleArn: z.string(),
  // The real provider's default is a Spark job.
  command: z.strictObject({
    name: z.string().default("glueetl"),
    pythonVersion: z.string().optional(),
    scriptLocation: z.string(),
  }),
  defaultArguments: textMap.optional(),
  nonOverridableArguments: textMap.optional(),
  executionClass: oneOf<ExecutionClass>().optional(),
  executionProperty: z.strictObject({ maxConcurrentRuns: z.number().optional() }).optional(),
  glueVersion: z.string().optional(),
  maxRetries: z.number().optional(),
  numberOfWorkers: z.number().optional(),
  securityConfiguration: z.string().optional(),
  timeout: z.number().optional(),
  workerType: oneOf<WorkerType>().optional(),
});

/** A job as the Glue API takes it, for creation and for update. */
export function jobDefinition({ name, roleArn, ...wanted }: z.output<typeof jobInputs>) {
  return { Role: roleArn, ...pascal(wanted) };
}

const job = defineAdapter({
  type: "aws:glue/job:Job",
  inputs: jobInputs,
  replaceOn: ["name"],
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async (context, wanted) => {
    const Name = wanted.name ?? context.automaticName;
    await context.clients.glue.send(new CreateJobCommand({ Name, ...jobDefinition(wanted) }));
    return { id: Name, outputs: { name: Name, arn: glueArn(context, `job/${Name}`) } };
  },
  update: async ({ clients }, wanted, previous) => {
    await clients.glue.send(new UpdateJobCommand({ JobName: previous.id, JobUpdate: jobDefinition(wanted) }));
    return previous;
  },
  delete: async ({ clients }, { id }) => {
    await clients.glue.send(new DeleteJobCommand({ JobName: id }));
  },
});

const kmsKeyArn = z.string().optional();

const securityConfiguration = defineAdapter({
  type: "aws:glue/securityConfiguration:SecurityConfiguration",
  inputs: z.strictObject({
    name: z.string().optional(),
    encryptionConfiguration: z.strictObject({
      cloudwatchEncryption: z.strictObject({
        kmsKeyArn,
        cloudwatchEncryptionMode: oneOf<CloudWatchEncryptionMode>().optional(),
      }),
      jobBookmarksEncryption: z.strictObject({
        kmsKeyArn,
        jobBookmarksEncryptionMode: oneOf<JobBookmarksEncryptionMode>().optional(),
      }),
      s3Encryption: z.strictObject({ kmsKeyArn, s3EncryptionMode: oneOf<S3EncryptionMode>().optional() }),
    }),
  }),
  idOf: (context, { name }) => name ?? context.automaticName,
  create: async ({ clients, automaticName }, { name: Name = automaticName, encryptionConfiguration }) => {
    const { cloudwatchEncryption: logs, jobBookmarksEncryption, s3Encryption } = encryptionConfiguration;
    const EncryptionConfiguration = {
      CloudWatchEncryption: { KmsKeyArn: logs.kmsKeyArn, CloudWatchEncryptionMode: logs.cloudwatchEncryptionMode },
      JobBookmarksEncryption: pascal(jobBookmarksEncryption),
      S3Encryption: [pascal(s3Encryption)],
    };
    await clients.glue.send(new CreateSecurityConfigurationCommand({ Name, EncryptionConfiguration }));
    return { id: Name, outputs: { name: Name } };
  },
  delete: async ({ clients }, { id }) => {
    await clients.glue.send(new DeleteSecurityConfigurationCommand({ Name: id }));
  },
});

export const glueAdapters = [database, catalogTable, job, securityConfiguration];
