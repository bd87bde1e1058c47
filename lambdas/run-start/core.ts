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

/** What AWS adds to a request that it has authenticated. */
const authorized = z.object({
  requestContext: z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string() }) }) }),
});

/**
 * The person who calls: the name of the role's session, which the trust policies of the people's roles bind to the person. The
 * registry keeps it as metadata, which may not contain the comma that session names may.
 *
 * @throws InvalidInput for callers that are no session of a role with such a name
 */
export function callerOf(event: unknown): string {
  const { iam } = parseAs(authorized, event, "the event of run-start", InvalidInput).requestContext.authorizer;
  const session = /^arn:aws:sts::\d{12}:assumed-role\/[^/]+\/([\w+=.@-]+)$/.exec(iam.userArn)?.[1];
  if (session !== undefined) return session;
  throw new InvalidInput(
    `${iam.userArn} is no role session that names a person (letters, digits and _+=.@-): assume a role`,
  );
}

/** The execution that the person asks for. */
export function executionOf(body: unknown, person: string): { name: string; input: RunInput } {
  const { name, reason, ...run } = parseAs(runRequest, body, "the request for a run", InvalidInput);
  return { name, input: { ...run, trigger: { type: "person", actor: person, reason } } };
}
