/** The local cloud's only account and its root keys, from the file that the Python side also reads. */
import account from "./daybreak_local/account.json";

export const localAccount = { accountId: account.accountId, region: account.region };

export const rootCredentials = { accessKeyId: account.accessKeyId, secretAccessKey: account.secretAccessKey };

/** The environment variables of the AWS SDKs for a local cloud. */
export function environmentOf(endpoint: string): NodeJS.ProcessEnv {
  const { AWS_PROFILE: _, AWS_SESSION_TOKEN: __, ...others } = process.env;
  return {
    ...others,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: rootCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: rootCredentials.secretAccessKey,
    AWS_REGION: localAccount.region,
  };
}

/** Directs all AWS clients that this process creates afterwards to a local cloud. */
export function useLocalCloud(endpoint: string): void {
  delete process.env.AWS_PROFILE;
  delete process.env.AWS_SESSION_TOKEN;
  Object.assign(process.env, environmentOf(endpoint));
}
