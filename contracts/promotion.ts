/** A model version that was taken from another environment: the request, the answer, and the record (`promotion.json`). */
import * as z from "zod/mini";
import { count, instant, modelVersion, text, uri } from "./values";

export const promotionRequest = z.object({
  from: text.check(z.describe("The environment that the version is of.")),
  version: z
    .optional(z.nullable(modelVersion))
    .check(z.describe("Default: the newest version that is approved there.")),
  reason: z.optional(z.nullable(text)),
});
export type PromotionRequest = z.infer<typeof promotionRequest>;

const copiedFile = z.object({
  from: uri,
  to: uri,
  bytes: count,
  sha256: text.check(z.describe("Of the file's content, in hexadecimal digits.")),
});
export type CopiedFile = z.infer<typeof copiedFile>;

export const promotion = z.object({
  source: z.object({
    environment: text,
    model_package_arn: text,
    version: modelVersion,
    created_at: instant,
    approved_by: z
      .nullable(text)
      .check(
        z.describe("Who changed the version last there: the ARN of a role's session; null if SageMaker does not say."),
      ),
    approved_at: instant.check(z.describe("When that was.")),
    approval_reason: z.nullable(text),
  }),
  promoted_by: text,
  promoted_at: instant,
  reason: z.nullable(text),
  files: z.array(copiedFile),
  warnings: z.array(text).check(z.describe("How the pipeline differs from that of the source.")),
});
export type Promotion = z.infer<typeof promotion>;

export const promotionAnswer = z.object({
  outcome: z.enum(["promoted", "already"]).check(z.describe("already: the version was there.")),
  source_version: modelVersion,
  version: modelVersion.check(z.describe("Its number in this environment.")),
  model_package_arn: text,
  approval: text.check(z.describe("Its approval status in this environment.")),
  promotion_uri: uri,
  files: count,
  bytes: count,
  warnings: z.array(text),
});
export type PromotionAnswer = z.infer<typeof promotionAnswer>;
