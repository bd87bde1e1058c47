/** An in-memory S3 behind the mocked client: objects can be put, read and listed. */
import { Readable } from "node:stream";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { mockClient } from "aws-sdk-client-mock";

export class FakeBucket {
  readonly objects = new Map<string, { body: string; modifiedAt: Date }>();
  readonly mock = mockClient(S3Client);
  readonly reads: string[] = [];

  /** Resets the fake; call it before each test. */
  reset(): void {
    this.objects.clear();
    this.reads.length = 0;
    this.mock.reset();
    this.mock.on(PutObjectCommand).callsFake(({ Bucket, Key, Body }) => {
      this.put(`s3://${Bucket}/${Key}`, typeof Body === "string" ? Body : Buffer.from(Body as Uint8Array).toString());
      return {};
    });
    this.mock.on(GetObjectCommand).callsFake(({ Bucket, Key }) => {
      const uri = `s3://${Bucket}/${Key}`;
      this.reads.push(uri);
      const found = this.objects.get(uri);
      if (!found) throw Object.assign(new Error("The specified key does not exist."), { name: "NoSuchKey" });
      const read = {
        transformToString: async () => found.body,
        transformToByteArray: async () => Buffer.from(found.body),
      };
      return { Body: Object.assign(Readable.from([found.body]), read) };
    });
    this.mock.on(ListObjectsV2Command).callsFake(({ Bucket, Prefix, ContinuationToken, StartAfter = "" }) => {
      const within = [...this.objects.keys()].filter((uri) => uri.startsWith(`s3://${Bucket}/${Prefix}`)).sort();
      // As in S3, a continuation has its place from its token.
      const after = ContinuationToken?.split(" ")[1] ?? StartAfter;
      const keys = within.filter((uri) => uri > `s3://${Bucket}/${after}`);
      const start = Number(ContinuationToken?.split(" ")[0] ?? 0);
      const page = keys.slice(start, start + 2).map((uri) => ({
        Key: uri.slice(`s3://${Bucket}/`.length),
        LastModified: this.objects.get(uri)?.modifiedAt,
        Size: 1,
      }));
      const IsTruncated = start + 2 < keys.length;
      return { Contents: page, IsTruncated, ...(IsTruncated && { NextContinuationToken: `${start + 2} ${after}` }) };
    });
  }

  put(uri: string, body: unknown, modifiedAt = new Date()): void {
    this.objects.set(uri, { body: typeof body === "string" ? body : JSON.stringify(body), modifiedAt });
  }

  json(uri: string): unknown {
    const found = this.objects.get(uri);
    return found === undefined ? undefined : JSON.parse(found.body);
  }
}
