import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, type Statement, trustPolicy } from "../iam/statements";
import * as names from "../names";

interface RoleArgs {
  roleName: string;
  description: string;
  statements: readonly Statement[];
  /** How long a session may last, in seconds. Default: an hour. */
  maxSessionDuration?: number | undefined;
}

export interface ServiceRoleArgs extends RoleArgs {
  /** Service principal that may assume the role, such as `glue.amazonaws.com`. */
  service: string;
  accountId: string;
}

/** Creates a role with a single inline policy. Its ARN resolves after the policy is attached, so that dependents never run with an incomplete role. */
export function roleWithPolicy(
  name: string,
  assumeRolePolicy: string,
  { roleName, description, statements, maxSessionDuration }: RoleArgs,
  options: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const role = new aws.iam.Role(
    `${name}-role`,
    { name: names.role(roleName), description, assumeRolePolicy, maxSessionDuration },
    options,
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-policy`,
    { name: "permissions", role: role.name, policy: policyDocument(statements) },
    options,
  );
  return pulumi.all([role.arn, policy.id]).apply(([arn]) => arn);
}

/** A role for one service with a single inline policy. */
export class ServiceRole extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: ServiceRoleArgs, options: pulumi.ComponentResourceOptions) {
    super("daybreak:component:ServiceRole", name, {}, options);
    this.arn = roleWithPolicy(name, trustPolicy(args.service, args.accountId), args, { parent: this });
    this.registerOutputs({ arn: this.arn });
  }
}
