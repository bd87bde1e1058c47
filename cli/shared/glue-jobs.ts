import { z } from "zod";

/** Data processing units of a worker (AWS Glue Developer Guide, "Worker types"). */
const unitsOfWorker: Readonly<Record<string, number>> = { "G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8 };

const glueJob = z.object({ name: z.string(), numberOfWorkers: z.number(), workerType: z.string() });

/** The name of a Glue job and the data processing units of a run, from the inputs of its resource. */
export function jobUnits(inputs: unknown): { name: string; units: number } {
  const { name, numberOfWorkers, workerType } = glueJob.parse(inputs);
  const units = unitsOfWorker[workerType];
  if (units === undefined) throw new Error(`The Glue job ${name} has workers of the unknown type ${workerType}.`);
  return { name, units: numberOfWorkers * units };
}
