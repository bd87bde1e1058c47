import type {
  CloudWatchEncryptionMode,
  ExecutionClass,
  JobBookmarksEncryptionMode,
  S3EncryptionMode,
  WorkerType,
} from "@aws-sdk/client-glue";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { catalogTable } from "./glue-table";
import { arnOf, oneOf, pascal, textMap } from "./shared";

// Glue's responses contain no ARNs, so they are built from the name.

const database = defineAdapter({
  type: "aws:glue/catalogDatabase:CatalogDatabase",
  inputs: z.strictObject({
    name: z.string().optional(),
    description: z.string().optional(),
    locationUri: z.string().optional(),
    parameters: textMap.optional(),
  }),
  nameInput: "name",
  holds: "its tables",
  idOf: ({ accountId }, { name }) => `${accountId}:${name}`,
  create: async (context, wanted) => {
    const { name } = wanted;
    await context.clients.glue.createDatabase({ DatabaseInput: pascal(wanted) });
    const outputs = { name, catalogId: context.accountId, arn: arnOf(context, "glue", `database/${name}`) };
    return { id: `${context.accountId}:${name}`, outputs };
  },
  update: ({ clients }, wanted) => clients.glue.updateDatabase({ Name: wanted.name, DatabaseInput: pascal(wanted) }),
  delete: ({ clients }, previous) => clients.glue.deleteDatabase({ Name: previous.id.split(":")[1] }),
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
  nameInput: "name",
  create: async (context, wanted) => {
    const { name } = wanted;
    await context.clients.glue.createJob({ Name: name, ...jobDefinition(wanted) });
    return { id: name, outputs: { name, arn: arnOf(context, "glue", `job/${name}`) } };
  },
  update: ({ clients }, wanted) => clients.glue.updateJob({ JobName: wanted.name, JobUpdate: jobDefinition(wanted) }),
  delete: ({ clients }, { id }) => clients.glue.deleteJob({ JobName: id }),
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
  nameInput: "name",
  create: async ({ clients }, { name: Name, encryptionConfiguration }) => {
    const { cloudwatchEncryption: logs, jobBookmarksEncryption, s3Encryption } = encryptionConfiguration;
    const EncryptionConfiguration = {
      CloudWatchEncryption: { KmsKeyArn: logs.kmsKeyArn, CloudWatchEncryptionMode: logs.cloudwatchEncryptionMode },
      JobBookmarksEncryption: pascal(jobBookmarksEncryption),
      S3Encryption: [pascal(s3Encryption)],
    };
    await clients.glue.createSecurityConfiguration({ Name, EncryptionConfiguration });
    return { id: Name, outputs: { name: Name } };
  },
  delete: ({ clients }, { id }) => clients.glue.deleteSecurityConfiguration({ Name: id }),
});

export const glueAdapters = [database, catalogTable, job, securityConfiguration];
