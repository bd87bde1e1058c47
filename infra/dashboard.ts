/** The dashboard of a pipeline: the loop from left to right, top to bottom. */
import { metricsNamespace, type PipelineNames, type Place, variantName } from "./names";

type Metric = (string | { stat?: string; label?: string; yAxis?: "left" | "right" })[];

interface Graph {
  title: string;
  metrics: Metric[];
  stat: string;
  period: number;
  /** A line that means trouble. */
  limit?: { label: string; value: number };
}

/** What the dashboard shows a pipeline by. */
export interface DashboardSubject {
  place: Place;
  names: PipelineNames;
  featureNames: readonly string[];
  limits: { featurePsi: number; predictionPsi: number; latencyMs: number };
  machineArns: { pipeline: string; deployment: string; monitoring: string };
  functionNames: readonly string[];
}

const width = 12;
const height = 6;

function graphs({ place, names, featureNames, limits, machineArns, functionNames }: DashboardSubject): Graph[] {
  const own = ["Environment", place.environment, "Pipeline", names.pipeline];
  const variant = ["EndpointName", names.endpoint, "VariantName", variantName];
  const machines = Object.entries(machineArns);
  return [
    {
      title: "Events received and landed",
      stat: "Sum",
      period: 300,
      metrics: [
        ["AWS/Kinesis", "IncomingRecords", "StreamName", names.stream, { label: "received" }],
        ["AWS/Firehose", "DeliveryToS3.Records", "DeliveryStreamName", names.deliveryStream, { label: "landed" }],
        ["AWS/Kinesis", "IncomingBytes", "StreamName", names.stream, { label: "bytes", yAxis: "right" }],
      ],
    },
    {
      title: "Delay on the way to the lake (seconds)",
      stat: "Maximum",
      period: 300,
      metrics: [["AWS/Firehose", "DeliveryToS3.DataFreshness", "DeliveryStreamName", names.deliveryStream]],
    },
    {
      title: "Runs",
      stat: "Sum",
      period: 3600,
      metrics: machines.flatMap(([label, arn]): Metric[] => [
        ["AWS/States", "ExecutionsSucceeded", "StateMachineArn", arn, { label: `${label}: done` }],
        ["AWS/States", "ExecutionsFailed", "StateMachineArn", arn, { label: `${label}: failed` }],
      ]),
    },
    {
      title: "Failed calls of Lambdas, and dead letters",
      stat: "Sum",
      period: 300,
      metrics: [
        ...functionNames.map((name): Metric => ["AWS/Lambda", "Errors", "FunctionName", name]),
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", names.deadLetters, { stat: "Maximum" }],
      ],
    },
    {
      title: "Predictions asked of the endpoint",
      stat: "Sum",
      period: 60,
      metrics: [
        ["AWS/SageMaker", "Invocations", ...variant, { label: "requests" }],
        ["AWS/SageMaker", "Invocation5XXErrors", ...variant, { label: "5xx" }],
        ["AWS/SageMaker", "Invocation4XXErrors", ...variant, { label: "4xx" }],
      ],
    },
    {
      title: "Latency of the model (microseconds)",
      stat: "p99",
      period: 60,
      limit: { label: "alarm", value: limits.latencyMs * 1000 },
      metrics: [
        ["AWS/SageMaker", "ModelLatency", ...variant, { stat: "p50", label: "p50" }],
        ["AWS/SageMaker", "ModelLatency", ...variant, { stat: "p99", label: "p99" }],
        ["AWS/SageMaker", "OverheadLatency", ...variant, { stat: "p99", label: "overhead p99" }],
      ],
    },
    {
      title: "Drift of each feature (PSI)",
      stat: "Maximum",
      period: 3600,
      limit: { label: "drift", value: limits.featurePsi },
      metrics: featureNames.map(
        (feature): Metric => [metricsNamespace, "FeatureDrift", ...own, "Feature", feature, { label: feature }],
      ),
    },
    {
      title: "Drift of the predictions (PSI), and how many requests were checked",
      stat: "Maximum",
      period: 3600,
      limit: { label: "drift", value: limits.predictionPsi },
      metrics: [
        [metricsNamespace, "PredictionDrift", ...own, { label: "predictions" }],
        [metricsNamespace, "MonitoredSamples", ...own, { label: "requests", yAxis: "right" }],
        [metricsNamespace, "DriftChecksSkipped", ...own, { stat: "Sum", label: "skipped checks", yAxis: "right" }],
      ],
    },
  ];
}

/** The dashboard's body as CloudWatch takes it. */
export function dashboardBody(subject: DashboardSubject): string {
  return JSON.stringify({
    widgets: graphs(subject).map(({ title, metrics, stat, period, limit }, index) => ({
      type: "metric",
      x: (index % 2) * width,
      y: Math.floor(index / 2) * height,
      width,
      height,
      properties: {
        title,
        region: subject.place.region,
        view: "timeSeries",
        metrics,
        stat,
        period,
        ...(limit === undefined ? {} : { annotations: { horizontal: [limit] } }),
      },
    })),
  });
}
