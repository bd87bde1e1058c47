import { describe, expect, test } from "@jest/globals";
import { slackMarkup, slackTitle } from "../../../cli/report/slack";
import { render } from "../../../lambdas/alert-slack/core";

const shown = (text: string, title = "") => slackMarkup(text, title).toString();

describe("a Slack message on the page", () => {
  test("has no emoji names, and its ARNs and paths whole", () => {
    const arn = "arn:aws:states:us-east-1:000000000000:execution:daybreak-dev-cdnow-run:drift-1";
    expect(slackTitle(":ocean: drift")).toBe("drift");
    expect(shown(`:x: *auc* 0.5\nexecution \`${arn}\``)).toBe(
      `<p>✗ <b>auc</b> 0.5</p><p>execution <code>${arn}</code></p>`,
    );
    expect(shown("arn:aws:s3:::lake/* and arn:aws:s3:::code/*")).toBe(
      "<p>arn:aws:s3:::lake/* and arn:aws:s3:::code/*</p>",
    );
  });

  test("shows characters as they are, which Slack has escaped", () => {
    expect(shown("*auc* 0.5 (&gt;= 0.68 &amp;amp; more)")).toBe("<p><b>auc</b> 0.5 (&gt;= 0.68 &amp;amp; more)</p>");
  });

  test("puts labels and their values together, two with the same value too", () => {
    expect(shown("*Version*\n1\n*Requests*\n1")).toBe(
      '<p class="fact"><span>Version</span> <bdi>1</bdi></p><p class="fact"><span>Requests</span> <bdi>1</bdi></p>',
    );
  });

  test("keeps preformatted text, and leaves the headline out that stands above it", () => {
    expect(shown('T\nT\n*Failed*\n```{\n  "a": "*b*"\n}```', "T")).toBe(
      "<p><b>Failed</b></p><pre>{\n  &quot;a&quot;: &quot;*b*&quot;\n}</pre>",
    );
  });

  test("is what alert-slack writes: no mark of Slack's markup is left over", () => {
    const { attachments } = render({
      type: "message",
      message: {
        ...{ kind: "model-registered", environment: "dev", pipeline: "cdnow", runId: "run-1", asOf: "1997-08-04" },
        ...{ version: 1, modelPackageArn: "arn:aws:sagemaker:us-east-1:0:model-package/cdnow/1", approval: "manual" },
        verdict: [{ rule: "auc", expected: ">= 0.68", actual: 0.7355, passed: true }],
        evidence: ["The threshold is 0.400, as pipeline.yaml sets it."],
        warnings: ["The feature next_order nearly equals the label."],
        executionArn: "arn:aws:states:us-east-1:0:execution:cdnow:run-1",
      },
    });
    const texts: string[] = [];
    JSON.stringify(attachments, (key, value: unknown) => {
      if (key === "text" && typeof value === "string") texts.push(value);
      return value;
    });
    const text = shown(texts.join("\n")).replace(/<[^>]+>/g, "");
    expect(text).toContain("✓ auc 0.7355 (&gt;= 0.68)");
    expect(text).toContain("⚠ The feature next_order nearly equals the label.");
    expect(text).not.toMatch(/[*`]|:[a-z_]+: |&amp;/);
  });
});
