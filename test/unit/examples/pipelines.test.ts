/** The example events match the fields that pipeline.yaml declares. */
import { join } from "node:path";
import { describe, expect, it } from "@jest/globals";
import { cdnowTimeline, parseCdnowLine } from "../../../examples/cdnow";
import { demoShop, demoShopTimeline, simulateShop } from "../../../examples/shop/simulate";
import { loadPipeline } from "../../../spec/load";
import type { PipelineSpec } from "../../../spec/pipeline";

const pipeline = (name: string) => loadPipeline(join(__dirname, "../../../pipelines", name));

function problemsOf(event: Record<string, unknown>, { events }: PipelineSpec): string[] {
  const undeclared = Object.keys(event).filter((name) => !(name in events.fields));
  const absent = Object.entries(events.fields)
    .filter(([name, field]) => field.required && event[name] === undefined)
    .map(([name]) => name);
  const wrong = Object.entries(events.fields)
    .filter(([name, field]) => event[name] !== undefined && !fits(event[name], field.type))
    .map(([name]) => name);
  return [...undeclared, ...absent, ...wrong];
}

function fits(value: unknown, type: string): boolean {
  if (type === "string") return typeof value === "string";
  if (type === "integer") return Number.isInteger(value);
  if (type === "timestamp") return typeof value === "string" && !Number.isNaN(Date.parse(value));
  return typeof value === (type === "double" ? "number" : type);
}

describe("the example pipelines", () => {
  it("declare in shop-churn the fields that the simulator sends", () => {
    const spec = pipeline("shop-churn");
    const events = [...simulateShop({ users: 40, days: 30 })].map((line) => JSON.parse(line));

    expect(events.flatMap((event) => problemsOf(event, spec))).toEqual([]);
    const declared = Object.keys(spec.events.fields);
    expect(declared.filter((name) => events.every((event) => event[name] === undefined))).toEqual([]);
  });

  it("declare in cdnow the fields of the converted purchases", () => {
    const purchase = parseCdnowLine(" 00001 19970101 1 11.77", 2);

    expect(problemsOf({ ...purchase }, pipeline("cdnow"))).toEqual([]);
  });

  it("set max_bytes in shop-churn below the size of the simulator's huge records", () => {
    const bytes = Math.max(
      ...[...simulateShop({ users: 40, days: 20, incidents: { huge: { share: 0.05 } } })].map((line) => line.length),
    );

    expect(bytes).toBeGreaterThan(pipeline("shop-churn").events.max_bytes);
  });

  it.each([
    ["cdnow", cdnowTimeline],
    ["shop-churn", demoShopTimeline],
  ])("have a timeline for %s with increasing days", (name, { trainAt, liveDays }) => {
    const days = [trainAt, ...liveDays];

    expect(days).toEqual([...new Set(days)].sort());
    expect(pipeline(name).name).toBe(name);
  });

  it("start the shop's drift after the first live day", () => {
    const start = Date.parse("2025-01-06T00:00:00Z") + demoShop.incidents.drift.from_day * 86_400_000;

    expect(Date.parse(demoShopTimeline.liveDays[0])).toBeLessThanOrEqual(start);
    expect(Date.parse(demoShopTimeline.liveDays[1])).toBeGreaterThan(start);
  });
});
