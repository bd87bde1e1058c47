/** The endpoint as a value: its name, ARN patterns and the IAM statements for using it. */
import type { Statement } from "../../iam/statements";
import type { PipelineNames, Place } from "../../names";

/**
 * A pipeline's endpoint. The serve workflow creates the endpoint, its models and its endpoint configurations; Pulumi does
 * not manage them, so their ARNs are derived from names.
 */
export class Endpoint {
  readonly name: string;
  readonly arn: string;
  /** ARN pattern of the endpoint configurations. */
  readonly configArns: string;
  /** ARN pattern of the SageMaker models. */
  readonly modelArns: string;
  /** CloudWatch authorizes DescribeAlarms against all alarms, regardless of the names in the request. */
  readonly alarmArns: string;
  private readonly modelPackageArns: string;

  constructor({ region, accountId }: Place, { endpoint, made }: PipelineNames) {
    this.name = endpoint;
    this.arn = made.endpoint;
    this.configArns = made.endpointConfigs;
    this.modelArns = made.models;
    this.modelPackageArns = made.modelPackages;
    this.alarmArns = `arn:aws:cloudwatch:${region}:${accountId}:alarm:*`;
  }

  get logGroup(): string {
    return `/aws/sagemaker/Endpoints/${this.name}`;
  }

  /** Permission to find the serving version: endpoint → endpoint configuration → model → model package. */
  get describe(): Statement[] {
    const one = (kind: string, arns: string): Statement => ({
      sid: `ReadServing${kind}`,
      actions: [`sagemaker:Describe${kind}`],
      resources: [arns],
    });
    return [
      one("Endpoint", this.arn),
      one("EndpointConfig", this.configArns),
      one("Model", this.modelArns),
      one("ModelPackage", this.modelPackageArns),
    ];
  }

  /** Permission to find what deployments made, and to delete it. Neither list supports resource-level permissions. */
  get retire(): Statement[] {
    return [
      {
        sid: "FindDeployed",
        actions: ["sagemaker:ListModels", "sagemaker:ListEndpointConfigs"],
        resources: ["*"],
      },
      { sid: "DeleteModels", actions: ["sagemaker:DeleteModel"], resources: [this.modelArns] },
      { sid: "DeleteConfigs", actions: ["sagemaker:DeleteEndpointConfig"], resources: [this.configArns] },
    ];
  }

  /** Permission to request predictions. */
  get invoke(): Statement {
    return { sid: "InvokeEndpoint", actions: ["sagemaker:InvokeEndpoint"], resources: [this.arn] };
  }

  /** Permission to read the rollback alarms. */
  get readAlarms(): Statement {
    return { sid: "ReadAlarms", actions: ["cloudwatch:DescribeAlarms"], resources: [this.alarmArns] };
  }
}
