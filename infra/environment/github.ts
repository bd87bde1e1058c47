import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Dispatch } from "../components/event-trigger";
import { roleWithPolicy, ServiceRole } from "../components/service-role";
import type { GitHubSettings, StackConfig } from "../config";
import { githubTrust } from "../iam/statements";
import { type EnvironmentNames, type Place, pipelineNames, stateMachineArn } from "../names";
import { promoteVersions } from "../people/statements";

export interface GitHubArgs {
  place: Place;
  names: EnvironmentNames;
  config: StackConfig;
  github: GitHubSettings;
}

/** GitHub's media type and version of its REST API (docs.github.com/rest/about-the-rest-api/api-versions). */
const headers = { Accept: "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28" };

/** What joins the environment with its repository on GitHub: the role of the workflow deploy-model, and the way of approvals to it. */
export class GitHub extends pulumi.ComponentResource {
  /** Undefined unless approvals go to GitHub. */
  readonly approvals: Dispatch | undefined;

  constructor(name: string, args: GitHubArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:environment:GitHub", name, {}, options);
    deployModelRole(name, args, this);
    this.approvals = args.config.serving.trigger === "github" ? dispatch(name, args, this) : undefined;
    this.registerOutputs({});
  }
}

/** May start and read the deployments of this environment's models, promote versions to it if it takes any, and nothing else. */
function deployModelRole(name: string, { place, names, config, github }: GitHubArgs, parent: GitHub): void {
  const machines = config.pipelineSpecs.map((spec) =>
    stateMachineArn(place, pipelineNames(place, spec.name).serveMachine),
  );
  const subject = github.oidcSubject ?? `repo:${github.repository}`;
  roleWithPolicy(
    `${name}-deploy-model`,
    githubTrust(place.accountId, subject, `${place.environment}-models`),
    {
      roleName: names.deployModel,
      // The longest that a job on GitHub's runners may take.
      maxSessionDuration: 6 * 3600,
      description: `GitHub Actions: deploys approved model versions of ${place.environment}`,
      statements: [
        { sid: "StartDeployments", actions: ["states:StartExecution"], resources: machines },
        {
          sid: "FollowDeployments",
          actions: ["states:DescribeExecution", "states:GetExecutionHistory"],
          resources: machines.map((arn) => `${arn.replace(":stateMachine:", ":execution:")}:*`),
        },
        ...(config.promotion.from === undefined ? [] : promoteVersions({ place, names })),
      ],
    },
    { parent },
  );
}

/** The API destination for GitHub's repository dispatches. */
function dispatch(name: string, { place, names, github }: GitHubArgs, parent: GitHub): Dispatch {
  const connection = new aws.cloudwatch.EventConnection(
    `${name}-connection`,
    {
      name: names.github,
      description: "Daybreak: GitHub's API",
      authorizationType: "API_KEY",
      // EventBridge keeps the token in a secret of its own in Secrets Manager. It is set there by hand, so that it never appears
      // in Pulumi's state or configuration: docs/delivery.md.
      authParameters: { apiKey: { key: "Authorization", value: "set by hand" } },
    },
    // The provider sends all of them whatever has changed, the value above included
    // (terraform-provider-aws: internal/service/events/connection.go).
    { parent, ignoreChanges: ["authParameters", "authorizationType", "description"] },
  );
  const destination = new aws.cloudwatch.EventApiDestination(
    `${name}-dispatches`,
    {
      name: names.github,
      description: "Daybreak: starts workflows on GitHub",
      connectionArn: connection.arn,
      httpMethod: "POST",
      invocationEndpoint: `${github.apiUrl}/repos/${github.repository}/dispatches`,
      invocationRateLimitPerSecond: 1,
    },
    { parent },
  );
  const role = new ServiceRole(
    `${name}-dispatch`,
    {
      roleName: names.githubDispatch,
      service: "events.amazonaws.com",
      accountId: place.accountId,
      description: "EventBridge: sends approvals to GitHub",
      statements: [{ sid: "Dispatch", actions: ["events:InvokeApiDestination"], resources: [destination.arn] }],
    },
    { parent },
  );
  return { destinationArn: destination.arn, roleArn: role.arn, headers };
}
