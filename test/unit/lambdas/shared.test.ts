import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, ListObjectsV2Command, S3ServiceException } from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import * as z from "zod/mini";
import { addDays, dayIn } from "../../../lambdas/shared/days";
import { readEnvironment, required } from "../../../lambdas/shared/environment";
import { errorMessage, errorName, InvalidInput } from "../../../lambdas/shared/errors";
import { deploymentOf, fitName, instantName, packageVersion, slug } from "../../../lambdas/shared/names";
import { once } from "../../../lambdas/shared/once";
import { parseAs } from "../../../lambdas/shared/parse";
import { readPipeline } from "../../../lambdas/shared/pipeline";
import { parseUri, readJson, storageClient } from "../../../lambdas/shared/storage";
import { FakeBucket } from "./fake-bucket";

describe("the environment", () => {
  it("reports every variable that is missing or empty", () => {
    expect(() => readEnvironment({ RUN_REPORTS_URI: required, SPEC_URI: required }, { SPEC_URI: "" })).toThrow(
      'RUN_REPORTS_URI: expected string, it is missing; SPEC_URI: expected a value, got ""',
    );
  });

  it("returns only the requested variables", () => {
    expect(readEnvironment({ A: required }, { A: "1", B: "2" })).toEqual({ A: "1" });
  });
});

describe("the bundled pipeline", () => {
  it("is read from the code's folder and must be the expected pipeline", () => {
    const folder = mkdtempSync(join(tmpdir(), "daybreak-lambda-"));
    try {
      expect(() => readPipeline("shop", folder)).toThrow(
        "pipeline.json should contain the pipeline's resolved spec: ENOENT",
      );
      writeFileSync(join(folder, "pipeline.json"), '{"name":"shop"}');
      expect(readPipeline("shop", folder)).toEqual({ name: "shop" });
      expect(() => readPipeline("cdnow", folder)).toThrow("is the spec of shop, but DAYBREAK_PIPELINE says cdnow");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("days", () => {
  const anyDay = fc
    .date({ min: new Date("1970-01-01"), max: new Date("2200-01-01"), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));

  it("can be added and subtracted", () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: -3000, max: 3000 }), (day, days) => {
        expect(z.safeParse(z.iso.date(), addDays(day, days)).success).toBe(true);
        expect(addDays(addDays(day, days), -days)).toBe(day);
      }),
    );
  });

  it("are calendar days in the time zone", () => {
    const instant = new Date("2026-03-10T23:30:00Z");
    expect([dayIn("UTC", instant), dayIn("Europe/Berlin", instant), dayIn("America/New_York", instant)]).toEqual([
      "2026-03-10",
      "2026-03-11",
      "2026-03-10",
    ]);
  });
});

describe("names", () => {
  it("say of a model or an endpoint configuration which version of which pipeline it was made from", () => {
    expect(deploymentOf("daybreak-dev-shop--v12345-20250101000000")).toEqual({
      prefix: "daybreak-dev-shop--",
      version: 12345,
    });
    // A pipeline whose own name looks like such a suffix.
    expect(deploymentOf("daybreak-dev-shop-v1-20240101000000--v3-20250101000000")).toEqual({
      prefix: "daybreak-dev-shop-v1-20240101000000--",
      version: 3,
    });
    for (const other of ["daybreak-dev-shop", "daybreak-dev-shop-v1-20240101000000", "daybreak-dev-shop--v-1", ""]) {
      expect(deploymentOf(other)).toBeUndefined();
    }
  });

  it("are within the limit and differ for different inputs", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 60 }),
        fc.string({ maxLength: 60 }),
        fc.integer({ min: 12, max: 63 }),
        (one, other, limit) => {
          expect(fitName(one, limit).length).toBeLessThanOrEqual(limit);
          expect(fitName(one, limit) === fitName(other, limit)).toBe(one === other);
        },
      ),
    );
  });

  it.each([
    ["Drift 2026--03 ", "drift-2026-03"],
    ["---", ""],
  ])("slug %j is %j", (text, expected) => {
    expect(slug(text)).toBe(expected);
    expect(fitName(slug("---"), 40, "---")).toMatch(/^[0-9a-f]{8}$/);
  });

  it("of instants consist of digits", () => {
    expect(instantName(new Date("2026-03-10T06:00:00.123Z"))).toBe("20260310T060000Z");
  });

  it("of model packages end with the version", () => {
    expect(packageVersion("arn:aws:sagemaker:us-east-1:000000000000:model-package/g/12")).toBe(12);
    expect(() => packageVersion("arn:aws:sagemaker:us-east-1:000000000000:model-package/g")).toThrow("is not the ARN");
  });
});

