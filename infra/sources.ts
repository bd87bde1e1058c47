/** The Python sources that the jobs run, read from the repository. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Files } from "./archives";

/** The script of each stage that has a Glue job. */
const glueScripts = {
  transform: "transform.py",
  quality: "quality.py",
  features: "features.py",
  train: "train_dataset.py",
} as const;

export type GlueStage = keyof typeof glueScripts;

/** What one script of Glue is. */
export interface GlueScript {
  fileName: string;
  content: string;
}

function pythonFiles(folder: string, below = ""): [string, Buffer][] {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}: the repository is not whole.`);
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry): [string, Buffer][] => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "__pycache__" ? [] : pythonFiles(folder, path);
    return entry.name.endsWith(".py") ? [[path, readFileSync(join(folder, path))]] : [];
  });
}

/** The scripts by stage. */
export function readGlueScripts(root: string): Record<GlueStage, GlueScript> {
  const script = (stage: GlueStage): GlueScript => {
    const fileName = glueScripts[stage];
    return { fileName, content: readFileSync(join(root, "glue-scripts", fileName), "utf8") };
  };
  return {
    transform: script("transform"),
    quality: script("quality"),
    features: script("features"),
    train: script("train"),
  };
}

/** The package that the scripts share, as it lies in the archive: `etl/…`. */
export function readEtlPackage(root: string): Files {
  const files = pythonFiles(join(root, "glue-scripts", "etl"));
  return new Map(files.map(([path, content]) => [`etl/${path}`, content]));
}

/** The training, evaluation and serving code, without a folder of its own: SageMaker unpacks it where it runs. */
export function readModelSource(root: string): Files {
  return new Map(pythonFiles(join(root, "model")));
}
