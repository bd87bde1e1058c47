import type { StageArgs } from "../platform";
import type { Audience } from "../workflows/alerts";

/** Whom a pipeline's workflows tell. */
export function audienceOf({ platform, pipeline }: StageArgs): Audience {
  return {
    environment: platform.place.environment,
    pipeline: pipeline.spec.name,
    topic: { arn: platform.alertsTopicArn, keyArn: platform.messagesKeyArn },
  };
}
