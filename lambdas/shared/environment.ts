/** The environment variables of a Lambda, read and validated together. */
import * as z from "zod/mini";
import { InvalidConfiguration } from "./errors";
import { explain } from "./parse";

/** A variable that must be set and not empty. */
export const required = z.string().check(z.refine((value) => value !== "", "a value"));

/** The variables of every Lambda. */
export const commonVariables = {
  DAYBREAK_ENVIRONMENT: required,
};

/** The variables of every Lambda that belongs to a pipeline. */
export const pipelineVariables = {
  ...commonVariables,
  DAYBREAK_PIPELINE: required,
};

/**
 * Reads the environment.
 *
 * @throws InvalidConfiguration naming every variable that is missing or invalid
 */
export function readEnvironment<Shape extends z.core.$ZodShape>(
  shape: Shape,
  variables: NodeJS.ProcessEnv = process.env,
): z.core.output<z.ZodMiniObject<Shape>> {
  const schema = z.object(shape);
  const result = z.safeParse(schema, variables);
  if (result.success) return result.data;
  throw new InvalidConfiguration(
    `Environment variables set by the deployment are missing or invalid: ${explain(result.error.issues, variables)}`,
  );
}
