/** Requests predictions like a shop's site: steadily in the background, or once for each entity in a list. */
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { type Prediction, prediction } from "../../contracts/prediction";
import { messageOf, nameOf } from "../shared/problem";

const failedAnswer = z.object({ errorType: z.string().optional(), errorMessage: z.string() });

/** The outcome of a request, or its error message. */
export interface FailedAnswer {
  ok: false;
  error: string;
  /** The error's name, as the Lambda or AWS gives it. */
  name: string;
}
export type Answer = { ok: true; prediction: Prediction } | FailedAnswer;

/** Invokes the predict Lambda for one entity. */
export async function predict(client: LambdaClient, functionName: string, entity: string): Promise<Answer> {
  try {
    const response = await client.send(
      new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify({ entity })) }),
    );
    const payload: unknown = JSON.parse(Buffer.from(response.Payload ?? []).toString() || "null");
    if (response.FunctionError !== undefined) {
      const failed = failedAnswer.safeParse(payload);
      if (!failed.success) return { ok: false, error: JSON.stringify(payload), name: "" };
      return { ok: false, error: failed.data.errorMessage, name: failed.data.errorType ?? "" };
    }
    const parsed = prediction.safeParse(payload);
    return parsed.success
      ? { ok: true, prediction: parsed.data }
      : { ok: false, error: `unexpected answer ${JSON.stringify(payload)}`, name: "" };
  } catch (error) {
    return { ok: false, error: messageOf(error), name: nameOf(error) };
  }
}

export interface TrafficCount {
  served: number;
  /** Refused, because the entity's features are too old. */
  stale: number;
  failed: number;
  errors: Record<string, number>;
  byVersion: Record<string, number>;
  latencies: number[];
}

const emptyCount = (): TrafficCount => ({ served: 0, stale: 0, failed: 0, errors: {}, byVersion: {}, latencies: [] });

/** Makes and counts all requests of the demo. */
export class Traffic {
  readonly total = emptyCount();
  #population: readonly string[] = [];
  #pause = 1000;
  #stopped = false;
  #running: Promise<void> | undefined;
  readonly #inFlight = new Set<Promise<unknown>>();

  constructor(
    private readonly client: LambdaClient,
    private readonly functionName: string,
  ) {}

  /** Sets the entities of the steady traffic. */
  setPopulation(entities: readonly string[]): void {
    this.#population = entities;
  }

  /** Requests a prediction for one entity and counts the outcome. */
  async ask(entity: string): Promise<Answer> {
    const started = performance.now();
    const answer = await predict(this.client, this.functionName, entity);
    this.total.latencies.push(performance.now() - started);
    if (answer.ok) {
      this.total.served += 1;
      const version = String(answer.prediction.version ?? "unknown");
      this.total.byVersion[version] = (this.total.byVersion[version] ?? 0) + 1;
    } else if (answer.name === "StaleFeatures") {
      this.total.stale += 1;
    } else {
      this.total.failed += 1;
      this.total.errors[answer.error] = (this.total.errors[answer.error] ?? 0) + 1;
    }
    return answer;
  }

  /** Requests a prediction for each entity in a list, a few at a time. */
  async askAll(entities: readonly string[], atOnce = 4): Promise<Answer[]> {
    const answers: Answer[] = [];
    let next = 0;
    const worker = async () => {
      for (let position = next++; position < entities.length; position = next++) {
        const entity = entities[position];
        if (entity !== undefined) answers.push(await this.ask(entity));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return answers;
  }

  /** Sets the rate of the steady traffic, in requests per second. */
  setRate(rate: number): void {
    this.#pause = 1000 / rate;
  }

  /** Starts the steady traffic, whose rate does not depend on the response time. */
  start(rate: number): void {
    this.setRate(rate);
    this.#running ??= this.#keepAsking();
  }

  async #keepAsking(): Promise<void> {
    let turn = 0;
    let due = performance.now();
    while (!this.#stopped) {
      const entity = this.#population[turn % Math.max(1, this.#population.length)];
      // A limit, so that open requests do not accumulate if the server stops responding.
      if (entity !== undefined && this.#inFlight.size < 20) {
        turn += 1;
        const asking: Promise<unknown> = this.ask(entity).finally(() => this.#inFlight.delete(asking));
        this.#inFlight.add(asking);
      }
      due = Math.max(due + this.#pause, performance.now());
      await sleep(due - performance.now());
    }
    await Promise.all(this.#inFlight);
  }

  /** Stops the steady traffic after the open requests have been answered. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }
}

/** The quantile: the value below which this share of the numbers lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
