import type { TableInput } from "@aws-sdk/client-glue";
import { z } from "zod";
import { defineAdapter } from "../adapter";
import { arnOf, pascal, textMap } from "./shared";

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
type Inputs = z.output<typeof inputs> & { name: string };

/** A table as the Glue API takes it. */
export function tableInput({ databaseName, storageDescriptor, ...wanted }: Inputs): TableInput {
  const { serDeInfo, ...storage } = storageDescriptor ?? {};
  const StorageDescriptor = storageDescriptor && { ...pascal(storage), SerdeInfo: pascal(serDeInfo) };
  return { ...pascal(wanted), StorageDescriptor };
}

export const catalogTable = defineAdapter({
  type: "aws:glue/catalogTable:CatalogTable",
  inputs,
  nameInput: "name",
  replaceOn: ["databaseName"],
  idOf: ({ accountId }, { databaseName, name }) => `${accountId}:${databaseName}:${name}`,
  create: async (context, wanted) => {
    const { clients, accountId } = context;
    const { databaseName: DatabaseName, name } = wanted;
    await clients.glue.createTable({ DatabaseName, TableInput: tableInput(wanted) });
    const arn = arnOf(context, "glue", `table/${DatabaseName}/${name}`);
    return { id: `${accountId}:${DatabaseName}:${name}`, outputs: { name, catalogId: accountId, arn } };
  },
  update: ({ clients }, wanted) =>
    clients.glue.updateTable({ DatabaseName: wanted.databaseName, TableInput: tableInput(wanted) }),
  delete: ({ clients }, { id }) => {
    const [, DatabaseName, Name] = id.split(":");
    return clients.glue.deleteTable({ DatabaseName, Name });
  },
});
