/**
 * AWS's list prices, in US dollars, without free tiers, discounts and taxes. They were not fetched: each is what its page is
 * believed to have said on its date. To use other prices, change them here.
 */

/** The region whose prices these are. */
export const priceRegion = "us-east-1";
/** The date of a price that names no other. */
export const pricesBelievedOn = "2025-06-30";

export interface Price {
  usd: number;
  /** What the price is for one of. */
  unit: string;
  /** The AWS page that lists it. */
  page: string;
  /** The date on which the page is believed to have listed it. */
  on: string;
}

const price = (usd: number, unit: string, page: string, on = pricesBelievedOn): Price => ({
  ...{ usd, unit, on },
  page: `https://aws.amazon.com/${page}`,
});

const million = 1_000_000;

export const prices = {
  kmsKey: price(1, "key-month", "kms/pricing/"),
  alarm: price(0.1, "alarm-month", "cloudwatch/pricing/"),
  compositeAlarm: price(0.5, "alarm-month", "cloudwatch/pricing/"),
  dashboard: price(3, "dashboard-month", "cloudwatch/pricing/"),
  secret: price(0.4, "secret-month", "secrets-manager/pricing/"),

  kinesisShard: price(0.015, "shard-hour", "kinesis/data-streams/pricing/"),
  /** Of a stream with provisioned capacity that keeps its records for more than 24 hours. */
  kinesisShardRetention: price(0.02, "shard-hour", "kinesis/data-streams/pricing/"),
  kinesisPut: price(0.014 / million, "put of up to 25 KB", "kinesis/data-streams/pricing/"),
  kinesisStream: price(0.04, "stream-hour", "kinesis/data-streams/pricing/"),
  /** On demand, each record counts as a whole number of KB. */
  kinesisIn: price(0.08, "GB", "kinesis/data-streams/pricing/"),
  kinesisOut: price(0.04, "GB", "kinesis/data-streams/pricing/"),
  kinesisRetention: price(0.1, "GB-month", "kinesis/data-streams/pricing/"),
  /** Each record counts as a multiple of 5 KB. */
  firehose: price(0.029, "GB", "firehose/pricing/"),

  s3Put: price(0.005 / 1000, "request", "s3/pricing/"),
  s3Storage: price(0.023, "GB-month", "s3/pricing/"),
  onlineStoreWrite: price(1.25 / million, "write of up to 1 KB", "sagemaker/ai/pricing/"),
  /** Each zone of an endpoint has an interface that is billed by itself. */
  interfaceEndpoint: price(0.01, "endpoint-zone-hour", "privatelink/pricing/"),
  glue: price(0.44, "DPU-hour", "glue/pricing/"),
} satisfies Record<string, Price>;

/** SageMaker's price of a family's `large`, for training, processing and hosting alike. Other sizes cost in proportion. */
const largeInstances: Readonly<Record<string, number>> = {
  "ml.t3": 0.0998,
  "ml.m5": 0.1152,
  "ml.m6g": 0.0924,
  "ml.m6i": 0.1152,
  "ml.m7i": 0.121,
  "ml.c5": 0.102,
  "ml.c6g": 0.0816,
  "ml.c6i": 0.102,
  "ml.c7i": 0.1071,
  "ml.r5": 0.1512,
  "ml.r6i": 0.1512,
  "ml.r7i": 0.1588,
};

/** The price of an hour of an instance, such as ml.m5.2xlarge; undefined if the table has none of its family. */
export function instancePrice(type: string): Price | undefined {
  const [, family = "", size = ""] = /^(ml\.\w+)\.(\w+)$/.exec(type) ?? [];
  const large = largeInstances[family];
  const larges = sizeInLarges(size);
  if (large === undefined || larges === undefined) return undefined;
  return price(large * larges, `${type}-hour`, "sagemaker/ai/pricing/");
}

function sizeInLarges(size: string): number | undefined {
  if (size === "medium") return 0.5;
  if (size === "large") return 1;
  const [, factor] = /^(\d*)xlarge$/.exec(size) ?? [];
  return factor === undefined ? undefined : 2 * Number(factor || 1);
}
