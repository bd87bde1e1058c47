import { at, type Rule } from "../rule";

const required = ["project", "environment", "managed-by"];

export const tags: Rule = {
  name: "tags",
  description:
    "Every resource has the tags that cost reports and clean-up go by. The provider sets them (aws:defaultTags).",
  types: ["pulumi:providers:aws"],
  wholeStack: true,
  judge({ props: { defaultTags } }) {
    // The provider's configuration is JSON in a string.
    const set = at(typeof defaultTags === "string" ? JSON.parse(defaultTags) : defaultTags, "tags");
    return required
      .filter((tag) => !at(set, tag))
      .map((tag) => `sets no default tag ${tag}: add it to aws:defaultTags.`);
  },
};
