import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import fc from "fast-check";
import { asUrlEvent, entityOf, questionOf, toInstance, toPrediction } from "../../../lambdas/serve-predict/core";
import { handler } from "../../../lambdas/serve-predict/handler";
import { bundlePipeline } from "./bundled-pipeline";
import { approvalEvent, environment, spec, urlEvent } from "./factories";

const record = [
  { FeatureName: "customer_id", ValueAsString: "c 1" },
  { FeatureName: "event_time", ValueAsString: "2026-03-10T00:00:00Z" },
  { FeatureName: "clicks", ValueAsString: "3" },
  { FeatureName: "spend", ValueAsString: "1.5e2" },
  { FeatureName: "device", ValueAsString: "phone" },
];
const answer = JSON.stringify({ predictions: [{ score: 0.73 }], model: { run_id: "run-1", version: "4" } });

describe("the request", () => {
  it.each<[unknown, string]>([
    [{ customer_id: "c1" }, "c1"],
    [{ entity: "c1" }, "c1"],
    [{ customer_id: 17 }, "17"],
    [{ customer_id: "c1", entity: "c2" }, "c1"],
  ])("%j names the entity %s", (question, entity) => {
    expect(entityOf(question, "customer_id")).toBe(entity);
  });

  it.each([{}, { customer_id: "" }, { customer_id: ["c1"] }, "c1", null, [], { customer_id: Number.NaN }])(
    "%j names no entity",
    (question) => {
      expect(() => entityOf(question, "customer_id")).toThrow(
        'expected {"customer_id": "…"} with the entity to predict for, got',
      );
    },
  );

  it("can be the body, the encoded body or the query of a Function URL", () => {
    const question = { customer_id: "c1" };
    const ask = (event: unknown) => {
      const fromUrl = asUrlEvent(event);
      return fromUrl && questionOf(fromUrl);
    };
    const body = JSON.stringify(question);
    expect(ask(urlEvent("POST", { body }))).toEqual(question);
    expect(ask(urlEvent("POST", { body: Buffer.from(body).toString("base64"), base64: true }))).toEqual(question);
    expect(ask(urlEvent("GET", { query: question }))).toEqual(question);
    expect(ask(urlEvent("GET"))).toEqual({});
    expect(() => ask(urlEvent("POST", { body: "{" }))).toThrow("the body is not JSON");
    expect(() => ask(urlEvent("POST"))).toThrow("the body is not JSON");
    expect(() => ask(urlEvent("DELETE"))).toThrow("send a POST with a JSON body");
    expect(ask(question)).toBeUndefined();
    expect(ask(approvalEvent())).toBeUndefined();
  });
});

describe("the instance", () => {
  it("has the types that the model expects", () => {
    expect(toInstance(record, spec.features.columns)).toEqual({
      features: { clicks: 3, spend: 150, device: "phone" },
      missing: [],
      featuresAsOf: "2026-03-10T00:00:00Z",
    });
  });

  it("lists missing features and sends them as null", () => {
    const partial = [
      { FeatureName: "clicks", ValueAsString: "many" },
      { FeatureName: "device", ValueAsString: null },
    ];
    expect(toInstance(partial, spec.features.columns)).toEqual({
      features: { clicks: null, spend: null, device: null },
      missing: ["clicks", "spend", "device"],
      featuresAsOf: null,
    });
  });

  it("has exactly the pipeline's features, each a number, a string or null", () => {
    const anyFeature = fc.record({
      FeatureName: fc.constantFrom("clicks", "spend", "device", "x"),
      ValueAsString: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(anyFeature), (stored) => {
        const { features, missing } = toInstance(stored, spec.features.columns);
        expect(Object.keys(features)).toEqual(["clicks", "spend", "device"]);
        for (const name of ["clicks", "spend"])
          expect(features[name] === null || Number.isFinite(features[name])).toBe(true);
        expect(missing).toEqual(Object.keys(features).filter((name) => features[name] === null));
      }),
    );
  });
});

describe("the prediction", () => {
  const instance = toInstance(record, spec.features.columns);

  it("is positive at or above the threshold and names the version that served it", () => {
    expect(toPrediction("c1", instance, answer, 0.73)).toEqual({
      entity: "c1",
      score: 0.73,
      positive: true,
      features_as_of: "2026-03-10T00:00:00Z",
      version: 4,
      run_id: "run-1",
    });
    expect(
      toPrediction("c1", instance, '{"predictions":[{"score":0.1}],"model":{"run_id":"","version":""}}', 0.5),
    ).toMatchObject({
      positive: false,
      version: null,
      run_id: null,
    });
  });

  it("follows the model's own threshold if the pipeline leaves it to the model, and says nothing without one", () => {
    const answered = (threshold: string) =>
      `{"predictions":[{"score":0.3}],"model":{"run_id":"run-1","version":"4"${threshold}}}`;
    const positive = (body: string, configured: number | "auto") =>
      toPrediction("c1", instance, body, configured).positive;
    expect(positive(answered(',"threshold":0.3'), "auto")).toBe(true);
    expect(positive(answered(',"threshold":0.31'), "auto")).toBe(false);
    expect(positive(answered(',"threshold":0.31'), 0.2)).toBe(true);
    expect(positive(answered(""), "auto")).toBeNull();
  });

  it.each(["<html>", "{}", '{"predictions":[]}', '{"predictions":[{"score":null}]}'])(
    "cannot be read from %s",
    (body) => {
      expect(() => toPrediction("c1", instance, body, 0.5)).toThrow("the endpoint's response is not");
    },
  );
});

