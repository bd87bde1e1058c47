/** Who calls a Lambda by its Function URL. */
import * as z from "zod/mini";
import { InvalidInput } from "./errors";
import { parseAs } from "./parse";

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
  const { iam } = parseAs(authorized, event, "the event of the Function URL", InvalidInput).requestContext.authorizer;
  const session = /^arn:aws:sts::\d{12}:assumed-role\/[^/]+\/([\w+=.@-]+)$/.exec(iam.userArn)?.[1];
  if (session !== undefined) return session;
  throw new InvalidInput(
    `${iam.userArn} is no role session that names a person (letters, digits and _+=.@-): assume a role`,
  );
}
