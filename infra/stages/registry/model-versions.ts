/** The versions of a pipeline's model as a value: a group of model packages. */
import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../iam/statements";

export class ModelVersions {
  constructor(
    readonly groupName: pulumi.Output<string>,
    private readonly groupArn: pulumi.Output<string>,
    /** The pattern of the ARNs of its versions. */
    readonly packageArns: string,
  ) {}

  /** Register a version, and find the one that a run has registered before. */
  get register(): Statement[] {
    return [
      this.statement("Register", ["CreateModelPackage", "DescribeModelPackage", "AddTags"]),
      // Listing versions has no resource to name; the request names the group.
      { sid: "FindRegistered", actions: ["sagemaker:ListModelPackages"], resources: ["*"] },
    ];
  }

  /** Set the approval status of a version. */
  get approve(): Statement {
    return this.statement("Approve", ["UpdateModelPackage"]);
  }

  private statement(sid: string, operations: readonly string[]): Statement {
    const actions = operations.map((operation) => `sagemaker:${operation}`);
    return { sid, actions, resources: [this.groupArn, this.packageArns] };
  }
}
