/** Input and output of the state machine `run`: from raw events to features and, in mode train, to a registered model. */
import * as z from "zod/mini";
import {
  day,
  instant,
  modelEvidence,
  modelVersion,
  modelWarnings,
  runMode,
  text,
  trigger,
  verdictRule,
} from "./values";

/** Which quarantined lines: those with this reason, of this run; all lines if neither is given. */
export const quarantineSelection = z.strictObject({
  reason: z.optional(z.nullable(text)),
  runId: z.optional(z.nullable(text)),
});
export type QuarantineSelection = z.infer<typeof quarantineSelection>;

/** Strict, because a misspelled `asOf` would silently use today. */
export const runInput = z.strictObject({
  mode: runMode,
  asOf: z.optional(z.nullable(day)).check(z.describe("The as-of day. Default: the day on which the run starts.")),
  scheduledAt: z.optional(z.nullable(instant)).check(z.describe("The scheduled start time.")),
  trigger,
  release: z
    .optional(z.nullable(z.strictObject({ runId: text })))
    .check(
      z.describe("Publishes the files of a run that a dataset rule halted, and no others. trigger.reason is required."),
    ),
  replay: z
    .optional(z.nullable(quarantineSelection))
    .check(z.describe("Processes quarantined lines once more instead of new files. trigger.reason is required.")),
});
export type RunInput = z.infer<typeof runInput>;

const common = { runId: text, mode: runMode, asOf: day };

/** Executions that ended before models had them have none in their output. */
const earlierWarnings = z._default(modelWarnings, []);
const earlierEvidence = z._default(modelEvidence, []);

/** The output of a run. */
export const runOutput = z.discriminatedUnion("outcome", [
  z.object({ outcome: z.literal("features"), ...common }),
  z.object({
    outcome: z.literal("registered"),
    ...common,
    version: modelVersion,
    modelPackageArn: text,
    verdict: z.array(verdictRule),
    evidence: earlierEvidence,
    warnings: earlierWarnings,
  }),
  z.object({ outcome: z.literal("refused"), ...common, verdict: z.array(verdictRule), warnings: earlierWarnings }),
  z.object({ outcome: z.literal("unchanged"), ...common, reason: text }),
  z.object({ outcome: z.literal("not_enough_history"), ...common, reason: text, enoughFrom: day }),
]);
export type RunOutput = z.infer<typeof runOutput>;
