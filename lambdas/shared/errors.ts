/**
 * The errors that the Lambdas raise. Step Functions, alerts and callers see the name, so it says who can act:
 * the caller (InvalidInput, EntityNotFound), the operator's (InvalidConfiguration, MissingReport) or a service's.
 */

/** The event is not what the Lambda takes; sending it again cannot help. */
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";
}

/** The environment or the bundled pipeline.json is not what the deployment should have given. */
export class InvalidConfiguration extends Error {
  override readonly name = "InvalidConfiguration";
}

/** A file that an earlier step writes is missing or is not what that step writes. */
export class MissingReport extends Error {
  override readonly name = "MissingReport";
}

/** No features are known of the entity that a prediction was asked for. */
export class EntityNotFound extends Error {
  override readonly name = "EntityNotFound";
}

/** A service answered with an error that another try may not show. */
export class ServiceFailure extends Error {
  override readonly name: string = "ServiceFailure";
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** The name of a thrown value, as AWS names its exceptions. */
export function errorName(error: unknown): string {
  return textOf(error, "name") ?? "";
}

/** The message of a thrown value. */
export function errorMessage(error: unknown): string {
  return textOf(error, "message") ?? String(error);
}

function textOf(error: unknown, field: "name" | "message"): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const text = (error as Record<string, unknown>)[field];
  return typeof text === "string" ? text : undefined;
}
