/** Key policies: the account's own IAM decides who uses a key, and these services may use it in their own name. */
import type { Place } from "../names";
import type { ResourceStatement } from "./statements";

/** The account governs its key through IAM; without this statement nobody could, and the key would be lost. */
function accountGoverns({ accountId }: Place): ResourceStatement {
  return {
    sid: "AccountGoverns",
    effect: "Allow",
    principal: { account: accountId },
    actions: ["kms:*"],
    resources: ["*"],
  };
}

/** The log groups of a stack: Lambdas, Glue jobs, workflows, delivery streams, endpoints. */
const logGroups = [
  "/aws/lambda/",
  "/aws-glue/jobs/",
  "/aws/vendedlogs/states/",
  "/aws/kinesisfirehose/",
  "/aws/sagemaker/",
];

/** The key of data at rest. CloudWatch Logs encrypts in its own name; every other service acts for a role or by a grant. */
export function dataKeyStatements(place: Place): ResourceStatement[] {
  return [
    accountGoverns(place),
    {
      sid: "LogsEncrypt",
      effect: "Allow",
      principal: { service: `logs.${place.region}.amazonaws.com` },
      actions: [
        "kms:Encrypt",
        "kms:Decrypt",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:DescribeKey",
      ],
      resources: ["*"],
      conditions: {
        ArnLike: {
          "kms:EncryptionContext:aws:logs:arn": logGroups.map(
            (prefix) => `arn:aws:logs:${place.region}:${place.accountId}:log-group:${prefix}*`,
          ),
        },
      },
    },
  ];
}

/** The key of messages: alarms publish to the encrypted topic, rules and subscriptions leave dead letters in the queues. */
export function messagesKeyStatements(place: Place): ResourceStatement[] {
  const use = ["kms:Decrypt", "kms:GenerateDataKey"];
  return [
    accountGoverns(place),
    {
      sid: "AlarmsPublish",
      effect: "Allow",
      principal: { service: "cloudwatch.amazonaws.com" },
      actions: use,
      resources: ["*"],
      conditions: { StringEquals: { "aws:SourceAccount": place.accountId } },
    },
    // EventBridge and SNS do not say for which account they use a key; the queue's own policy says which rule or topic may send.
    {
      sid: "RulesSend",
      effect: "Allow",
      principal: { service: "events.amazonaws.com" },
      actions: use,
      resources: ["*"],
    },
    { sid: "TopicsSend", effect: "Allow", principal: { service: "sns.amazonaws.com" }, actions: use, resources: ["*"] },
  ];
}
