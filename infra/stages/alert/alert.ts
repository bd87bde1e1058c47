import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetters } from "../../components/dead-letters";
import { NodeFunction } from "../../components/node-function";
import type { StackConfig } from "../../config";
import { type ResourceStatement, resourcePolicyDocument, tlsOnly } from "../../iam/statements";
import { decrypt } from "../../iam/storage";
import type { EnvironmentNames, Place } from "../../names";

export interface AlertArgs {
  place: Place;
  names: EnvironmentNames;
  config: StackConfig;
  dataKeyArn: pulumi.Output<string>;
  messagesKeyArn: pulumi.Output<string>;
}

function topicStatements({ accountId }: Place, topicArn: pulumi.Output<string>): ResourceStatement[] {
  return [
    {
      sid: "AlarmsPublish",
      effect: "Allow",
      principal: { service: "cloudwatch.amazonaws.com" },
      actions: ["sns:Publish"],
      resources: [topicArn],
      conditions: { StringEquals: { "aws:SourceAccount": accountId } },
    },
    // https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
    {
      sid: "BudgetsPublish",
      effect: "Allow",
      principal: { service: "budgets.amazonaws.com" },
      actions: ["sns:Publish"],
      resources: [topicArn],
      conditions: {
        StringEquals: { "aws:SourceAccount": accountId },
        ArnLike: { "aws:SourceArn": `arn:aws:budgets::${accountId}:*` },
      },
    },
    tlsOnly("sns", ["sns:Publish"], [topicArn]),
  ];
}

/**
 * A budget of the whole account: what the workflows create has no tag that AWS would count before someone activates it for billing.
 */
function budget(
  name: string,
  budgetName: string,
  dollars: number,
  topicArn: pulumi.Output<string>,
  options: pulumi.CustomResourceOptions,
): aws.budgets.Budget {
  const notify = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
    ...{ notificationType, threshold, thresholdType: "PERCENTAGE", comparisonOperator: "GREATER_THAN" },
    subscriberSnsTopicArns: [topicArn],
  });
  return new aws.budgets.Budget(
    name,
    {
      ...{ name: budgetName, budgetType: "COST", timeUnit: "MONTHLY", limitUnit: "USD" },
      limitAmount: String(dollars),
      notifications: [notify("ACTUAL", 80), notify("ACTUAL", 100), notify("FORECASTED", 100)],
    },
    options,
  );
}

/** The alert stage: an SNS topic whose messages go to Slack and to e-mail subscribers. */
export class Alert extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;
  readonly slackSecretArn: pulumi.Output<string>;

  constructor(name: string, args: AlertArgs, options?: pulumi.ComponentResourceOptions) {
    super("daybreak:stage:Alert", name, {}, options);
    const { place, names, config } = args;
    const inside = { parent: this };
    const topic = new aws.sns.Topic(
      `${name}-topic`,
      { name: names.alertTopic, kmsMasterKeyId: args.messagesKeyArn },
      inside,
    );
    const policy = new aws.sns.TopicPolicy(
      `${name}-topic-policy`,
      { arn: topic.arn, policy: resourcePolicyDocument(topicStatements(place, topic.arn)) },
      inside,
    );
    this.topicArn = pulumi.all([topic.arn, policy.id]).apply(([arn]) => arn);
    if (config.monthlyBudget !== undefined) {
      budget(`${name}-budget`, names.prefix, config.monthlyBudget, this.topicArn, inside);
    }
    // The webhook URL is a secret: it is set by hand, so that it never appears in Pulumi's state or in the repository.
    const secret = new aws.secretsmanager.Secret(
      `${name}-slack-webhook`,
      {
        name: names.slackSecret,
        description: "Slack webhook URL for Daybreak's alerts. Set the value by hand.",
        kmsKeyId: args.dataKeyArn,
        recoveryWindowInDays: config.protectData ? 30 : 0,
      },
      inside,
    );
    this.slackSecretArn = secret.arn;
    const deadLetters = new DeadLetters(
      `${name}-dead-letters`,
      {
        queueName: names.deadLetters,
        keyArn: args.messagesKeyArn,
        senders: [{ service: "sns.amazonaws.com", sourceArn: topic.arn }],
        topicArn: this.topicArn,
        description: `Alerts could not be posted to Slack. See the log group /aws/lambda/${names.alertSlack} for the cause.`,
        runbook: "alerts-not-posted",
      },
      inside,
    );
    const slack = new NodeFunction(
      `${name}-slack`,
      {
        // Outside the private network, because it calls Slack.
        platform: { config, place, dataKeyArn: args.dataKeyArn },
        functionName: names.alertSlack,
        handler: "alert-slack",
        description: "Posts alerts to Slack",
        environment: {
          SLACK_SECRET_ARN: secret.arn,
          SLACK_MUTED_PIPELINES: config.pipelineSpecs
            .filter((spec) => !spec.alerts.slack)
            .map((spec) => spec.name)
            .join(","),
        },
        statements: [
          { sid: "ReadWebhook", actions: ["secretsmanager:GetSecretValue"], resources: [secret.arn] },
          decrypt("Webhook", args.dataKeyArn),
        ],
        deadLetters: deadLetters.target,
        timeoutSeconds: 30,
        memoryMegabytes: 256,
      },
      inside,
    );
    this.subscribeSlack(name, topic.arn, slack, deadLetters);
    this.subscribeEmails(name, topic.arn, config);
    this.registerOutputs({ topicArn: this.topicArn, slackSecretArn: this.slackSecretArn });
  }

  private subscribeSlack(name: string, topicArn: pulumi.Output<string>, slack: NodeFunction, deadLetters: DeadLetters) {
    const permission = new aws.lambda.Permission(
      `${name}-slack-permission`,
      {
        statementId: "InvokeByTopic",
        action: "lambda:InvokeFunction",
        function: slack.name,
        principal: "sns.amazonaws.com",
        sourceArn: topicArn,
      },
      { parent: this },
    );
    new aws.sns.TopicSubscription(
      `${name}-slack-subscription`,
      {
        topic: topicArn,
        protocol: "lambda",
        endpoint: slack.arn,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.target.arn }),
      },
      { parent: this, dependsOn: [permission] },
    );
  }

  private subscribeEmails(name: string, topicArn: pulumi.Output<string>, config: StackConfig) {
    const addresses = new Set([...config.alertEmails, ...config.pipelineSpecs.flatMap((spec) => spec.alerts.email)]);
    for (const address of [...addresses].sort()) {
      new aws.sns.TopicSubscription(
        `${name}-email-${address}`,
        { topic: topicArn, protocol: "email", endpoint: address },
        { parent: this },
      );
    }
  }
}
