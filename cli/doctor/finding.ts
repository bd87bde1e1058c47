/** What a check of an AWS account has found. */
import { messageOf, nameOf } from "../shared/problem";
import { connectionProblem } from "../shared/session";

/**
 * `notice`: nothing fails, but it is better known beforehand. `fails`: it would stop `pulumi up`, or the first model on its way to
 * the endpoint. `not checked`: nothing is known, which is not the same as ok.
 */
export type State = "ok" | "notice" | "fails" | "not checked";

export interface Finding {
  check: string;
  state: State;
  found: string;
  /** What to do about it, in words. */
  remedy?: string;
  /** Commands that do it, each on a line of its own, to be pasted. */
  commands?: string[];
}

/**
 * Makes a check. Where AWS does not answer, it was not made: a permission that its caller lacks is named.
 *
 * @param actions the IAM actions that the check needs
 */
export async function examined(
  check: string,
  actions: readonly string[],
  examine: () => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await examine();
  } catch (error) {
    const found = whyNot(error, actions);
    if (found === undefined) throw error;
    return [{ check, state: "not checked", found }];
  }
}

/** Why AWS did not answer; undefined if the error is another one. */
function whyNot(error: unknown, actions: readonly string[]): string | undefined {
  const name = nameOf(error);
  if (/^AccessDenied/.test(name)) return `your credentials lack ${actions.join(", ")}`;
  const connection = connectionProblem(error);
  if (connection !== undefined) return connection.what;
  const isAws = typeof error === "object" && error !== null && "$metadata" in error;
  return isAws ? `${actions.join(", ")}: ${name}: ${messageOf(error)}` : undefined;
}
