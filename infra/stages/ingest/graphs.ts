/** The stage's part of the dashboard. */
import type { Graph } from "../../components/dashboard";
import type { PipelineNames } from "../../names";

export function ingestGraphs({ stream, deliveryStream }: PipelineNames): Graph[] {
  return [
    {
      title: "Ingest: events received and landed",
      stat: "Sum",
      periodSeconds: 300,
      metrics: [
        ["AWS/Kinesis", "IncomingRecords", "StreamName", stream, { label: "received" }],
        ["AWS/Firehose", "DeliveryToS3.Records", "DeliveryStreamName", deliveryStream, { label: "landed" }],
        ["AWS/Kinesis", "IncomingBytes", "StreamName", stream, { label: "bytes", yAxis: "right" }],
      ],
    },
    {
      title: "Ingest: delay on the way to the lake (seconds)",
      stat: "Maximum",
      periodSeconds: 300,
      metrics: [["AWS/Firehose", "DeliveryToS3.DataFreshness", "DeliveryStreamName", deliveryStream]],
    },
  ];
}
