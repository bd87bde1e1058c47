/** Loads and checks pipeline folders: `pipeline.yaml`, `features.sql` and `label.sql`. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative, resolve, sep } from "node:path";
import { checkPipeline } from "./checks";
import { explainIssues, problem } from "./explain";
import { nearest } from "./nearest";
import { type PipelineConfig, type PipelineSpec, pipelineSchema } from "./pipeline";
import { PipelineError, type Problem } from "./problems";
import { readable } from "./readable";
import { checkSql } from "./sql";
import { readYaml, type SourceDocument } from "./yaml-source";

export { PipelineError } from "./problems";

const yamlFile = "pipeline.yaml";
const sqlFiles = ["features.sql", "label.sql"] as const;
const allFiles: readonly string[] = [yamlFile, ...sqlFiles];

/** Files that editors and operating systems create. */
const ignoredFiles = new Set([".DS_Store", "Thumbs.db", "desktop.ini"]);
const isLitter = (name: string) => ignoredFiles.has(name) || name.endsWith("~") || /^\..*\.sw[a-p]$/.test(name);

/**
 * Parses and checks the text of a pipeline.yaml and fills in the defaults.
 *
 * @param fileName the file's name in messages, such as `pipelines/shop/pipeline.yaml`
 * @throws PipelineError listing all problems
 */
export function parsePipeline(yamlText: string, fileName: string): PipelineConfig {
  return parse(readYaml(yamlText, fileName));
}

/** @param folderName the name that the pipeline must have */
function parse(source: SourceDocument, folderName?: string): PipelineConfig {
  const { fileName } = source;
  if (source.value === null || source.value === undefined) {
    throw new PipelineError([
      { file: fileName, key: "", message: "is empty; see pipelines/pipeline.schema.json for its keys" },
    ]);
  }
  const parsed = pipelineSchema.safeParse(source.value);
  const config = parsed.success ? parsed.data : readable(pipelineSchema, source.value);
  const mismatches = config === undefined ? [] : checkPipeline(config);
  const name = config?.name;
  if (folderName !== undefined && name !== undefined && name !== folderName) {
    mismatches.push({ path: ["name"], message: `must be the folder's name, ${folderName}, got ${name}` });
  }
  const problems = [
    ...(parsed.success ? [] : explainIssues(parsed.error.issues, pipelineSchema, source)),
    ...mismatches.map(({ path, message, atKey }) => problem(source, path, message, atKey === true ? "key" : "value")),
  ];
  if (!parsed.success || problems.length > 0) throw new PipelineError(problems);
  return parsed.data;
}

/**
 * Loads a pipeline folder.
 *
 * @throws PipelineError listing all problems in its three files
 */
export function loadPipeline(folder: string): PipelineSpec {
  const shown = displayPath(folder);
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new PipelineError([{ file: shown, key: "", message: "this pipeline folder does not exist" }]);
  }
  const problems = checkFolder(folder, shown);
  const sql = sqlFiles.map((name) => readSql(folder, shown, name, problems));
  const config = readConfig(folder, shown, problems);
  const [featuresSql, labelSql] = sql;
  if (problems.length > 0 || config === undefined || featuresSql === undefined || labelSql === undefined) {
    throw new PipelineError(problems);
  }
  return { ...config, features_sql: featuresSql, label_sql: labelSql };
}

/** The keys on which the SQL depends; mistakes in other keys do not keep it from being checked. */
const sqlKeys = ["entity", "events.id", "events.time", "events.fields", "features.columns", "label.name"] as const;

export interface Inspection {
  problems: readonly Problem[];
  /** The pipeline, with stand-ins for mistaken keys on which its SQL does not depend; undefined if one that matters is mistaken. */
  checkable: PipelineSpec | undefined;
}

/** Loads a pipeline folder for `validate`, which also checks the SQL of a pipeline whose pipeline.yaml has mistakes. */
export function inspectPipeline(folder: string): Inspection {
  try {
    return { problems: [], checkable: loadPipeline(folder) };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return { problems: error.problems, checkable: withoutMistakes(folder, error.problems) };
  }
}

