/**
 * A marker in the cloud that identifies its deployment. The local cloud is in memory: without the marker, a deployment to a
 * fresh cloud with an old state file would find nothing to change.
 */
import type { SSM } from "@aws-sdk/client-ssm";
import { z } from "zod";
import { DeploymentError, describeFailure, errorCode } from "./errors";
import type { State } from "./state";

const markSchema = z.object({ deployment: z.string(), statePath: z.string() });
type Mark = z.infer<typeof markSchema>;

/** Checks that the state describes this cloud. Returns a notice for the user, if any. */
export async function claimCloud(
  ssm: SSM,
  state: State,
  { project, stack, endpoint }: { project: string; stack: string; endpoint: string },
): Promise<string | undefined> {
  const name = `/daybreak/deployments/${project}/${stack}`;
  try {
    const mark = await readMark(ssm, name);
    if (mark?.deployment === state.deployment) return undefined;
    if (mark !== undefined) throw foreign(mark, state, endpoint);
    const notice = state.isEmpty
      ? undefined
      : `The local cloud at ${endpoint} is new. The state ${state.path} belongs to an earlier one, so everything is deployed again.`;
    if (notice !== undefined) state.startOver();
    // Write the state first: no deployment could claim a marker that is in no state file.
    await state.save();
    const value: Mark = { deployment: state.deployment, statePath: state.path };
    await ssm.putParameter({ Name: name, Type: "String", Value: JSON.stringify(value), Overwrite: true });
    return notice;
  } catch (error) {
    throw describeFailure(error, name, "the deployment's marker", "read or write");
  }
}

async function readMark(ssm: SSM, name: string): Promise<Mark | undefined> {
  try {
    const { Parameter } = await ssm.getParameter({ Name: name });
    return markSchema.parse(JSON.parse(Parameter?.Value ?? "null"));
  } catch (error) {
    if (errorCode(error) === "ParameterNotFound") return undefined;
    throw error;
  }
}

function foreign(mark: Mark, state: State, endpoint: string): DeploymentError {
  return new DeploymentError(
    `The local cloud at ${endpoint} was deployed with the state file ${mark.statePath}, not with ${state.path}.`,
    { advice: `Pass --state ${mark.statePath}, or stop that local cloud and start a fresh one.` },
  );
}
