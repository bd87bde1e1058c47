import type { Rule } from "../rule";

/** Data of a dev stack can be made again (`daybreak:protectData: false`). */
const disposable = /^urn:pulumi:dev::/;

export const deletionProtection: Rule = {
  name: "deletion-protection",
  description: "Outside dev, Pulumi refuses to delete what holds data or decrypts it.",
  types: [
    "aws:kms/key:Key",
    "aws:s3/bucket:Bucket",
    "aws:sagemaker/featureGroup:FeatureGroup",
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup",
  ],
  judge({ urn, opts, props }) {
    if (disposable.test(urn)) return [];
    return [
      ...(opts.protect ? [] : ["is not protected: set daybreak:protectData."]),
      ...(props.forceDestroy === true ? ["is deleted together with its objects: forceDestroy is set."] : []),
    ];
  },
};