/** Whether a key is another one or below it. */
const isWithin = (key: string, other: string) =>
  key === other || (key.startsWith(other) && /^[.[]/.test(key.slice(other.length)));

function withoutMistakes(folder: string, problems: readonly Problem[]): PipelineSpec | undefined {
  const isMistaken = (key: string) => problems.some((one) => isWithin(one.key, key) || isWithin(key, one.key));
  // The empty key stands for a whole file.
  if (problems.some(({ key }) => key === "") || sqlKeys.some(isMistaken)) return undefined;
  const [features, label] = sqlFiles.map((name) => readFileSync(join(folder, name), "utf8"));
  const source = readYaml(readFileSync(join(folder, yamlFile), "utf8"), yamlFile);
  const config = readable(pipelineSchema, source.value);
  if (features === undefined || label === undefined || config === undefined) return undefined;
  const { entity, events, quality } = config;
  // A mistaken rule is replaced, not removed: mistakes in the others are reported at their positions.
  const rows = (quality?.rows ?? []).map((rule, position) =>
    isMistaken(`quality.rows[${position}]`) ? { rule: "not_null", field: entity } : rule,
  );
  const parsed = pipelineSchema.safeParse({
    name: basename(resolve(folder)),
    entity,
    events: { id: events?.id, time: events?.time, fields: events?.fields },
    quality: { rows },
    features: { window_days: 1, columns: config.features?.columns },
    label: { name: config.label?.name, horizon_days: 1 },
  });
  return parsed.success ? { ...parsed.data, features_sql: features, label_sql: label } : undefined;
}

/** The problem at a key of a pipeline's pipeline.yaml. */
export function problemInYaml(folder: string, key: readonly (string | number)[], message: string): Problem {
  const source = readYaml(readFileSync(join(folder, yamlFile), "utf8"), `${displayPath(folder)}/${yamlFile}`);
  return problem(source, key, message);
}

/** The problem at a place of one of a pipeline's SQL files. */
export function problemInSql(
  folder: string,
  name: string,
  position: { line: number; column: number } | undefined,
  message: string,
): Problem {
  return { file: `${displayPath(folder)}/${name}`, key: "", message, ...(position === undefined ? {} : { position }) };
}

/** The sorted names of the pipelines in a folder: its subfolders that contain a pipeline.yaml. */
export function listPipelines(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, entry.name, yamlFile)))
    .map((entry) => entry.name)
    .sort();
}

/**
 * Finds the folder of a pipeline.
 *
 * @throws PipelineError with the existing pipelines and the most similar name if the pipeline does not exist
 */
export function findPipeline(root: string, name: string): string {
  const known = listPipelines(root);
  if (known.includes(name)) return join(root, name);
  const meant = nearest(name, known);
  const hint = meant === undefined ? "" : ` (did you mean ${meant}?)`;
  const list = known.length === 0 ? "the folder contains no pipelines" : `existing pipelines: ${known.join(", ")}`;
  const file = displayPath(root);
  const message = `there is no pipeline ${JSON.stringify(name)}${hint}; ${list}. A pipeline is a folder with ${allFiles.join(", ")}`;
  throw new PipelineError([{ file, key: "", message }]);
}

function checkFolder(folder: string, shown: string): Problem[] {
  return readdirSync(folder)
    .filter((name) => !allFiles.includes(name) && !isLitter(name))
    .map((name) => ({
      file: `${shown}/${name}`,
      key: "",
      message: `a pipeline folder may contain only ${allFiles.join(", ")}${renameHint(name)}`,
    }));
}

function renameHint(name: string): string {
  if (name === "pipeline.yml") return "; rename this file to pipeline.yaml";
  const meant = nearest(name, allFiles);
  return meant === undefined ? "; move this file elsewhere" : ` (did you mean ${meant}?)`;
}

function readSql(folder: string, shown: string, name: string, problems: Problem[]): string | undefined {
  const path = join(folder, name);
  const file = `${shown}/${name}`;
  if (!existsSync(path)) {
    problems.push({ file, key: "", message: "is missing: a pipeline folder must contain this file" });
    return undefined;
  }
  const text = readFileSync(path, "utf8");
  const mistake = checkSql(text);
  if (mistake === undefined) return text;
  problems.push({ file, key: "", message: mistake });
  return undefined;
}

function readConfig(folder: string, shown: string, problems: Problem[]): PipelineConfig | undefined {
  const path = join(folder, yamlFile);
  const file = `${shown}/${yamlFile}`;
  if (!existsSync(path)) {
    problems.push({ file, key: "", message: "is missing: a pipeline folder must contain this file" });
    return undefined;
  }
  try {
    return parse(readYaml(readFileSync(path, "utf8"), file), basename(resolve(folder)));
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    problems.push(...error.problems);
  }
  return undefined;
}

/** The path relative to the current folder, or the absolute path if it is outside. */
function displayPath(path: string): string {
  const fromHere = relative(process.cwd(), resolve(path));
  const shown = fromHere === "" || fromHere.startsWith("..") ? resolve(path) : fromHere;
  return shown.split(sep).join("/");
}
