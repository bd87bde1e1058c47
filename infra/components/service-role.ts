import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, type Statement, trustPolicy } from "../iam/statements";
import * as names from "../names";

export interface ServiceRoleArgs {
  /** The physical name. */
  roleName: string;
  /** Who may assume it, such as `glue.amazonaws.com`. */
  service: string;
  accountId: string;
  description: string;
  statements: readonly Statement[];
}

/** A role of one service, with everything that it may do in one inline policy. */
export class ServiceRole extends pulumi.ComponentResource {
  /** Known only once the policy is attached, so that whoever uses the role can already do what it allows. */
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
