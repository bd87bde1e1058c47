/** IAM statements as plain objects, and the policy documents made from them. */
import * as pulumi from "@pulumi/pulumi";

/** A key of the request's context as a value in a condition, such as `aws:userid`. */
export const policyVariable = (key: string): string => `\${${key}}`;

/** Condition operator → condition key → allowed values. */
export type Conditions = Record<string, Record<string, pulumi.Input<string> | pulumi.Input<string>[]>>;

/** A statement of a role's policy. */
export interface Statement {
  /** Letters and digits only, unique within a policy. */
  sid: string;
  /** Default: Allow. */
  effect?: "Allow" | "Deny";
  actions: readonly string[];
  resources: readonly pulumi.Input<string>[];
  conditions?: Conditions;
}

/** The principal of a resource policy statement. */
export type Principal = { service: string } | { account: string } | "*";

/** A statement of a resource policy (bucket, key, topic, queue). */
export interface ResourceStatement extends Statement {
  effect: "Allow" | "Deny";
  principal: Principal;
}

type Value = pulumi.Input<string> | readonly pulumi.Input<string>[];

/** Unwraps lists with one element, as AWS does when it stores a policy; otherwise Pulumi would report a diff every time. */
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
    if (!/^[A-Za-z0-9]+$/.test(sid))
      throw new Error(`The policy statement Sid "${sid}" is invalid: use only letters and digits.`);
    if (seen.has(sid)) throw new Error(`The policy statement Sid "${sid}" (${actions.join(", ")}) is not unique.`);
    seen.add(sid);
  }
}

/**
 * The policy document of a role.
 *
 * @throws Error if a Sid is invalid or not unique
 */
export function policyDocument(statements: readonly Statement[]): pulumi.Output<string> {
  refuseRepeatedSids(statements);
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({
      Sid: statement.sid,
      Effect: statement.effect ?? "Allow",
      ...body(statement),
    })),
  });
}

/**
 * The policy document of a bucket, key, topic or queue.
 *
 * @throws Error if a Sid is invalid or not unique
 */
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

/** Services that pass aws:SourceAccount when they assume a role, so that the trust policy can prevent a confused deputy. */
const boundToAccount = new Set(
  ["events", "firehose", "glue", "sagemaker", "scheduler", "states", "vpc-flow-logs"].map(
    (service) => `${service}.amazonaws.com`,
  ),
);

/** Trust policy for a service principal, restricted to this account if the service supports it. */
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

const githubIssuer = "token.actions.githubusercontent.com";

/**
 * Trust policy for the jobs of one GitHub environment, by the OpenID Connect provider of the account. A job that names an
 * environment has it in its token's subject, instead of its branch.
 *
 * @param repository the start of the subject, such as `repo:octocat/my-repo`
 */
export function githubTrust(accountId: string, repository: string, environment: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${accountId}:oidc-provider/${githubIssuer}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
          StringEquals: {
            [`${githubIssuer}:aud`]: "sts.amazonaws.com",
            [`${githubIssuer}:sub`]: `${repository}:environment:${environment}`,
          },
        },
      },
    ],
  });
}

/**
 * Trust policy for people, by the ARNs of users, roles or accounts.
 *
 * @param sessionName the policy variable with the person's name, which then must be the name of the session
 */
export function trustPeople(principals: readonly string[], sessionName?: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { AWS: compact(principals) },
        Action: "sts:AssumeRole",
        ...(sessionName === undefined ? {} : { Condition: { StringEquals: { "sts:RoleSessionName": sessionName } } }),
      },
    ],
  });
}

/** Denies requests that do not use TLS. */
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
