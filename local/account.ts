/** The local cloud's only account, from the file that the Python side also reads. */
import account from "./daybreak_local/account.json";

export const localAccount = { accountId: account.accountId, region: account.region };
