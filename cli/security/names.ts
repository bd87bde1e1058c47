/** How docs/security.md calls what a grant is about. */
import * as pulumi from "@pulumi/pulumi";
import { pipelineDatasets } from "../../infra/lake/datasets";
import { type EnvironmentNames, environmentNames, pipelineNames } from "../../infra/names";
import { placeOf } from "../../infra/promotion/settings";
import { accountId, type RegisteredProgram } from "../shared/program";
import type { Grant } from "./grants";

export interface Naming {
  /** A dataset by its name; another resource by the end of its ARN. */
  target(grant: Grant): string;
  /** A text with placeholders for the environment and its only pipeline. */
  general(text: string): string;
}

/** A text with placeholders for the names of the environment whose versions are promoted to this one. */
const withoutSource = (
  text: string,
  { lakeBucket, codeBucket, pipeline, prefix }: EnvironmentNames & { pipeline: string },
): string =>
  text
    .replaceAll("arn:aws:s3:::", "")
    .replaceAll(lakeBucket, "<source>-lake")
    .replaceAll(codeBucket, "<source>-code")
    .replaceAll(pipeline, "<source>-<pipeline>")
    .replaceAll(prefix, "<source>");

/** The naming in a program with one pipeline. */
export function namingOf({ config }: RegisteredProgram): Naming {
  const place = { environment: config.environment, region: config.region, accountId };
  const shared = environmentNames(place);
  const [pipeline = ""] = config.pipelineSpecs.map(({ name }) => name);
  const names = pipelineNames(place, pipeline);
  const name = pulumi.output(shared.lakeBucket);
  const datasets = Object.values(
    pipelineDatasets({ name: shared.lakeBucket, id: name, arn: name }, place, names, config.retention),
  );
  const { from } = config.promotion;
  const before = from && placeOf(place, from);
  const source = before && { ...environmentNames(before), pipeline: pipelineNames(before, pipeline).prefix };
  const general = (own: string) => {
    const text = source === undefined ? own : withoutSource(own, source);
    return text
      .replaceAll(shared.lakeBucket, "lake")
      .replaceAll(shared.codeBucket, "code")
      .replaceAll(names.prefix, "<pipeline>")
      .replaceAll(shared.prefix, "<environment>")
      .replaceAll(new RegExp(`(?<=(models|pipelines|reports)/)${pipeline}(?=/|$)`, "g"), "<pipeline>");
  };
  /** A key pattern of the lake. */
  const inLake = (key: string) => {
    const found = datasets.find(({ folder }) => key === folder || key.startsWith(`${folder}/`));
    if (found === undefined) return `lake/${key}`;
    const below = key.slice(found.folder.length + 1);
    return below === "" || below === "*" ? found.name : `${found.name}/${below}`;
  };
  const target = ({ effect, resource, conditions }: Grant) => {
    const folders = [conditions.StringLike?.["s3:prefix"] ?? []].flat().map((prefix) => prefix.replace(/\/\*$/, ""));
    const listed = [...new Set(folders)];
    const path = resource.split(":").slice(5).join(":");
    const [kind = "", ...below] = path.split("/");
    if (kind === shared.lakeBucket && listed.length > 0) {
      return listed.map((folder) => inLake(listed.length > 1 ? `${folder}/*` : folder)).join(", ");
    }
    if (kind === shared.lakeBucket && below.length > 0) return inLake(below.join("/"));
    if (kind === shared.codeBucket && listed.length > 0) return general(`code/${listed.join("/*, code/")}/*`);
    if (resource.startsWith("arn:aws:glue:") && kind === "table") return below.at(-1) ?? path;
    if (resource.startsWith("arn:aws:glue:") && kind !== "job" && kind !== "connection")
      return "Glue catalog and database";
    const only = Object.values(conditions).flatMap((one) => Object.entries(one));
    const when = effect === "Deny" ? "denied if" : "if";
    const condition = only.map(([key, value]) => `${key} = ${general([value].flat().join(" or "))}`).join(" and ");
    const called = resource === "*" ? "*" : general(`${resource.split(":")[2]} ${path}`.replace(/^s3 /, ""));
    return condition === "" ? called : `${called} ${when} ${condition}`;
  };
  return { target, general };
}
