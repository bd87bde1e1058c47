import { readFileSync } from "node:fs";
import { z } from "zod";
import { DeploymentError } from "./errors";

/** Reads a JSON file. Throws a DeploymentError if it cannot be read or does not match the schema. */
export function readJson<Content>(path: string, schema: z.ZodType<Content>, what: string, advice: string): Content {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new DeploymentError(`Cannot read ${what} ${path}: ${why}`, { advice });
  }
}
