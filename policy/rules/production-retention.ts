import { isProduction, type Resource, type Rule } from "../rule";

/** What each type keeps for how long, and how long prod wants it kept. */
const kept: Readonly<Record<string, { of(props: Resource["props"]): unknown; least: number; setting: string }>> = {
  "aws:cloudwatch/logGroup:LogGroup": {
    of: ({ retentionInDays }) => retentionInDays,
    least: 365,
    setting: "logRetentionDays",
  },
  // An event that Firehose cannot deliver is lost when the stream forgets it: a week is enough to mend anything.
  "aws:kinesis/stream:Stream": {
    of: ({ retentionPeriod }) => retentionPeriod,
    least: 168,
    setting: "streamRetentionHours",
  },
};

export const productionRetention: Rule = {
  name: "production-retention",
  description: "In prod, logs are kept for a year and streams keep their events for a week.",
  types: Object.keys(kept),
  judge({ urn, type, props }) {
    const wanted = kept[type];
    if (!isProduction(urn) || wanted === undefined) return [];
    const found = Number(wanted.of(props) ?? 0);
    return found >= wanted.least
      ? []
      : [`keeps its events too short, ${found}: set daybreak:${wanted.setting} to ${wanted.least}.`];
  },
};
