/** Finds what a stack's workflows and jobs have made: everything that `pulumi destroy` does not know. */
import { paginateGetTables } from "@aws-sdk/client-glue";
import {
  paginateListEndpointConfigs,
  paginateListEndpoints,
  paginateListModelPackageGroups,
  paginateListModelPackages,
  paginateListModels,
} from "@aws-sdk/client-sagemaker";
import { paginateListExecutions } from "@aws-sdk/client-sfn";
import { environmentNames, type Place, pipelineNames, stateMachineArn } from "../../infra/names";
import { deploymentOf, packageVersion } from "../../lambdas/shared/names";
import { deployedPipelines } from "../runs/machines";
import { clients } from "../shared/clients";
import { nameOf } from "../shared/problem";

/** The kinds in the order of removal: what would make more, what is billed, then what it was made from. */
export const kinds = [
  "running workflow",
  "endpoint",
  "endpoint configuration",
  "model",
  "model version",
  "table",
] as const;
export type Kind = (typeof kinds)[number];

/** A resource that a workflow or a job made. */
export interface Made {
  pipeline: string;
  kind: Kind;
  name: string;
  /** What AWS knows it by where that is not the name: its ARN, or the table's database. */
  of?: string;
}

/** Finds what each pipeline has made: those that are deployed, and those of which something is left. */
export async function findMade(place: Place): Promise<Map<string, Made[]>> {
  const [deployed, groups, hosted] = await Promise.all([
    deployedPipelines(place),
    findGroups(place),
    findHosted(place),
  ]);
  const pipelines = new Set([...deployed, ...groups, ...hosted.map(({ pipeline }) => pipeline)]);
  const found = new Map<string, Made[]>();
  for (const pipeline of [...pipelines].sort()) {
    const others = [
      findRunning(place, pipeline),
      groups.includes(pipeline) ? findVersions(place, pipeline) : [],
      findTables(place, pipeline),
    ];
    found.set(pipeline, [...hosted.filter((one) => one.pipeline === pipeline), ...(await Promise.all(others)).flat()]);
  }
  return found;
}

/** Whether an error's code says that something does not exist. */
export const isMissing = (error: unknown): boolean => /DoesNotExist|NotFound/.test(nameOf(error));

/** The items of a list's pages; none if what they belong to is gone. */
async function collect<Page, Item>(pages: AsyncIterable<Page>, itemsOf: (page: Page) => Item[]): Promise<Item[]> {
  const items: Item[] = [];
  try {
    for await (const page of pages) items.push(...itemsOf(page));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return items;
}

const sagemaker = () => ({ client: clients.sagemaker(), pageSize: 100 });
const start = (place: Place) => `${environmentNames(place).prefix}-`;

/** The pipelines that have a group of model versions. */
function findGroups(place: Place): Promise<string[]> {
  const NameContains = start(place);
  return collect(paginateListModelPackageGroups(sagemaker(), { NameContains }), (page) =>
    (page.ModelPackageGroupSummaryList ?? []).flatMap(({ ModelPackageGroupName: name = "" }) =>
      name.startsWith(NameContains) ? name.slice(NameContains.length) : [],
    ),
  );
}

/** Endpoints, endpoint configurations and models. */
async function findHosted(place: Place): Promise<Made[]> {
  const NameContains = start(place);
  const deployment = (kind: Kind, name = ""): Made[] => {
    const { prefix = "" } = deploymentOf(name) ?? {};
    const pipeline = prefix.slice(NameContains.length, -"--".length);
    return prefix.startsWith(NameContains) ? [{ pipeline, kind, name }] : [];
  };
  const found = await Promise.all([
    collect(paginateListEndpoints(sagemaker(), { NameContains }), ({ Endpoints = [] }) =>
      Endpoints.flatMap(({ EndpointName: name = "" }): Made[] =>
        name.startsWith(NameContains) ? [{ pipeline: name.slice(NameContains.length), kind: "endpoint", name }] : [],
      ),
    ),
    collect(paginateListEndpointConfigs(sagemaker(), { NameContains }), ({ EndpointConfigs = [] }) =>
      EndpointConfigs.flatMap(({ EndpointConfigName }) => deployment("endpoint configuration", EndpointConfigName)),
    ),
    collect(paginateListModels(sagemaker(), { NameContains }), ({ Models = [] }) =>
      Models.flatMap(({ ModelName }) => deployment("model", ModelName)),
    ),
  ]);
  return found.flat();
}

async function findRunning(place: Place, pipeline: string): Promise<Made[]> {
  const names = pipelineNames(place, pipeline);
  const machines = [names.runMachine, names.serveMachine, names.monitorMachine];
  const listed = machines.map((machine) =>
    collect(
      paginateListExecutions(
        { client: clients.stepFunctions() },
        { stateMachineArn: stateMachineArn(place, machine), statusFilter: "RUNNING" },
      ),
      ({ executions = [] }) =>
        executions.map(({ name = "", executionArn = "" }): Made => {
          return { pipeline, kind: "running workflow", name, of: executionArn };
        }),
    ),
  );
  return (await Promise.all(listed)).flat();
}

function findVersions(place: Place, pipeline: string): Promise<Made[]> {
  const { modelPackageGroup } = pipelineNames(place, pipeline);
  return collect(
    paginateListModelPackages(sagemaker(), { ModelPackageGroupName: modelPackageGroup }),
    ({ ModelPackageSummaryList = [] }) =>
      ModelPackageSummaryList.flatMap(({ ModelPackageArn: arn }): Made[] =>
        arn === undefined ? [] : [{ pipeline, kind: "model version", name: `v${packageVersion(arn)}`, of: arn }],
      ),
  );
}

/** The tables of the pipeline's database that jobs and the feature group made: the program declares no Iceberg table. */
function findTables(place: Place, pipeline: string): Promise<Made[]> {
  const { database } = pipelineNames(place, pipeline);
  return collect(paginateGetTables({ client: clients.glue() }, { DatabaseName: database }), ({ TableList = [] }) =>
    TableList.flatMap(({ Name: name = "", Parameters }): Made[] =>
      Parameters?.table_type?.toUpperCase() === "ICEBERG" ? [{ pipeline, kind: "table", name, of: database }] : [],
    ),
  );
}
