/** The parts of a prediction: the entity in the request, its features in the model's format, and the response. */
import * as z from "zod/mini";
import { endpointAnswer, type Prediction } from "../../contracts/prediction";
import type { PipelineSpec } from "../../spec/pipeline";
import { errorMessage, errorName, InvalidInput, ServiceFailure, StaleFeatures } from "../shared/errors";
import { parseAs } from "../shared/parse";

/** The used part of a Function URL's event (payload format 2.0). */
const urlEvent = z.object({
  requestContext: z.object({ http: z.object({ method: z.string() }) }),
  body: z.optional(z.nullable(z.string())),
  isBase64Encoded: z.optional(z.boolean()),
  queryStringParameters: z.optional(z.nullable(z.record(z.string(), z.optional(z.string())))),
});
export type UrlEvent = z.infer<typeof urlEvent>;

/** The event as a Function URL's, or undefined if the Lambda was invoked directly. */
export function asUrlEvent(event: unknown): UrlEvent | undefined {
  const parsed = z.safeParse(urlEvent, event);
  return parsed.success ? parsed.data : undefined;
}

/** The request to a Function URL: the JSON body of a POST, or the query of a GET. */
export function questionOf(event: UrlEvent): unknown {
  const { method } = event.requestContext.http;
  if (method === "GET") return event.queryStringParameters ?? {};
  if (method !== "POST") throw new InvalidInput(`send a POST with a JSON body, or a GET with a query; got ${method}`);
  const text = event.body ?? "";
  try {
    return JSON.parse(event.isBase64Encoded === true ? Buffer.from(text, "base64").toString("utf8") : text);
  } catch (error) {
    throw new InvalidInput(`the body is not JSON: ${errorMessage(error)}`);
  }
}

const question = z.record(z.string(), z.unknown());

/** The entity in the request: `{"<entity field>": "…"}` or `{"entity": "…"}`. */
export function entityOf(value: unknown, entityField: string): string {
  const asked = z.safeParse(question, value);
  const entity = asked.success ? (asked.data[entityField] ?? asked.data.entity) : undefined;
  const text = typeof entity === "number" && Number.isFinite(entity) ? String(entity) : entity;
  if (typeof text === "string" && text !== "") return text;
  const got = (JSON.stringify(value) ?? "nothing").slice(0, 100);
  throw new InvalidInput(`expected {"${entityField}": "…"} with the entity to predict for, got ${got}`);
}

/** One feature in the online store's format. */
export interface StoredFeature {
  FeatureName: string;
  ValueAsString?: string | null;
}

export interface Instance {
  features: Record<string, number | string | null>;
  /** Features without a value in the store; for the model they are missing values. */
  missing: string[];
  featuresAsOf: string | null;
}

/** Converts the online store's strings to the types that the model was trained on; absent values become null. */
export function toInstance(record: readonly StoredFeature[], columns: PipelineSpec["features"]["columns"]): Instance {
  const stored = new Map(record.map((feature) => [feature.FeatureName, feature.ValueAsString ?? undefined]));
  const features: Instance["features"] = {};
  const missing: string[] = [];
  for (const [name, column] of Object.entries(columns)) {
    const text = stored.get(name);
    const value = text === undefined ? null : column.type === "string" ? text : numberOf(text);
    if (value === null) missing.push(name);
    features[name] = value;
  }
  return { features, missing, featuresAsOf: stored.get("event_time") ?? null };
}

function numberOf(text: string): number | null {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

class UnusableAnswer extends ServiceFailure {
  override readonly name = "UnusableAnswer";
  constructor(message: string) {
    super(message, 502);
  }
}

/**
 * The response to the caller, made from the endpoint's response.
 *
 * @param configured the pipeline's threshold, which applies at once to every version; auto is that of the version that answered
 */
export function toPrediction(
  entity: string,
  instance: Instance,
  body: string,
  configured: PipelineSpec["serving"]["threshold"],
): Prediction {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw new UnusableAnswer(`the endpoint's response is not JSON: ${errorMessage(error)}`);
  }
  const answer = parseAs(endpointAnswer, value, "the endpoint's response", UnusableAnswer);
  const score = answer.predictions[0]?.score ?? Number.NaN;
  const version = Number(answer.model.version);
  const threshold = configured === "auto" ? answer.model.threshold : configured;
  return {
    entity,
    score,
    positive: threshold === undefined ? null : score >= threshold,
    features_as_of: instance.featuresAsOf,
    version: Number.isInteger(version) && version > 0 ? version : null,
    run_id: answer.model.run_id || null,
    ...(instance.missing.length > 0 && { missing_features: instance.missing }),
  };
}

const statusOfError: Record<string, number> = {
  InvalidInput: 400,
  EntityNotFound: 404,
  StaleFeatures: 409,
  Refused: 409,
};

/** What a program tells errors apart by. */
const codeOfError: Record<string, string> = { EntityNotFound: "no_features", StaleFeatures: "stale_features" };

export interface UrlResponse {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** A Function URL's response. */
export function respond(statusCode: number, value: unknown): UrlResponse {
  return { statusCode, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** A Function URL's response to an error: explains invalid requests, but only names internal errors. */
export function respondError(error: unknown): UrlResponse {
  const name = errorName(error);
  const statusCode = statusOfError[name] ?? (error instanceof ServiceFailure ? 502 : 500);
  const message = statusCode < 500 ? errorMessage(error) : "the request failed; the cause is in the Lambda's log";
  const code = codeOfError[name];
  const facts = error instanceof StaleFeatures ? error.facts : {};
  return respond(statusCode, { error: name || "Error", ...(code !== undefined && { code }), message, ...facts });
}
