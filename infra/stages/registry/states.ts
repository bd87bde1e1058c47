/** The states of the registry stage in the run workflow: gate and registration, then an alert with the outcome. */
import type * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../../spec/pipeline";
import { type Audience, alert } from "../../workflows/alerts";
import { code } from "../../workflows/jsonata";
import { expression, type State } from "../../workflows/states";
import { invoke } from "../../workflows/tasks";

/** In brackets, because JSONata turns a list of one into its element and an empty list into nothing. */
export const registrationWarnings = code("[$registration.warnings]");

export interface RegistryStatesArgs {
  spec: PipelineSpec;
  audience: Audience;
  registerArn: pulumi.Input<string>;
}

export function registryStates({ spec, audience, registerArn }: RegistryStatesArgs, next: string) {
  const facts = {
    runId: code("$run.run_id"),
    asOf: code("$run.as_of"),
    verdict: code("$registration.verdict"),
    warnings: registrationWarnings,
  };
  return {
    Registry: invoke(
      registerArn,
      { run: expression("$run"), training: expression("$training") },
      { assign: { registration: expression("$states.result.Payload") }, next: "RegistryOutcome" },
    ),
    RegistryOutcome: {
      type: "choice",
      rules: [{ when: "$registration.outcome = 'registered'", next: "AlertRegistered" }],
      otherwise: "AlertRefused",
    },
    AlertRegistered: alert(
      audience,
      "model-registered",
      {
        ...facts,
        version: code("$registration.version"),
        modelPackageArn: code("$registration.modelPackageArn"),
        approval: spec.approval.mode,
      },
      next,
    ),
    AlertRefused: alert(audience, "model-refused", facts, next),
  } satisfies Record<string, State>;
}
