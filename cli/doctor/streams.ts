/** Whether Kinesis has room for the streams that do not exist yet. It counts them itself, which Service Quotas does not. */
import { DescribeLimitsCommand, type KinesisClient, paginateListStreams } from "@aws-sdk/client-kinesis";
import { examined, type Finding } from "./finding";
import type { Stream } from "./needs";

const check = "Kinesis limits";

export function checkStreams(client: KinesisClient, region: string, streams: readonly Stream[]): Promise<Finding[]> {
  return examined(check, ["kinesis:DescribeLimits", "kinesis:ListStreams"], async () => {
    const limits = await client.send(new DescribeLimitsCommand({}));
    const existing = new Set<string>();
    for await (const page of paginateListStreams({ client }, {})) {
      for (const name of page.StreamNames ?? []) existing.add(name);
    }
    const missing = streams.filter(({ name }) => !existing.has(name));
    const shards = missing.reduce((sum, one) => sum + (one.shards ?? 0), 0);
    const onDemand = missing.filter((one) => one.shards === undefined).length;
    return [
      room("shards", shards, limits.OpenShardCount, limits.ShardLimit, region),
      room("on-demand streams", onDemand, limits.OnDemandStreamCount, limits.OnDemandStreamCountLimit, region),
    ];
  });
}

function room(what: string, added: number, used = 0, limit = 0, region: string): Finding {
  const found = `${what}: ${used} of ${limit} used, ${added} to be added`;
  if (added === 0 || used + added <= limit) return { check, state: "ok", found };
  const remedy = `Ask for more under Service Quotas, Amazon Kinesis Data Streams, in ${region}, or delete streams that nobody uses.`;
  return { check, state: "fails", found, remedy };
}