describe("storage", () => {
  it("splits an S3 URI", () => {
    expect(parseUri("s3://bucket/a/b.json")).toEqual({ bucket: "bucket", key: "a/b.json" });
    for (const uri of ["https://x/y", "s3://bucket", "s3://bucket/", ""]) {
      expect(() => parseUri(uri)).toThrow("expected an address such as s3://bucket/key");
    }
  });

  it("uses path-style addresses if a local endpoint is set", async () => {
    process.env.AWS_ENDPOINT_URL = "http://127.0.0.1:1";
    expect(storageClient().config.forcePathStyle).toBe(true);
  });
});

describe("an object that cannot be read", () => {
  const bucket = new FakeBucket();
  const uri = "s3://lake/reports/latest.json";
  const forbidden = () =>
    bucket.mock.on(GetObjectCommand).rejects(
      new S3ServiceException({
        name: "AccessDenied",
        $fault: "client",
        message: "no",
        $metadata: { httpStatusCode: 403 },
      }),
    );

  beforeEach(() => {
    bucket.reset();
    forbidden();
  });

  it("is missing if S3 denies the read and does not list the key", async () => {
    bucket.put(`${uri}.old`, {});
    await expect(readJson(uri, z.unknown())).resolves.toBeUndefined();
  });

  it("is forbidden if S3 lists the key or denies the listing", async () => {
    bucket.put(uri, {});
    await expect(readJson(uri, z.unknown())).rejects.toMatchObject({ name: "AccessDenied" });
    bucket.mock.on(ListObjectsV2Command).rejects(new Error("no"));
    await expect(readJson(uri, z.unknown())).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it("is reported with S3's error in any other case", async () => {
    bucket.mock.on(GetObjectCommand).rejects(new Error("broken"));
    await expect(readJson(uri, z.unknown())).rejects.toThrow("broken");
  });
});

describe("once()", () => {
  it("caches the result and retries after a failure", () => {
    let calls = 0;
    const work = once(() => {
      calls += 1;
      if (calls === 1) throw new Error("not yet");
      return undefined;
    });
    expect(work).toThrow("not yet");
    work();
    work();
    expect(calls).toBe(2);
  });
});

describe("external data", () => {
  it("is rejected with the path, the expected and the actual value", () => {
    const schema = z.object({
      count: z.number().check(z.minimum(1), z.maximum(9)),
      more: z.number().check(z.maximum(9)),
      kind: z.enum(["a", "b"]),
      inner: z.object({ text: z.string() }),
      either: z.union([z.string(), z.number()]),
    });
    const value = { count: 0, more: 10, kind: "c", inner: { text: 5 }, either: true };
    expect(() => parseAs(schema, value, "the event", InvalidInput)).toThrow(
      "the event is not as expected: count: expected at least 1, got 0; more: expected at most 9, got 10; " +
        'kind: expected one of a, b, got "c"; inner.text: expected string, got 5; either: expected another value, got true',
    );
    expect(() => parseAs(schema, null, "the event", InvalidInput)).toThrow(
      "the whole value: expected object, got null",
    );
  });
});

describe("errors", () => {
  it("have a name and a message for any thrown value", () => {
    expect([errorName(new TypeError("x")), errorMessage(new TypeError("x"))]).toEqual(["TypeError", "x"]);
    expect([errorName("text"), errorMessage("text")]).toEqual(["", "text"]);
  });
});
