import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import fc from "fast-check";
import { asLambda, call, encode } from "../../../lambdas/shared/signed-call";

const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
let server: Server;
let received: { request: IncomingMessage; body: string }[];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      received.push({ request, body });
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/** The signature that AWS computes from the received request (the steps of "Create a signed AWS API request"). */
function expectedSignature({ request, body }: (typeof received)[number]): string {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const signedNames = /SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const headers = signedNames.split(";").map((name) => `${name}:${request.headers[name]}\n`);
  const canonicalPath = path.split("/").map(encode).join("/");
  const canonical = [request.method, canonicalPath, query, headers.join(""), signedNames, hash(body)].join("\n");
  const time = String(request.headers["x-amz-date"]);
  const scope = [time.slice(0, 8), "eu-west-1", "sagemaker", "aws4_request"];
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, ["AWS4-HMAC-SHA256", time, scope.join("/"), hash(canonical)].join("\n")).toString("hex");
}

it("a signed call has a valid signature for any entity, resource, body and session", async () => {
  const { port } = server.address() as AddressInfo;
  const text = fc.string({ unit: "grapheme" });
  await fc.assert(
    fc.asyncProperty(
      text,
      text,
      text,
      fc.option(fc.base64String({ minLength: 4 })),
      async (entity, group, body, token) => {
        received = [];
        const environment = {
          AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
          AWS_REGION: "eu-west-1",
          AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
          AWS_SECRET_ACCESS_KEY: secret,
          ...(token === null ? {} : { AWS_SESSION_TOKEN: token }),
        };
        const request = {
          ...{ service: "sagemaker", method: "POST" as const, body },
          path: `/FeatureGroup/${encode(`g${group}`)}`,
          query: { RecordIdentifierValueAsString: entity },
          headers: { "content-type": "application/json" },
        };
        await call(request, asLambda("runtime.sagemaker", environment));
        const [only] = received;
        if (only === undefined) throw new Error("nothing was received");
        expect(
          new URL(only.request.url ?? "", "http://localhost").searchParams.get("RecordIdentifierValueAsString"),
        ).toBe(entity);
        expect(only.request.headers["x-amz-security-token"]).toBe(token ?? undefined);
        expect(only.request.headers.authorization).toContain(`Signature=${expectedSignature(only)}`);
      },
    ),
  );
});