describe("the handler, against fake services over HTTP", () => {
  let server: Server;
  let requests: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[];
  let answers: ((response: ServerResponse) => void)[];
  /** The answer of S3 to the request for the features job's state, which is sent at the same time as the first one. */
  let state: (response: ServerResponse) => void;
  let stateRequests: string[];

  const json =
    (status: number, body: string, headers: Record<string, string> = {}) =>
    (response: ServerResponse) => {
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
    };
  const features = json(200, JSON.stringify({ Record: record }));
  const score = json(200, answer);

  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        if (request.headers.authorization?.includes("/s3/") === true) {
          stateRequests.push(request.url ?? "");
          state(response);
          return;
        }
        requests.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
        const next = answers.shift();
        if (next) next(response);
        else request.socket.destroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  beforeEach(() => {
    requests = [];
    answers = [];
    stateRequests = [];
    state = json(200, JSON.stringify({ online: "2026-03-10", online_at: "2030-01-01T00:00:00Z" }));
    const { port } = server.address() as AddressInfo;
    Object.assign(process.env, environment, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_SESSION_TOKEN: "token",
    });
    bundlePipeline(spec);
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it("reads the features, invokes the endpoint and returns the prediction", async () => {
    answers = [features, score];
    await expect(handler({ customer_id: "c 1/ü" })).resolves.toMatchObject({
      entity: "c 1/ü",
      score: 0.73,
      positive: true,
      version: 4,
    });
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /FeatureGroup/daybreak-dev-shop?RecordIdentifierValueAsString=c%201%2F%C3%BC",
      "POST /endpoints/daybreak-dev-shop/invocations",
    ]);
    // The capture has what joins a request with the stored row and the stored score.
    expect(JSON.parse(requests[1]?.body ?? "")).toEqual({
      instances: [
        {
          ...{ customer_id: "c 1/ü", event_time: "2026-03-10T00:00:00Z", feature_age_days: 0 },
          ...{ clicks: 3, spend: 150, device: "phone" },
        },
      ],
    });
    expect(requests[1]?.headers["x-amzn-sagemaker-inference-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(requests[0]?.headers.authorization).toContain("/us-east-1/sagemaker/aws4_request");
    expect(requests[0]?.headers["x-amz-security-token"]).toBe("token");
  });

  it("throws EntityNotFound when invoked directly and returns 404 from its URL", async () => {
    const none = json(200, "{}");
    const unknown = json(404, '{"message":"none"}', { "x-amzn-errortype": "ResourceNotFound:http://internal/" });
    answers = [none, unknown];
    await expect(handler({ entity: "x" })).rejects.toMatchObject({
      name: "EntityNotFound",
      message: expect.stringContaining('there are no features for "x"'),
    });
    await expect(handler(urlEvent("POST", { body: '{"customer_id":"x"}' }))).resolves.toMatchObject({
      statusCode: 404,
    });
  });

  describe("with features that are older than the pipeline allows", () => {
    type Handler = typeof handler;
    /** A new process of the Lambda. */
    const fresh = async (): Promise<Handler> => {
      jest.resetModules();
      return (await import("../../../lambdas/serve-predict/handler")).handler;
    };
    const replayed = { online: "2026-03-13", online_at: "2030-01-01T00:00:00Z" };
    let printed: string[];

    beforeEach(() => {
      printed = [];
      jest.spyOn(process.stdout, "write").mockImplementation((text) => {
        printed.push(String(text));
        return true;
      });
      state = json(200, JSON.stringify(replayed));
    });
    afterEach(() => {
      jest.restoreAllMocks();
    });

    it("answers 409 with the facts, does not ask the endpoint, and counts the request", async () => {
      const strict = await fresh();
      answers = [features, features];
      const response = await strict(urlEvent("POST", { body: '{"customer_id":"c1"}' }));
      expect(response).toMatchObject({ statusCode: 409 });
      expect(JSON.parse((response as { body: string }).body)).toEqual({
        error: "StaleFeatures",
        code: "stale_features",
        message: expect.stringMatching(
          /^the features of "c1" are of 2026-03-10, 3 days before 2026-03-13; .*is 2\. It is/,
        ),
        features_as_of: "2026-03-10T00:00:00Z",
        age_days: 3,
        max_feature_age_days: 2,
        newest_as_of: "2026-03-13",
      });
      await expect(strict({ entity: "c1" })).rejects.toMatchObject({ name: "StaleFeatures" });
      expect(requests.map(({ method }) => method)).toEqual(["GET", "GET"]);
      const [point] = printed.map((line) => JSON.parse(line));
      expect(printed).toHaveLength(2);
      expect(point).toMatchObject({ Environment: "dev", Pipeline: "shop", StaleRequests: 1 });
      expect(point._aws.CloudWatchMetrics).toEqual([
        {
          Namespace: "Daybreak",
          Dimensions: [["Environment", "Pipeline"]],
          Metrics: [{ Name: "StaleRequests", Unit: "Count" }],
        },
      ]);
    });

    it("reads the newest day once for many requests", async () => {
      const strict = await fresh();
      answers = [features, features, features];
      for (const entity of ["a", "b", "c"]) await expect(strict({ entity })).rejects.toThrow("3 days before");
      expect(stateRequests).toEqual(["/lake/reports/shop/features/computed.json"]);
    });

    it("predicts nothing while the newest day cannot be read, and still says 404 for an unknown entity", async () => {
      state = json(403, "<Error><Code>AccessDenied</Code></Error>");
      const strict = await fresh();
      answers = [features, json(200, "{}")];
      await expect(strict({ entity: "c1" })).rejects.toThrow(
        "GET /lake/reports/shop/features/computed.json returned 403",
      );
      await expect(strict({ entity: "x" })).rejects.toMatchObject({ name: "EntityNotFound" });
    });
  });

  it("returns 200 and 400 from its URL", async () => {
    answers = [features, score];
    const good = await handler(urlEvent("POST", { body: '{"customer_id":"c1"}' }));
    expect(good).toMatchObject({ statusCode: 200, headers: { "content-type": "application/json" } });
    const bad = await handler(urlEvent("POST", { body: "hello" }));
    expect(bad).toMatchObject({ statusCode: 400, body: expect.stringContaining('"error":"InvalidInput"') });
  });

  it("retries when a service is busy or the connection breaks", async () => {
    answers = [json(429, "{}"), features, json(503, "busy"), score];
    await expect(handler({ entity: "c1" })).resolves.toMatchObject({ score: 0.73 });
    expect(requests).toHaveLength(4);
  });

  it("counts the requests that fail, however they came, and not those whose question is wrong", async () => {
    const printed: string[] = [];
    jest.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
    const broken = json(400, '{"__type":"com.amazon#ValidationError","Message":"no such endpoint"}');
    answers = [broken, broken, json(200, "{}")];
    await expect(handler({ entity: "c1" })).rejects.toMatchObject({ name: "ValidationError" });
    await handler(urlEvent("GET", { query: { entity: "c1" } }));
    await expect(handler({ entity: "x" })).rejects.toMatchObject({ name: "EntityNotFound" });
    await handler(urlEvent("POST", { body: "hello" }));
    jest.restoreAllMocks();
    const points = printed.map((line) => JSON.parse(line)).filter(({ _aws }) => _aws !== undefined);
    expect(points).toHaveLength(2);
    for (const point of points)
      expect(point).toMatchObject({ Environment: "dev", Pipeline: "shop", FailedRequests: 1 });
  });

  it("does not retry a rejected call and does not reveal its details to the URL's caller", async () => {
    const refused = json(400, '{"__type":"com.amazon#ValidationError","Message":"secret detail"}');
    answers = [refused, refused];
    await expect(handler({ entity: "c1" })).rejects.toMatchObject({
      name: "ValidationError",
      message: expect.stringContaining("secret detail"),
    });
    const response = await handler(urlEvent("GET", { query: { entity: "c1" } }));
    expect(response).toMatchObject({ statusCode: 502, body: expect.not.stringContaining("secret detail") });
    expect(requests).toHaveLength(2);
  });

  it("fails after the last attempt and names the call", async () => {
    answers = [json(500, "oops"), json(500, "oops"), json(500, "oops")];
    await expect(handler({ entity: "c1" })).rejects.toThrow(
      /GET \/FeatureGroup\/daybreak-dev-shop returned 500 Http500: oops/,
    );
  });

  it("reports missing credentials", async () => {
    delete process.env.AWS_SECRET_ACCESS_KEY;
    await expect(handler({ entity: "c1" })).rejects.toMatchObject({ name: "InvalidConfiguration" });
    await expect(handler(urlEvent("GET", { query: { entity: "c1" } }))).resolves.toMatchObject({ statusCode: 500 });
  });
});
