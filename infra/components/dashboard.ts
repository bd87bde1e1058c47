import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** A metric in CloudWatch's dashboard format: namespace, metric name, dimension names and values, rendering options. */
export type Metric = (pulumi.Input<string> | { stat?: string; label?: string; yAxis?: "left" | "right" })[];

export interface Graph {
  title: string;
  metrics: Metric[];
  stat: string;
  periodSeconds: number;
  /** A horizontal line at the threshold of the matching alarm. */
  limit?: { label: string; value: number };
}

/** In units of CloudWatch's grid, which is 24 wide: two graphs per row. */
const width = 12;
const height = 6;

/** A CloudWatch dashboard with its graphs in two columns. */
export function dashboard(
  name: string,
  args: { dashboardName: string; region: string; graphs: readonly Graph[] },
  options: pulumi.CustomResourceOptions,
): aws.cloudwatch.Dashboard {
  const widgets = args.graphs.map(({ title, metrics, stat, periodSeconds, limit }, index) => ({
    type: "metric",
    x: (index % 2) * width,
    y: Math.floor(index / 2) * height,
    width,
    height,
    properties: {
      title,
      region: args.region,
      view: "timeSeries",
      metrics,
      stat,
      period: periodSeconds,
      ...(limit === undefined ? {} : { annotations: { horizontal: [limit] } }),
    },
  }));
  return new aws.cloudwatch.Dashboard(
    name,
    { dashboardName: args.dashboardName, dashboardBody: pulumi.jsonStringify({ widgets }) },
    options,
  );
}
