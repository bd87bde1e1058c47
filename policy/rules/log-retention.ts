import { at, type Rule } from "../rule";

const group = "aws:cloudwatch/logGroup:LogGroup";
const lambda = "aws:lambda/function:Function";

export const logRetention: Rule = {
  name: "log-retention",
  description:
    "Log groups expire their events, and no function makes a group of its own, which would keep them for ever.",
  types: [group, lambda],
  wholeStack: true,
  judge({ type, props }, all) {
    if (type === group)
      return Number(props.retentionInDays) > 0 ? [] : ["keeps its events for ever: set retentionInDays."];
    const name = at(props.loggingConfig, "logGroup");
    const declared = all.some((one) => one.type === group && one.props.name === name);
    return declared ? [] : ["logs to a group that the program does not declare."];
  },
};
