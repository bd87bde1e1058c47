import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { encode, sign } from "../../../lambdas/shared/signature";

/** The SDK's own signer, which ours has to agree with. */
function sdkSigner(sessionToken?: string) {
  class Sha256 {
    readonly #hash;
    constructor(secret?: Parameters<typeof createHmac>[1]) {
      this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
    }
    update(data: string | Uint8Array): void {
      this.#hash.update(data);
    }
    async digest(): Promise<Uint8Array> {
      return this.#hash.digest();
    }
    reset(): void {}
  }
  const credentials = { accessKeyId: "AKID", secretAccessKey: "secret", ...(sessionToken && { sessionToken }) };
  const scope = { service: "sagemaker", region: "eu-west-1", credentials };
  return new SignatureV4({ ...scope, sha256: Sha256 as never, applyChecksum: false });
}

const at = new Date("2026-03-10T05:06:07.890Z");

async function both(path: string, query: Record<string, string>, body: string, sessionToken?: string) {
  const url = new URL(`https://runtime.sagemaker.eu-west-1.amazonaws.com${path}`);
  url.search = Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
  const headers = { "content-type": "application/json" };
  const credentials = { accessKeyId: "AKID", secretAccessKey: "secret", ...(sessionToken && { sessionToken }) };
  const ours = sign(
    { method: "POST", url, headers, body },
    { service: "sagemaker", region: "eu-west-1", credentials, at },
  );
  const place = { method: "POST", protocol: "https:", hostname: url.hostname, path, query };
  const request = { ...place, body, headers: { ...headers, host: url.host } };
  const theirs = await sdkSigner(sessionToken).sign(request, { signingDate: at });
  return { ours: ours.authorization, theirs: theirs.headers.authorization };
}

describe("the signature", () => {
  it("is the one of AWS's published example (IAM ListUsers, 2015-08-30)", () => {
    const headers = sign(
      {
        method: "GET",
        url: new URL("https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"),
        headers: { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8" },
        body: "",
      },
      {
        service: "iam",
        region: "us-east-1",
        credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
        at: new Date("2015-08-30T12:36:00Z"),
      },
    );
    expect(headers.authorization).toBe(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, " +
        "SignedHeaders=content-type;host;x-amz-date, " +
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
    );
  });

  it("agrees with the SDK's for any entity, endpoint, body and session", async () => {
    const text = fc.string({ unit: "grapheme" });
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.string(),
        text,
        fc.option(fc.base64String({ minLength: 4 })),
        async (entity, group, body, token) => {
          const path = `/FeatureGroup/${encode(`g${group}`)}`;
          const { ours, theirs } = await both(
            path,
            { RecordIdentifierValueAsString: entity },
            body,
            token ?? undefined,
          );
          expect(ours).toBe(theirs);
        },
      ),
    );
  });
});
