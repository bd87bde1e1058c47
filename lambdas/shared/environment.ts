/** The environment variables of a Lambda, read once and checked at once. */
import * as z from "zod/mini";
import { InvalidConfiguration } from "./errors";
import { explain } from "./parse";

/** A variable that must be set and not be empty. */
export const required = z.string().check(z.refine((value) => value !== "", "a value"));

/** What every Lambda is given. */
export const commonVariables = {
  DAYBREAK_ENVIRONMENT: required,
};

/** What every Lambda of a pipeline is given. */
export const pipelineVariables = {
  ...commonVariables,
  DAYBREAK_PIPELINE: required,
};

/**
 * Reads the environment.
 *
 * @throws InvalidConfiguration naming every variable that is missing or wrong
 */
export function readEnvironment<Shape extends z.core.$ZodShape>(
  shape: Shape,
  variables: NodeJS.ProcessEnv = process.env,
): z.core.output<z.ZodMiniObject<Shape>> {
  const schema = z.object(shape);
  const result = z.safeParse(schema, variables);
  if (result.success) return result.data;
  throw new InvalidConfiguration(
    `Environment variables set by the deployment are missing or wrong: ${explain(result.error.issues, variables)}`,
  );
}
