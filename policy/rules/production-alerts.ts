import { isProduction, type Rule } from "../rule";

const subscription = "aws:sns/topicSubscription:TopicSubscription";
const needed: Readonly<Record<string, string>> = {
  email: "goes to no e-mail address: set daybreak:alertEmails.",
  lambda: "goes to no Lambda, which would post to Slack.",
};

export const productionAlerts: Rule = {
  name: "production-alerts",
  description: "In prod, alerts go to Slack and to an e-mail address: a Slack that is down hides no alarm.",
  types: ["aws:sns/topic:Topic"],
  wholeStack: true,
  judge({ urn, props: { name } }, all) {
    if (!isProduction(urn)) return [];
    const protocols = all
      .filter(({ type, props }) => type === subscription && String(props.topic).endsWith(`:${name}`))
      .map(({ props }) => props.protocol);
    return Object.entries(needed).flatMap(([protocol, problem]) => (protocols.includes(protocol) ? [] : [problem]));
  },
};
