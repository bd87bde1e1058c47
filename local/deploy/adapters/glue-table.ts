import { CreateTableCommand, DeleteTableCommand, type TableInput, UpdateTableCommand } from "@aws-sdk/client-glue";
import { z } from "zod";
import { type AdapterContext, defineAdapter } from "../adapter";
import { pascal, textMap } from "./shared";

const column = z.strictObject({ name: z.string(), type: z.string().optional(), comment: z.string().optional() });

const inputs = z.strictObject({
  name: z.string().optional(),
  databaseName: z.string(),
  description: z.string().optional(),
  parameters: textMap.optional(),
  partitionKeys: z.array(column).optional(),
  storageDescriptor: z
    .strictObject({
      columns: z.array(column).optional(),
      location: z.string().optional(),
      inputFormat: z.string().optional(),
      outputFormat: z.string().optional(),
      compressed: z.boolean().optional(),
      parameters: textMap.optional(),
      serDeInfo: z
        .strictObject({ parameters: textMap.optional(), serializationLibrary: z.string().optional() })
        .optional(),
    })
    .optional(),
  tableType: z.string().optional(),
});
type Inputs = z.output<typeof inputs>;

/** A table as the Glue API takes it. */
export function tableInput({ databaseName, storageDescriptor, ...wanted }: Inputs, Name: string): TableInput {
  const { serDeInfo, ...storage } = storageDescriptor ?? {};
  const StorageDescriptor = storageDescriptor && { ...pascal(storage), SerdeInfo: pascal(serDeInfo) };
  return { ...pascal(wanted), Name, StorageDescriptor };
}

function nameOf({ automaticName }: AdapterContext, { name }: Inputs): string {
  return name ?? automaticName;
}

export const catalogTable = defineAdapter({
  type: "aws:glue/catalogTable:CatalogTable",
  inputs,
  replaceOn: ["name", "databaseName"],
  idOf: (context, wanted) => `${context.accountId}:${wanted.databaseName}:${nameOf(context, wanted)}`,
  create: async (context, wanted) => {
    const { clients, accountId, partition, region } = context;
    const name = nameOf(context, wanted);
    const DatabaseName = wanted.databaseName;
    await clients.glue.send(new CreateTableCommand({ DatabaseName, TableInput: tableInput(wanted, name) }));
    const arn = `arn:${partition}:glue:${region}:${accountId}:table/${DatabaseName}/${name}`;
    return { id: `${accountId}:${DatabaseName}:${name}`, outputs: { name, catalogId: accountId, arn } };
  },
  update: async ({ clients }, wanted, previous) => {
    const [, DatabaseName, name = ""] = previous.id.split(":");
    await clients.glue.send(new UpdateTableCommand({ DatabaseName, TableInput: tableInput(wanted, name) }));
    return previous;
  },
  delete: async ({ clients }, previous) => {
    const [, DatabaseName, Name] = previous.id.split(":");
    await clients.glue.send(new DeleteTableCommand({ DatabaseName, Name }));
  },
});
