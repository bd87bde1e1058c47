import type { Rule } from "../rule";

export const keyRotation: Rule = {
  name: "key-rotation",
  description: "KMS keys rotate, and a key that was deleted by mistake can be restored for 30 days.",
  types: ["aws:kms/key:Key"],
  judge({ props }) {
    return [
      ...(props.enableKeyRotation === true ? [] : ["does not rotate: set enableKeyRotation."]),
      ...(props.deletionWindowInDays === undefined || props.deletionWindowInDays === 30
        ? []
        : [`is gone ${props.deletionWindowInDays} days after its deletion: wait for 30.`]),
    ];
  },
};
