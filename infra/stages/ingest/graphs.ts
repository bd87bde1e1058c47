/** The dashboard graphs of the ingest stage. */
import type { Graph } from "../../components/dashboard";
import type { PipelineNames } from "../../names";

export function ingestGraphs({ stream, deliveryStream }: PipelineNames): Graph[] {
  return [
    {
      title: "Ingest: events received and delivered to the lake",
      stat: "Sum",
      periodSeconds: 300,
      metrics: [
        ["AWS/Kinesis", "IncomingRecords", "StreamName", stream, { label: "received" }],
        ["AWS/Firehose", "DeliveryToS3.Records", "DeliveryStreamName", deliveryStream, { label: "delivered" }],
        ["AWS/Kinesis", "IncomingBytes", "StreamName", stream, { label: "bytes", yAxis: "right" }],
      ],
    },
    {
      title: "Ingest: delivery delay (seconds)",
      stat: "Maximum",
      periodSeconds: 300,
      metrics: [["AWS/Firehose", "DeliveryToS3.DataFreshness", "DeliveryStreamName", deliveryStream]],
    },
  ];
}
