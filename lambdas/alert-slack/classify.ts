/** Classifies a message from the topic: a Daybreak alert, a CloudWatch alarm, or anything else. */
import * as z from "zod/mini";
import { type AlertMessage, alertMessage, workflowName } from "../../contracts/alert-message";

/** The event with which SNS invokes a Lambda. */
export const topicEvent = z.object({
  Records: z.array(
    z.object({
      Sns: z.object({
        Message: z.string(),
        Subject: z.optional(z.nullable(z.string())),
        TopicArn: z.optional(z.string()),
      }),
    }),
  ),
});

const alarm = z.object({
  AlarmName: z.string(),
  NewStateValue: z.string(),
  NewStateReason: z.optional(z.nullable(z.string())),
  AlarmDescription: z.optional(z.nullable(z.string())),
  Region: z.optional(z.nullable(z.string())),
  StateChangeTime: z.optional(z.nullable(z.string())),
  Trigger: z.optional(
    z.nullable(
      z.object({
        MetricName: z.optional(z.nullable(z.string())),
        Namespace: z.optional(z.nullable(z.string())),
        Dimensions: z.optional(z.nullable(z.array(z.object({ name: z.string(), value: z.string() })))),
      }),
    ),
  ),
});
export type Alarm = z.infer<typeof alarm>;

export type Alert =
  | { type: "message"; message: AlertMessage }
  | { type: "alarm"; alarm: Alarm }
  | { type: "other"; subject: string | undefined; text: string };

/** A message of any other kind is shown unchanged, so that none is lost. */
export function classify(text: string, subject?: string | null): Alert {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { type: "other", subject: subject ?? undefined, text };
  }
  const ours = z.safeParse(alertMessage, value);
  if (ours.success) return { type: "message", message: ours.data };
  const alarmed = z.safeParse(alarm, value);
  if (alarmed.success) return { type: "alarm", alarm: alarmed.data };
  return { type: "other", subject: subject ?? undefined, text };
}

/** Whether the alert belongs to a pipeline with alerts.slack: false. */
export function isMuted(alert: Alert, mutedPipelines: string, environment: string): boolean {
  const muted = mutedPipelines.split(",").map((name) => name.trim());
  return muted.some((pipeline) => pipeline !== "" && isOf(alert, pipeline, environment));
}

/** The ends of the names of the alarms on other alarms (infra/stages/ingest/alarms.ts, infra/stages/serve/alarms.ts). */
export const alarmsOnAlarms: readonly string[] = ["delivery-stopped", "endpoint-idle", "predictions-fail"];

/** An alarm's dimensions contain its pipeline, or the exact name of one of the pipeline's resources. */
function isOf(alert: Alert, pipeline: string, environment: string): boolean {
  if (alert.type === "message") return alert.message.pipeline === pipeline;
  if (alert.type === "other") return false;
  const machines = workflowName.options.join("|");
  const name = `daybreak-${environment}-${pipeline}`;
  // The pipeline `shop` has the state machine shop-run, and a pipeline `shop-run` a stream of that name.
  const resource = new RegExp(`^(${name}|arn:.*:stateMachine:${name}-(${machines}))$`);
  // An alarm on other alarms has no dimensions.
  if (alarmsOnAlarms.some((end) => alert.alarm.AlarmName === `${name}-${end}`)) return true;
  const dimensions = alert.alarm.Trigger?.Dimensions ?? [];
  return dimensions.some(({ name, value }) => (name === "Pipeline" ? value === pipeline : resource.test(value)));
}
