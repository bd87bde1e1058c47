import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, type Statement, trustPolicy } from "../iam/statements";
import * as names from "../names";

export interface ServiceRoleArgs {
  roleName: string;
  /** Service principal that may assume the role, such as `glue.amazonaws.com`. */
  service: string;
  accountId: string;
  description: string;
  statements: readonly Statement[];
}

/** A role for one service with a single inline policy. */
export class ServiceRole extends pulumi.ComponentResource {
  /** Resolves after the policy is attached, so that dependents never run with an incomplete role. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: ServiceRoleArgs, options: pulumi.ComponentResourceOptions) {
    super("daybreak:component:ServiceRole", name, {}, options);
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: names.role(args.roleName),
        description: args.description,
        assumeRolePolicy: trustPolicy(args.service, args.accountId),
      },
      { parent: this },
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      { name: "permissions", role: role.name, policy: policyDocument(args.statements) },
      { parent: this },
    );
    this.arn = pulumi.all([role.arn, policy.id]).apply(([arn]) => arn);
    this.registerOutputs({ arn: this.arn });
  }
}
