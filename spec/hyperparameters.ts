/** The hyperparameters of XGBoost, from the file with which the training code checks them. */
import { z } from "zod";
import table from "../model/hyperparameters.json";

interface Hyperparameter {
  type: string;
  default: number;
  minimum: number;
  maximum?: number;
  aliases?: string[];
  description: string;
}

/** Set by another key of pipeline.yaml. */
const setElsewhere: Readonly<Record<string, string>> = {
  seed: "training.seed",
  threshold: "serving.threshold",
  costs: "serving.costs",
};

const { seed, ...training } = table.training;
const known: Readonly<Record<string, Hyperparameter>> = { ...table.xgboost, ...training };

/** The largest seed that XGBoost takes. */
export const largestSeed = seed.maximum;

function schemaOf({ type, minimum, maximum }: Hyperparameter): z.ZodType<number> {
  const limited = (type === "integer" ? z.number().int() : z.number()).min(minimum);
  return maximum === undefined ? limited : limited.max(maximum);
}

/** A hyperparameter is optional; it goes by its name or by one of its aliases. */
const shape = Object.entries(known).flatMap(([name, hyperparameter]) => {
  const value = (description: string) => schemaOf(hyperparameter).optional().describe(description);
  const aliases = (hyperparameter.aliases ?? []).map((alias) => [alias, value(`The same as ${name}.`)] as const);
  return [[name, value(`${hyperparameter.description} Default: ${hyperparameter.default}.`)] as const, ...aliases];
});

export const hyperparameters = z.strictObject(Object.fromEntries(shape));

/** Says where a name belongs that pipeline.yaml cannot set as a hyperparameter; undefined for any other unknown name. */
export function misplaced(name: string): string | undefined {
  if (Object.hasOwn(setElsewhere, name)) return `is set by ${setElsewhere[name]}; remove it here`;
  if (name.startsWith("sagemaker_")) return "names starting with sagemaker_ are reserved by SageMaker";
  return undefined;
}

/** The pairs of names that mean the same hyperparameter and are both given. */
export function doubled(given: Readonly<Record<string, unknown>>): [name: string, alias: string][] {
  return Object.entries(known).flatMap(([name, { aliases = [] }]) =>
    aliases
      .filter((alias) => given[name] !== undefined && given[alias] !== undefined)
      .map((alias): [string, string] => [name, alias]),
  );
}
