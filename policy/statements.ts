/** The statements of policies, wherever a resource has one. */
import { at, type Resource } from "./rule";

export interface Statement {
  effect: string;
  actions: readonly string[];
  resources: readonly string[];
  principals: readonly string[];
  /** Condition keys with their values, such as `aws:SourceAccount`. */
  conditions: Readonly<Record<string, unknown>>;
}

/** The policies of principals. */
export const identityPolicies: Readonly<Record<string, string>> = {
  "aws:iam/rolePolicy:RolePolicy": "policy",
};

/** The policies of resources. */
export const resourcePolicies: Readonly<Record<string, string>> = {
  "aws:kms/key:Key": "policy",
  "aws:s3/bucketPolicy:BucketPolicy": "policy",
  "aws:sns/topicPolicy:TopicPolicy": "policy",
  "aws:sqs/queuePolicy:QueuePolicy": "policy",
  "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy": "resourcePolicy",
};

/** The policies that say who may assume a role. */
export const trustPolicies: Readonly<Record<string, string>> = { "aws:iam/role:Role": "assumeRolePolicy" };

function list(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function principals(value: unknown): string[] {
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(list) : list(value);
}

/** The statements of a resource's policy of one of the kinds above; none if it has no such policy. */
export function statementsOf({ type, props }: Resource, policies: Readonly<Record<string, string>>): Statement[] {
  const policy = props[policies[type] ?? ""];
  if (policy === undefined) return [];
  const found: unknown = at(typeof policy === "string" ? JSON.parse(policy) : policy, "Statement");
  return (Array.isArray(found) ? found : [found]).map((statement) => ({
    effect: String(at(statement, "Effect")),
    actions: list(at(statement, "Action")),
    resources: list(at(statement, "Resource")),
    principals: principals(at(statement, "Principal")),
    conditions: Object.assign({}, ...Object.values(at(statement, "Condition") ?? {})),
  }));
}
