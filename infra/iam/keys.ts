/** KMS key policies. IAM policies of the account control access, except for services that use the key as service principals. */
import type { Place } from "../names";
import type { ResourceStatement } from "./statements";

/** Delegates access control to the account's IAM policies. Without this statement the key could not be managed any more. */
function accountGoverns({ accountId }: Place): ResourceStatement {
  return {
    sid: "AccountGoverns",
    effect: "Allow",
    principal: { account: accountId },
    actions: ["kms:*"],
    resources: ["*"],
  };
}

/** Prefixes of the stack's log groups: Lambdas, Glue jobs, state machines, Firehose, SageMaker, flow logs. */
const logGroups = [
  "/aws/lambda/",
  "/aws-glue/jobs/",
  "/aws/vendedlogs/states/",
  "/aws/kinesisfirehose/",
  "/aws/sagemaker/",
  "/aws/vpc/",
];

/**
 * Policy of the data key. CloudWatch Logs uses it as a service principal; other services use a role's permissions or a grant.
 *
 * @param grants statements for roles of other accounts
 */
export function dataKeyStatements(place: Place, grants: readonly ResourceStatement[] = []): ResourceStatement[] {
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
    ...grants,
  ];
}

/** Policy of the messages key: alarms publish to the encrypted topic; EventBridge and SNS send to the encrypted queues. */
export function messagesKeyStatements(place: Place): ResourceStatement[] {
  const ours = { conditions: { StringEquals: { "aws:SourceAccount": place.accountId } } };
  const uses = (sid: string, service: string, conditions: Pick<ResourceStatement, "conditions"> = {}) => ({
    ...{ sid, effect: "Allow" as const, principal: { service } },
    ...{ actions: ["kms:Decrypt", "kms:GenerateDataKey"], resources: ["*"], ...conditions },
  });
  return [
    accountGoverns(place),
    uses("AlarmsPublish", "cloudwatch.amazonaws.com", ours),
    uses("BudgetsPublish", "budgets.amazonaws.com", ours),
    // EventBridge and SNS do not pass aws:SourceAccount to KMS; the queue policy restricts which rule or topic may send.
    uses("RulesSend", "events.amazonaws.com"),
    uses("TopicsSend", "sns.amazonaws.com"),
  ];
}
