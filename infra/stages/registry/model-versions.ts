/** A pipeline's model package group as a value: its name and the IAM statements for using it. */
import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../iam/statements";

export class ModelVersions {
  constructor(
    readonly groupName: pulumi.Output<string>,
    private readonly groupArn: pulumi.Output<string>,
    /** Pattern of the ARNs of the group's model packages. */
    readonly packageArns: string,
  ) {}

  /** Permission to register a version and to find the version that a run registered earlier. */
  get register(): Statement[] {
    return [
      {
        sid: "Register",
        actions: ["sagemaker:CreateModelPackage"],
        resources: [this.groupArn, this.packageArns],
      },
      // A dependent action of CreateModelPackage in AWS's authorization reference: a version has its group's tags.
      { sid: "Tag", actions: ["sagemaker:AddTags"], resources: [this.packageArns] },
      { sid: "FindRegistered", actions: ["sagemaker:ListModelPackages"], resources: ["*"] },
    ];
  }

  /** Permission to set a version's approval status. */
  get approve(): Statement {
    return { sid: "Approve", actions: ["sagemaker:UpdateModelPackage"], resources: [this.packageArns] };
  }

  /** Permission to find versions and to delete them. */
  get retire(): Statement[] {
    return [
      { sid: "FindVersions", actions: ["sagemaker:ListModelPackages"], resources: ["*"] },
      { sid: "DeleteVersions", actions: ["sagemaker:DeleteModelPackage"], resources: [this.packageArns] },
    ];
  }
}
