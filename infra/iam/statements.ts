/** IAM statements as plain objects: who builds one says what for; nothing here talks to AWS or to Pulumi's engine. */
import * as pulumi from "@pulumi/pulumi";

/** Condition operator → condition key → allowed values. */
export type Conditions = Record<string, Record<string, pulumi.Input<string> | pulumi.Input<string>[]>>;

/** One Allow of a role's policy. */
export interface Statement {
  /** Letters and digits only, unique within a policy. */
  sid: string;
  actions: readonly string[];
  resources: readonly pulumi.Input<string>[];
  conditions?: Conditions;
}

/** Whom a statement of a resource policy is about. */
export type Principal = { service: string } | { account: string } | "*";

/** One statement of a resource's own policy (bucket, key, topic, queue). */
export interface ResourceStatement extends Statement {
  effect: "Allow" | "Deny";
  principal: Principal;
}

type Value = pulumi.Input<string> | readonly pulumi.Input<string>[];

/** A single value instead of a list of one: AWS stores it so, and Pulumi would show a difference for ever. */
function compact(values: readonly pulumi.Input<string>[]): Value {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : values;
}

function principalOf(principal: Principal) {
  if (principal === "*") return "*";
  return "service" in principal ? { Service: principal.service } : { AWS: `arn:aws:iam::${principal.account}:root` };
}

function body(statement: Statement) {
  return {
    Action: compact(statement.actions),
    Resource: compact(statement.resources),
    ...(statement.conditions === undefined ? {} : { Condition: statement.conditions }),
  };
}

function refuseRepeatedSids(statements: readonly Statement[]): void {
  const seen = new Set<string>();
  for (const { sid, actions } of statements) {
    if (!/^[A-Za-z0-9]+$/.test(sid)) throw new Error(`A policy statement's sid is "${sid}": only letters and digits.`);
    if (seen.has(sid)) throw new Error(`Two statements of one policy have the sid "${sid}" (${actions.join(", ")}).`);
    seen.add(sid);
  }
}

/** The policy document of a role. */
export function policyDocument(statements: readonly Statement[]): pulumi.Output<string> {
  refuseRepeatedSids(statements);
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Sid: statement.sid, Effect: "Allow", ...body(statement) })),
  });
}

/** The policy document of a bucket, key, topic or queue. */
export function resourcePolicyDocument(statements: readonly ResourceStatement[]): pulumi.Output<string> {
  refuseRepeatedSids(statements);
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({
      Sid: statement.sid,
      Effect: statement.effect,
      Principal: principalOf(statement.principal),
      ...body(statement),
    })),
  });
}

/** Services whose trust policies may be bound to the account on whose behalf they call (the confused deputy). */
const boundToAccount = new Set(
  ["firehose", "glue", "sagemaker", "scheduler", "states"].map((service) => `${service}.amazonaws.com`),
);

/** Who may assume a role: one service, and where the service says for whom it calls, only for this account. */
export function trustPolicy(service: string, accountId: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: service },
        Action: "sts:AssumeRole",
        ...(boundToAccount.has(service) ? { Condition: { StringEquals: { "aws:SourceAccount": accountId } } } : {}),
      },
    ],
  });
}

/** The denial of every request that did not come over TLS. */
export function tlsOnly(
  service: "s3" | "sns" | "sqs",
  actions: readonly string[],
  resources: Statement["resources"],
): ResourceStatement {
  return {
    sid: `DenyPlainText${service.toUpperCase()}`,
    effect: "Deny",
    principal: "*",
    actions,
    resources,
    conditions: { Bool: { "aws:SecureTransport": "false" } },
  };
}
