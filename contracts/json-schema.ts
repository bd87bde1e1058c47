/** The contracts as JSON Schema, for Python's tests and for tools. */
import * as z from "zod/mini";
import { catalog } from "./catalog";

export const schemasFolder = "contracts/schemas";

/**
 * A contract's JSON Schema as the file's text. It describes what may be written, so it takes no field that the contract does
 * not name; the TypeScript side, which reads, passes over fields that a later release may have added.
 */
export function schemaText(name: string): string {
  const contract = catalog[name];
  if (contract === undefined) throw new Error(`There is no contract "${name}"; see contracts/catalog.ts.`);
  const { $schema, ...schema } = z.toJSONSchema(contract, {
    io: "output",
    override: ({ jsonSchema }) => {
      // zod adds the safe integer range as limits of unlimited integers.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return `${JSON.stringify({ $schema, title: name, ...schema }, null, 2)}\n`;
}
