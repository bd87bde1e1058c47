/**
 * The errors that the Lambdas throw. Step Functions, alerts and callers see the name, which shows where the cause is: with
 * the caller (InvalidInput, EntityNotFound), the deployment (InvalidConfiguration, MissingReport) or another service.
 */

/** The event is invalid; retrying does not help. */
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";
}

/** The request is valid, and what it asks for is not possible as things stand. The message says why and what to do. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** The environment or the bundled pipeline.json is not as the deployment should have set it. */
export class InvalidConfiguration extends Error {
  override readonly name = "InvalidConfiguration";
}

/** A file of an earlier step is missing or invalid. */
export class MissingReport extends Error {
  override readonly name = "MissingReport";
}

/** The requested entity has no features. */
export class EntityNotFound extends Error {
  override readonly name = "EntityNotFound";
}

/** Facts about features that are too old, as the response's body has them. */
export interface Staleness {
  features_as_of: string;
  age_days: number;
  max_feature_age_days: number;
  /** The newest day whose features are online. */
  newest_as_of: string | null;
}

/** The entity's features are older than the pipeline allows. */
export class StaleFeatures extends Error {
  override readonly name = "StaleFeatures";

  constructor(
    message: string,
    readonly facts: Staleness,
  ) {
    super(message);
  }
}

/** A service returned an error that a retry may resolve. */
export class ServiceFailure extends Error {
  override readonly name: string = "ServiceFailure";
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

/** The name of a thrown value; for an AWS error, its exception name. */
export function errorName(error: unknown): string {
  return textOf(error, "name") ?? "";
}

/** The message of a thrown value. */
export function errorMessage(error: unknown): string {
  return textOf(error, "message") ?? String(error);
}

/** Whether SageMaker says that something does not exist: it has no error code for that, only a message. */
export function saysMissing(error: unknown): boolean {
  return /could not find|does not exist/i.test(errorMessage(error));
}

function textOf(error: unknown, field: "name" | "message"): string | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const text = (error as Record<string, unknown>)[field];
  return typeof text === "string" ? text : undefined;
}
