/** The states of the registry stage in the run workflow: the gate, the registration, an alert with the outcome, and retention. */
import type * as pulumi from "@pulumi/pulumi";
import type { PipelineSpec } from "../../../spec/pipeline";
import { type Audience, alert } from "../../workflows/alerts";
import { code } from "../../workflows/jsonata";
import { expression, type State } from "../../workflows/states";
import { invoke } from "../../workflows/tasks";

/** In brackets, because JSONata turns a list of one into its element and an empty list into nothing. */
export const registrationWarnings = code("[$registration.warnings]");
export const registrationEvidence = code("[$registration.evidence]");

export interface RegistryStatesArgs {
  spec: PipelineSpec;
  audience: Audience;
  registerArn: pulumi.Input<string>;
  retireArn: pulumi.Input<string>;
}

/** @param refit the state that fits the model on all labelled rows, between gate and registration */
export function registryStates(
  { spec, audience, registerArn, retireArn }: RegistryStatesArgs,
  refit: string,
  next: string,
) {
  const facts = {
    runId: code("$run.run_id"),
    asOf: code("$run.as_of"),
    verdict: code("$registration.verdict"),
    warnings: registrationWarnings,
  };
  const evaluated = { run: expression("$run"), training: expression("$training") };
  const assign = { registration: expression("$states.result.Payload") };
  return {
    Gate: invoke(registerArn, evaluated, { assign, next: "GateOutcome" }),
    GateOutcome: {
      type: "choice",
      rules: [
        { when: "$registration.outcome = 'passed'", next: refit },
        // A refusal for lack of evidence that an alert has already told of.
        { when: "$registration.alert = false", next: "Retire" },
      ],
      otherwise: "AlertRefused",
    },
    Registry: invoke(registerArn, { ...evaluated, refit: expression("$refit") }, { assign, next: "AlertRegistered" }),
    AlertRegistered: alert(
      audience,
      "model-registered",
      {
        ...facts,
        evidence: registrationEvidence,
        version: code("$registration.version"),
        modelPackageArn: code("$registration.modelPackageArn"),
        approval: spec.approval.mode,
      },
      "Retire",
    ),
    AlertRefused: alert(audience, "model-refused", facts, "Retire"),
    // Versions come from training runs only, so their number stays within bounds if each of these deletes the old ones.
    Retire: invoke(retireArn, {}, { next }),
  } satisfies Record<string, State>;
}
