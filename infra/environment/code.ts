import * as pulumi from "@pulumi/pulumi";
import { hashFiles, zip } from "../archives";
import { codeObject } from "../components/code-object";
import type { StackConfig } from "../config";
import type { BucketRef } from "../platform";
import { type GlueStage, readEtlPackage, readGlueScripts, readMeasuringModules, readModelSource } from "../sources";

export interface CodeArgs {
  bucket: BucketRef;
  config: StackConfig;
}

/** Uploads the Python code of all jobs to the code bucket; the pipelines share it. */
export class Code extends pulumi.ComponentResource {
  /** S3 URI of each stage's script. */
  readonly glueScripts: Record<GlueStage, pulumi.Output<string>>;
  readonly etlPackage: pulumi.Output<string>;
  /** S3 URI of the modules of the model's code that measure quality. */
  readonly measuringModules: pulumi.Output<string>;
  /** S3 URI of the folder with the files of `model/`. */
  readonly modelFolder: string;

  constructor(name: string, { bucket, config }: CodeArgs, options: pulumi.ComponentResourceOptions) {
    super("daybreak:environment:Code", name, {}, options);
    const inside = { parent: this };
    const put = (what: string, key: string, content: string | Buffer, contentType: string) =>
      codeObject(`${name}-${what}`, { bucket, key, content, contentType }, inside);

    const scripts = readGlueScripts(config.root);
    const putScript = (stage: GlueStage) => {
      const { fileName, content } = scripts[stage];
      const hash = hashFiles(new Map([[fileName, Buffer.from(content)]]));
      return put(`glue-${stage}`, `glue/${hash}/${fileName}`, content, "text/x-python");
    };
    this.glueScripts = {
      transform: putScript("transform"),
      quality: putScript("quality"),
      features: putScript("features"),
      score: putScript("score"),
      train: putScript("train"),
      monitor: putScript("monitor"),
    };

    const etl = readEtlPackage(config.root);
    this.etlPackage = put("etl", `glue/${hashFiles(etl)}/etl.zip`, zip(etl), "application/zip");

    const measuring = readMeasuringModules(config.root);
    const measuringKey = `glue/${hashFiles(measuring)}/measuring.zip`;
    this.measuringModules = put("measuring", measuringKey, zip(measuring), "application/zip");

    const model = readModelSource(config.root);
    const modelKey = `model/${hashFiles(model)}`;
    for (const [path, content] of model) {
      const type = path.endsWith(".json") ? "application/json" : "text/x-python";
      put(`model-${path}`, `${modelKey}/source/${path}`, content.toString("utf8"), type);
    }
    this.modelFolder = `s3://${bucket.name}/${modelKey}/source`;
    this.registerOutputs({});
  }
}
