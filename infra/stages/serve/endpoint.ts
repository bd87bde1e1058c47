/** The endpoint as a value: what it is called, and what asking it, or about it, takes. */
import type { Statement } from "../../iam/statements";
import type { PipelineNames, Place } from "../../names";

/**
 * The endpoint of a pipeline. Its models, configurations and the endpoint itself are made by the serve workflow, not by this
 * stack, so their ARNs are known by their names only.
 */
export class Endpoint {
  readonly name: string;
  readonly arn: string;
  /** Patterns of ARNs. */
  readonly configArns: string;
  readonly modelArns: string;
  /** The pattern of the ARNs of the pipeline's alarms, some of which roll a deployment back. */
  readonly alarmArns: string;
  private readonly modelPackageArns: string;

  constructor({ region, accountId }: Place, { endpoint, prefix, made }: PipelineNames) {
    this.name = endpoint;
    this.arn = made.endpoint;
    this.configArns = made.endpointConfigs;
    this.modelArns = made.models;
    this.modelPackageArns = made.modelPackages;
    this.alarmArns = `arn:aws:cloudwatch:${region}:${accountId}:alarm:${prefix}-*`;
  }

  /** The log group of its containers. */
  get logGroup(): string {
    return `/aws/sagemaker/Endpoints/${this.name}`;
  }

  /** Ask which version it serves: endpoint → configuration → model → package. */
  get describe(): Statement {
    return {
      sid: "ReadServing",
      actions: [
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:DescribeModel",
        "sagemaker:DescribeModelPackage",
      ],
      resources: [this.arn, this.configArns, this.modelArns, this.modelPackageArns],
    };
  }

  /** Ask it for predictions. */
  get invoke(): Statement {
    return { sid: "InvokeEndpoint", actions: ["sagemaker:InvokeEndpoint"], resources: [this.arn] };
  }

  /** Look at the alarms that roll a deployment back. */
  get readAlarms(): Statement {
    return { sid: "ReadAlarms", actions: ["cloudwatch:DescribeAlarms"], resources: [this.alarmArns] };
  }
}
