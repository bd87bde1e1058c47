/** The age of features, and the refusal of those that are too old. */
import * as z from "zod/mini";
import type { PipelineSpec } from "../../spec/pipeline";
import { asOfDay, daysBetween } from "../shared/days";
import { StaleFeatures } from "../shared/errors";

/** The newest as-of day whose records are all in the online store, and since when. */
export const onlineState = z.object({
  online: z.nullable(z.string()),
  // Absent in the state of an earlier release.
  online_at: z._default(z.nullable(z.string()), null),
});
export type OnlineState = z.infer<typeof onlineState>;

/** A day that was computed this many days late was still computed for the present; an older one replays history. */
const mostDaysLate = 1;

/**
 * The day to which the age of features is counted. For a pipeline whose newest day was the current one when it was put
 * online it is today: if the daily runs stop, all its features grow old. In a replay of history the clock says nothing about
 * the data, so it is the newest day.
 */
export function presentDay({ online, online_at }: OnlineState, timeZone: string, now: Date): string | undefined {
  if (online === null || online_at === null) return online ?? undefined;
  const isLive = daysBetween(online, asOfDay(timeZone, new Date(online_at))) <= mostDaysLate;
  const today = asOfDay(timeZone, now);
  return isLive && today > online ? today : online;
}

/**
 * The age of features in days; undefined if they have no time. Refuses features that are older than the pipeline allows: a
 * score of what an entity was like long ago looks like any other.
 *
 * @throws StaleFeatures
 */
export function ageOf(
  featuresAsOf: string | null,
  entity: string,
  spec: PipelineSpec,
  state: OnlineState,
  now: Date,
): number | undefined {
  const present = presentDay(state, spec.schedule.time_zone, now);
  if (featuresAsOf === null || present === undefined) return undefined;
  const asOf = featuresAsOf.slice(0, 10);
  // While a run puts newer records, they are ahead of the newest complete day.
  const days = Math.max(0, daysBetween(asOf, present));
  const most = spec.serving.max_feature_age_days;
  if (days <= most) return days;
  const isLeftOut = asOf < (state.online ?? asOf);
  const cause = isLeftOut
    ? `It is not among the entities that features.sql selects for ${state.online}, the newest computed day; it gets features again when its events bring it back.`
    : `No run has computed newer ones for any ${spec.entity}: see npx daybreak runs ${spec.name}.`;
  throw new StaleFeatures(
    `the features of ${JSON.stringify(entity)} are of ${asOf}, ${days} days before ${present}; serving.max_feature_age_days is ${most}. ${cause}`,
    { features_as_of: featuresAsOf, age_days: days, max_feature_age_days: most, newest_as_of: state.online },
  );
}
