/** The events that main.ts prints, one as JSON per line, and that the client reads. */
import { z } from "zod";

/** The code of the error of a deployment that would lose data and was not confirmed. */
export const dataWouldBeLost = "DataWouldBeLost";

const changed = z.enum(["create", "update", "replace", "delete"]);

/** A planned operation that changes a resource. */
const plannedStep = z.object({
  urn: z.string(),
  resourceType: z.string(),
  name: z.string(),
  action: changed,
  /** The changed inputs or, for a replacement, those that force it. */
  because: z.array(z.string()),
  deleteFirst: z.boolean(),
  /** The data lost, if the program cannot recreate it. */
  loses: z.string().optional(),
});
export type PlannedStep = z.infer<typeof plannedStep>;

/** A finished operation. */
const resource = z.object({
  urn: z.string(),
  resourceType: z.string(),
  name: z.string(),
  action: changed,
  seconds: z.number(),
  done: z.number(),
  total: z.number(),
});

const summary = z.object({
  created: z.number(),
  updated: z.number(),
  replaced: z.number(),
  deleted: z.number(),
  unchanged: z.number(),
  seconds: z.number(),
  /** Number of calls per AWS operation. */
  calls: z.record(z.string(), z.number()),
});
export type DeploymentSummary = z.infer<typeof summary>;

const result = z.object({ outputs: z.record(z.string(), z.unknown()), summary });
export type DeployResult = z.infer<typeof result>;

export const deployerEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("plan"), steps: z.array(plannedStep) }),
  resource.extend({ type: z.literal("resource") }),
  z.object({ type: z.literal("notice"), message: z.string() }),
  result.extend({ type: z.literal("outputs") }),
  z.object({
    type: z.literal("error"),
    message: z.string(),
    code: z.string().optional(),
    advice: z.string().optional(),
  }),
]);
export type ProgressEvent = Extract<z.infer<typeof deployerEvent>, { type: "plan" | "notice" | "resource" }>;
