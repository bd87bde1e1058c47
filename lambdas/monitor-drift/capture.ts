/** Parses one line of a SageMaker data capture: the instances in the request and the scores in the response. */
import * as z from "zod/mini";
import { endpointAnswer, endpointRequest } from "../../contracts/prediction";

const part = z.object({
  data: z.string(),
  encoding: z.optional(z.string()),
});

const captureLine = z.object({
  captureData: z.object({ endpointInput: part, endpointOutput: z.optional(part) }),
  eventMetadata: z.optional(z.object({ inferenceTime: z.optional(z.string()) })),
});

export interface CapturedRequest {
  instances: readonly Readonly<Record<string, unknown>>[];
  /** One per instance; empty if the response was an error or was not captured. */
  scores: readonly number[];
}

/** The request in a line, or undefined if the line is not a prediction. */
export function parseCaptureLine(line: string): CapturedRequest | undefined {
  const captured = z.safeParse(captureLine, parseJson(line));
  if (!captured.success) return undefined;
  const { endpointInput, endpointOutput } = captured.data.captureData;
  const request = z.safeParse(endpointRequest, parseJson(decode(endpointInput)));
  if (!request.success) return undefined;
  const response = z.safeParse(endpointAnswer, endpointOutput && parseJson(decode(endpointOutput)));
  return {
    instances: request.data.instances,
    scores: response.success ? response.data.predictions.map((prediction) => prediction.score) : [],
  };
}

function decode({ data, encoding }: z.infer<typeof part>): string {
  return encoding === "BASE64" ? Buffer.from(data, "base64").toString("utf8") : data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
