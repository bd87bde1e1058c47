/** Requests and responses of the endpoint, and responses of serve-predict. */
import * as z from "zod/mini";

// Does not import ./values, to keep the cold start of the request path short.
const text = z.string();
const modelVersion = z.int().check(z.minimum(1));

/** The body of a request to the endpoint. A feature that is null or absent is a missing value. */
export const endpointRequest = z.object({ instances: z.array(z.record(z.string(), z.unknown())) });
export type EndpointRequest = z.infer<typeof endpointRequest>;

/** The body of the endpoint's response: a score for each instance. */
export const endpointAnswer = z.object({
  predictions: z
    .array(z.object({ score: z.number().check(z.describe("The probability of label 1.")) }))
    .check(z.minLength(1)),
  model: z.object({
    run_id: text.check(z.describe("The run that trained the model.")),
    version: text.check(z.describe("The model's version, as text; empty outside the registry.")),
    threshold: z
      .optional(z.number())
      .check(z.describe("The model's own threshold. Absent in answers of versions of earlier releases.")),
  }),
});
export type EndpointAnswer = z.infer<typeof endpointAnswer>;

export const prediction = z.object({
  entity: text,
  score: z.number().check(z.describe("The probability of label 1.")),
  positive: z
    .nullable(z.boolean())
    .check(
      z.describe(
        "Whether the score reaches the threshold: the pipeline's if it is a number, otherwise the model's own. null if a version of an earlier release serves, which does not say it.",
      ),
    ),
  features_as_of: z.nullable(text).check(z.describe("The event time of the features.")),
  version: z.nullable(modelVersion),
  run_id: z.nullable(text),
  missing_features: z.optional(z.array(text)).check(z.describe("Features without a value; absent if there are none.")),
});
export type Prediction = z.infer<typeof prediction>;
