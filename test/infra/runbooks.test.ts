import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "@jest/globals";
import { root } from "./support/root";
import { wholeProgram } from "./support/whole-program";

const page = readFileSync(join(root, "docs", "runbooks.md"), "utf8");
const sections = page.split(/^## /m).slice(1);
const titles = sections.map((section) => section.split("\n", 1)[0] ?? "");

it("every alarm names its runbook, and every runbook has an alarm", async () => {
  const program = await wholeProgram();
  const texts = ["aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"].flatMap(
    (type) => program.all(type).map(({ inputs }) => String(inputs.alarmDescription)),
  );
  expect(texts.length).toBeGreaterThan(40);
  const named = texts.map((text) => /Runbook: docs\/runbooks\.md#([a-z-]+)$/.exec(text)?.[1] ?? `none in: ${text}`);
  expect([...new Set(named)].sort()).toEqual([...titles].sort());
  // CloudWatch's limit.
  expect(texts.filter((text) => text.length > 1024)).toEqual([]);
});

it("every runbook says what the alarm means, where to look, what to do and when it is over", () => {
  for (const section of sections) {
    for (const part of ["**Means.**", "**Look.**", "**Do.**", "**Over when**"]) expect(section).toContain(part);
  }
});
