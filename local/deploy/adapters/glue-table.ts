import {
  type Column,
  CreateTableCommand,
  DeleteTableCommand,
  type TableInput,
  UpdateTableCommand,
} from "@aws-sdk/client-glue";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { textMap } from "./shared";

const column = z.strictObject({
  name: z.string(),
  type: z.string().optional(),
  comment: z.string().optional(),
  parameters: textMap.optional(),
});

const inputs = z.strictObject({
  name: z.string().optional(),
  databaseName: z.string(),
  catalogId: z.string().optional(),
  description: z.string().optional(),
  owner: z.string().optional(),
  parameters: textMap.optional(),
  partitionKeys: z.array(column).optional(),
  retention: z.number().optional(),
  storageDescriptor: z
    .strictObject({
      columns: z.array(column).optional(),
      location: z.string().optional(),
      inputFormat: z.string().optional(),
      outputFormat: z.string().optional(),
      compressed: z.boolean().optional(),
      numberOfBuckets: z.number().optional(),
      parameters: textMap.optional(),
      serDeInfo: z
        .strictObject({
          name: z.string().optional(),
          parameters: textMap.optional(),
          serializationLibrary: z.string().optional(),
        })
        .optional(),
      storedAsSubDirectories: z.boolean().optional(),
    })
    .optional(),
  tableType: z.string().optional(),
});
type Inputs = z.output<typeof inputs>;

function toColumn({ name, type, comment, parameters }: z.output<typeof column>): Column {
  return { Name: name, Type: type, Comment: comment, Parameters: parameters };
}

/** A table as the Glue API takes it. */
export function tableInput(wanted: Inputs, Name: string): TableInput {
  const storage = wanted.storageDescriptor;
  return {
    Name,
    Description: wanted.description,
    Owner: wanted.owner,
    Parameters: wanted.parameters,
    PartitionKeys: wanted.partitionKeys?.map(toColumn),
    Retention: wanted.retention,
    TableType: wanted.tableType,
    StorageDescriptor: storage && {
      Columns: storage.columns?.map(toColumn),
      Location: storage.location,
      InputFormat: storage.inputFormat,
      OutputFormat: storage.outputFormat,
      Compressed: storage.compressed,
      NumberOfBuckets: storage.numberOfBuckets,
      Parameters: storage.parameters,
      SerdeInfo: storage.serDeInfo && {
        Name: storage.serDeInfo.name,
        Parameters: storage.serDeInfo.parameters,
        SerializationLibrary: storage.serDeInfo.serializationLibrary,
      },
      StoredAsSubDirectories: storage.storedAsSubDirectories,
    },
  };
}

export const catalogTable = defineAdapter({
  type: "aws:glue/catalogTable:CatalogTable",
  inputs,
  replaceOn: ["name", "databaseName", "catalogId"],
  idOf: (context, wanted) =>
    [wanted.catalogId ?? context.accountId, wanted.databaseName, wanted.name ?? context.automaticName].join(":"),
  create: async ({ clients, accountId, automaticName, partition, region }, wanted) => {
    const name = wanted.name ?? automaticName;
    const CatalogId = wanted.catalogId ?? accountId;
    const DatabaseName = wanted.databaseName;
    await clients.glue.send(new CreateTableCommand({ CatalogId, DatabaseName, TableInput: tableInput(wanted, name) }));
    const arn = `arn:${partition}:glue:${region}:${accountId}:table/${DatabaseName}/${name}`;
    return { id: `${CatalogId}:${DatabaseName}:${name}`, outputs: { name, catalogId: CatalogId, arn } };
  },
  update: async ({ clients }, wanted, previous) => {
    const [CatalogId, DatabaseName, name = ""] = previous.id.split(":");
    await clients.glue.send(new UpdateTableCommand({ CatalogId, DatabaseName, TableInput: tableInput(wanted, name) }));
    return previous;
  },
  delete: async ({ clients }, previous) => {
    const [CatalogId, DatabaseName, Name] = previous.id.split(":");
    await clients.glue.send(new DeleteTableCommand({ CatalogId, DatabaseName, Name }));
  },
});
