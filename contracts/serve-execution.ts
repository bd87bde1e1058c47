/** Input and output of the state machine `serve`: from an approved model package to the endpoint that serves it. */
import * as z from "zod/mini";
import { modelVersion, text } from "./values";

export const serveInput = z.object({
  modelPackageArn: text,
  reason: z.optional(text).check(z.describe("The reviewer's reason.")),
  requestedBy: z.optional(text).check(z.describe("The reviewer, if SageMaker provides the name.")),
});
export type ServeInput = z.infer<typeof serveInput>;

export const serveOutput = z.object({
  outcome: z
    .enum(["deployed", "superseded"])
    .check(z.describe("superseded: a later deployment replaced this version immediately.")),
  version: modelVersion,
  modelPackageArn: text,
  endpointName: text,
  endpointConfigName: text,
});
export type ServeOutput = z.infer<typeof serveOutput>;
