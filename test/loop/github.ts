/** What stands in for GitHub: its API for repository dispatches, and the tokens of its jobs. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { asLambda, call } from "../../lambdas/shared/signed-call";

/** The limits are GitHub's: docs.github.com/rest/repos/repos, "Create a repository dispatch event". */
const dispatchBody = z.strictObject({
  event_type: z.string().min(1).max(100),
  client_payload: z
    .record(z.string(), z.unknown())
    .refine((payload) => Object.keys(payload).length <= 10)
    .optional(),
});
export type Dispatch = z.infer<typeof dispatchBody>;

export class GitHubStandIn {
  readonly accepted: Dispatch[] = [];
  /** The statuses of all answers. */
  readonly answers: number[] = [];

  private constructor(
    private readonly server: Server,
    private readonly repository: string,
    private readonly token: string,
  ) {}

  static async start(repository: string, token: string): Promise<GitHubStandIn> {
    const server = createServer();
    const github = new GitHubStandIn(server, repository, token);
    server.on("request", (request, response) => {
      void github.answer(request).then((status) => {
        github.answers.push(status);
        response.writeHead(status).end();
      });
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    return github;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
  }

  private async answer(request: IncomingMessage): Promise<number> {
    const body = await text(request);
    const { authorization, accept, "user-agent": agent } = request.headers;
    // GitHub refuses requests that do not say what sent them.
    if (agent === undefined) return 403;
    if (authorization !== `Bearer ${this.token}`) return 401;
    if (request.url !== `/repos/${this.repository}/dispatches`) return 404;
    const parsed = dispatchBody.safeParse(JSON.parse(body));
    if (request.method !== "POST" || accept !== "application/vnd.github+json" || !parsed.success) return 422;
    this.accepted.push(parsed.data);
    return 204;
  }
}

/**
 * The credentials of a role for a job with this subject. The call is signed, as the local cloud takes no other; AWS takes it unsigned
 * and checks the token's signature, which the local cloud does not.
 */
export async function assumeWithToken(roleArn: string, subject: string): Promise<NodeJS.ProcessEnv> {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const claims = { iss: "https://token.actions.githubusercontent.com", aud: "sts.amazonaws.com", sub: subject };
  const body = new URLSearchParams({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: roleArn,
    RoleSessionName: "deploy-model",
    WebIdentityToken: `${encode({ alg: "RS256" })}.${encode(claims)}.${Buffer.from("signature").toString("base64url")}`,
  });
  const answer = await call(
    {
      ...{ service: "sts", method: "POST", path: "/", body: body.toString() },
      headers: { "content-type": "application/x-www-form-urlencoded" },
    },
    asLambda("sts"),
  );
  const value = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(answer.body)?.[1] ?? "";
  return {
    AWS_ACCESS_KEY_ID: value("AccessKeyId"),
    AWS_SECRET_ACCESS_KEY: value("SecretAccessKey"),
    AWS_SESSION_TOKEN: value("SessionToken"),
  };
}
