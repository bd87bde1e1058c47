import { isProduction, type Rule } from "../rule";

const least = 2;

export const productionInstances: Rule = {
  name: "production-instances",
  description: "In prod, an endpoint has two instances or more: SageMaker spreads them over availability zones.",
  // Endpoints are made by workflows: their definitions say with how many instances.
  types: ["aws:sfn/stateMachine:StateMachine"],
  judge({ urn, props: { definition } }) {
    if (!isProduction(urn)) return [];
    return [...String(definition).matchAll(/"(?:InitialInstanceCount|MinCapacity)": ?(\d+)/g)]
      .filter(([, count]) => Number(count) < least)
      .map(([setting]) => `makes an endpoint with ${setting}: set daybreak:minimumInstances.`);
  },
};
