/** The lake's folders by their purpose, as plain text: tools read them without loading Pulumi. */

/** Top-level folders of the lake. Each has one folder per pipeline, with one folder per dataset if there are several. */
export const zones = {
  rawEvents: "raw",
  rawErrors: "raw-errors",
  curated: "curated",
  quarantine: "quarantine",
  features: "features",
  scores: "scores",
  trainingSets: "datasets",
  models: "models",
  captures: "captures",
  reports: "reports",
} as const;
export type Zone = keyof typeof zones;

/** A folder of a pipeline's data, relative to the lake's bucket. */
export const pipelineFolder = (pipeline: string, zone: Zone, ...below: string[]): string =>
  [zones[zone], pipeline, ...below].join("/");

/** The folder of the runs' plans and reports, with one folder per run. */
export const runReportsFolder = (pipeline: string): string => pipelineFolder(pipeline, "reports", "runs");

/** The folder of the checks of whether the serving version is still right. */
export const modelQualityFolder = (pipeline: string): string => pipelineFolder(pipeline, "reports", "model-quality");
