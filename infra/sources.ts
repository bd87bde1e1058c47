/** Reads the Python sources of the Glue and SageMaker jobs from the repository. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Files } from "./archives";

/** The script of each stage that has a Glue job. */
const glueScripts = {
  transform: "transform.py",
  quality: "quality.py",
  features: "features.py",
  score: "score.py",
  train: "train_dataset.py",
  monitor: "monitor.py",
} as const;

/** The modules of the model's code that the monitor job uses, too. They need numpy only, which Glue has. */
const measuringModules = ["bootstrap.py", "calibration.py", "performance.py"];

export type GlueStage = keyof typeof glueScripts;

export interface GlueScript {
  fileName: string;
  content: string;
}

/** The Python files in a folder, and the data that they read. */
function sourceFiles(folder: string, below = ""): [string, Buffer][] {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}: the checkout is incomplete.`);
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry): [string, Buffer][] => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "__pycache__" ? [] : sourceFiles(folder, path);
    return /\.(py|json)$/.test(entry.name) ? [[path, readFileSync(join(folder, path))]] : [];
  });
}

/** Reads the Glue script of each stage. */
export function readGlueScripts(root: string): Record<GlueStage, GlueScript> {
  const script = (stage: GlueStage): GlueScript => {
    const fileName = glueScripts[stage];
    return { fileName, content: readFileSync(join(root, "glue-scripts", fileName), "utf8") };
  };
  return {
    transform: script("transform"),
    quality: script("quality"),
    features: script("features"),
    score: script("score"),
    train: script("train"),
    monitor: script("monitor"),
  };
}

/** Reads the package that the Glue scripts share; the paths begin with `etl/`, as in the archive. */
export function readEtlPackage(root: string): Files {
  const files = sourceFiles(join(root, "glue-scripts", "etl"));
  return new Map(files.map(([path, content]) => [`etl/${path}`, content]));
}

/** Reads the modules that measure a model's quality. Paths have no top folder: the archive itself is on Python's path. */
export function readMeasuringModules(root: string): Files {
  return new Map(measuringModules.map((name) => [name, readFileSync(join(root, "model", name))]));
}

/** Reads the code for training, evaluation, scoring and serving. Paths have no top folder: SageMaker unpacks the archive in place. */
export function readModelSource(root: string): Files {
  return new Map(sourceFiles(join(root, "model")));
}
