/** Who asks for a run by the Function URL, and which run. */
import * as z from "zod/mini";
import { type RunInput, runInput } from "../../contracts/run-execution";
import { text } from "../../contracts/values";
import { InvalidInput } from "../shared/errors";
import { parseAs } from "../shared/parse";

/** What a person asks for: a run without its trigger, which says who asks. */
export const runRequest = z.extend(z.omit(runInput, { trigger: true }), {
  name: text.check(z.describe("The name of the execution.")),
  reason: z.optional(z.nullable(text)),
});
export type RunRequest = z.infer<typeof runRequest>;

/** The execution that the person asks for. */
export function executionOf(body: unknown, person: string): { name: string; input: RunInput } {
  const { name, reason, ...run } = parseAs(runRequest, body, "the request for a run", InvalidInput);
  return { name, input: { ...run, trigger: { type: "person", actor: person, reason } } };
}
