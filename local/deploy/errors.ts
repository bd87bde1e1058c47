/** Deployment errors: what happened, to which resource, in which call, and what to do. */

export interface ErrorFacts {
  urn?: string | undefined;
  resourceType?: string | undefined;
  operation?: string | undefined;
  code?: string | undefined;
  advice?: string | undefined;
}

export class DeploymentError extends Error {
  override readonly name = "DeploymentError";

  constructor(
    message: string,
    readonly facts: ErrorFacts = {},
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** Duplicate URN: the real engine rejects it, Pulumi's mocks do not. */
export function duplicate(urn: string, type: string): DeploymentError {
  return new DeploymentError(`The program registers ${urn} twice.`, {
    urn,
    resourceType: type,
    advice: "Give one of the two another logical name, or another parent.",
  });
}

export function noAdapter(urn: string, type: string): DeploymentError {
  return new DeploymentError(`The local deployer has no adapter for ${type} (${urn}).`, {
    urn,
    resourceType: type,
    advice: "Add one to the service's file in local/deploy/adapters/, and to the local cloud what it calls.",
  });
}

/** The SDK command that raised the error; set by a middleware in clients.ts. */
export const OPERATION = Symbol.for("daybreak.deploy.operation");

/** The SDK's name for an error response without a code. */
const UNKNOWN_CODE = "Unknown";

/** Describes an error raised while a resource was being created, updated or deleted. */
export function describeFailure(error: unknown, urn: string, resourceType: string, action: string): DeploymentError {
  if (error instanceof DeploymentError) {
    return new DeploymentError(error.message, { urn, resourceType, ...error.facts }, { cause: error });
  }
  const code = errorCode(error);
  const operation = sdkError(error)[OPERATION];
  const name = urn.split("::").pop() ?? urn;
  const said = spoken(error, code);
  const call = operation === undefined ? "" : ` in ${operation}`;
  const named = code === undefined || code === UNKNOWN_CODE ? "" : `${code}: `;
  return new DeploymentError(
    `Could not ${action} ${name} (${resourceType})${call}: ${named}${said}`,
    { urn, resourceType, operation, code, advice: adviceFor(error, code) },
    { cause: error },
  );
}

/** The error's message, or the HTTP status if the SDK could not parse the response. */
function spoken(error: unknown, code: string | undefined): string {
  if (code === UNKNOWN_CODE) return `the response (HTTP ${httpStatus(error) ?? "?"}) is not an AWS error`;
  return error instanceof Error && error.message !== "" ? error.message : String(error);
}

/** The AWS error code (such as AccessDenied), or Node's (such as ECONNREFUSED). */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  return error.name === "Error" || error.name === "TypeError" ? undefined : error.name;
}

/** Whether the resource already exists: most services return a specific code, SageMaker only a message. */
export function alreadyExists(error: unknown): boolean {
  const codes =
    /AlreadyExists|ResourceInUse|ResourceConflict|ConflictException|ResourceExists|AlreadyOwnedByYou|NameExists/;
  return codes.test(errorCode(error) ?? "") || /already exists/i.test(error instanceof Error ? error.message : "");
}

/** Whether the service reports that the resource does not exist. */
export function isNotFound(error: unknown): boolean {
  const codes = /NotFound|NoSuch|NonExistent|DoesNotExist/;
  return codes.test(errorCode(error) ?? "") || /does not exist/i.test(error instanceof Error ? error.message : "");
}

/** What the SDK and clients.ts add to errors. */
interface SdkError {
  [OPERATION]?: string;
  $metadata?: { httpStatusCode?: number };
}

const sdkError = (error: unknown): SdkError => (typeof error === "object" && error !== null ? error : {});
const httpStatus = (error: unknown) => sdkError(error).$metadata?.httpStatusCode;

function adviceFor(error: unknown, code: string | undefined): string | undefined {
  if (code === "ECONNREFUSED" || code === "ECONNRESET" || code === "ETIMEDOUT") {
    return "The local cloud does not answer. Is it running? `npx daybreak demo` starts it.";
  }
  if (error instanceof Error && /is not empty/.test(error.message)) {
    return "Delete first what it holds. For what the workflows of a pipeline made: npx daybreak teardown <pipeline>";
  }
  if (alreadyExists(error)) {
    return "This resource already exists in the local cloud but is not in the state file. Stop the local cloud and delete the state file, or run `npx daybreak demo`, which starts over.";
  }
  if (
    code === UNKNOWN_CODE ||
    httpStatus(error) === 501 ||
    /NotImplemented|UnknownOperation|InvalidAction|UnknownAction/.test(code ?? "")
  ) {
    return "The emulator does not implement this operation of AWS. Add it to local/daybreak_local, or let the adapter ignore the input.";
  }
  if (/AccessDenied|InvalidClientToken|UnrecognizedClient|SignatureDoesNotMatch|InvalidAccessKeyId/.test(code ?? "")) {
    return "The local cloud has new root keys at each start. Those of the cloud that runs now: npx daybreak status --credentials";
  }
  if (/Validation|InvalidParameter|InvalidInput|InvalidArgument|Malformed/.test(code ?? "")) {
    return "Correct the resource's inputs in infra/: AWS would very probably reject them as well.";
  }
  return undefined;
}
