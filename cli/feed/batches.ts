/** Groups events into batches that one PutRecords call accepts. */
import type { OutgoingEvent } from "./event";

export const putRecordsLimits = { records: 500, bytes: 5 * 1024 * 1024 } as const;

/** The bytes that count towards the limits: data and partition key. */
export const recordBytes = (event: OutgoingEvent): number => event.bytes + Buffer.byteLength(event.partitionKey);

/** Groups events, in order, into batches within both limits. */
export async function* inBatches(
  events: AsyncIterable<OutgoingEvent> | Iterable<OutgoingEvent>,
  limits: { records: number; bytes: number } = putRecordsLimits,
): AsyncGenerator<OutgoingEvent[]> {
  let batch: OutgoingEvent[] = [];
  let bytes = 0;
  for await (const event of events) {
    const size = recordBytes(event);
    if (batch.length > 0 && (batch.length >= limits.records || bytes + size > limits.bytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(event);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}
