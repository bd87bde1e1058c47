import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** A metric as CloudWatch's dashboards take it: namespace, name, dimensions by name and value, and how to draw it. */
export type Metric = (pulumi.Input<string> | { stat?: string; label?: string; yAxis?: "left" | "right" })[];

export interface Graph {
  title: string;
  metrics: Metric[];
  stat: string;
  periodSeconds: number;
  /** A line that means trouble. */
  limit?: { label: string; value: number };
}

/** CloudWatch's grid is 24 units wide. */
const width = 12;
const height = 6;

/** Graphs in two columns, from left to right and top to bottom. */
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
