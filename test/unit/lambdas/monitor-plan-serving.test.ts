/** Whether the monitor job has captured requests to check. */
import { beforeEach, expect, test } from "@jest/globals";
import { planServing } from "../../../lambdas/monitor-plan/serving";
import { FakeBucket } from "./fake-bucket";

const lake = new FakeBucket();
const folder = "s3://lake/captures/shop/daybreak-dev-shop/live";
const captures = {
  ...{ folder, reportsUri: "s3://lake/reports/shop/serving" },
  ...{ endpoint: "daybreak-dev-shop", variant: "live" },
};
const found = { endpoint: "daybreak-dev-shop", variant: "live", captures_uri: folder };
const put = (...files: string[]) => {
  for (const file of files) lake.put(`${folder}/${file}`, "{}");
};
const checkedTo = (hour: string, ...read: string[]) =>
  lake.put(`${captures.reportsUri}/latest.json`, { position: { hour, read } });

beforeEach(() => lake.reset());

test("without captures there is nothing to check", async () => {
  expect(await planServing(captures)).toBeNull();
});

test("the first captures are checked, whenever they were written", async () => {
  put("2026/03/10/05/00-00-000-a.jsonl");
  expect(await planServing(captures)).toEqual(found);
});

test("files that a check has read, and folders that it has finished, are not checked again", async () => {
  put("2026/03/10/04/59-59-000-a.jsonl", "2026/03/10/05/00-00-000-b.jsonl", "2026/03/10/05/10-00-000-c.jsonl");
  checkedTo("2026/03/10/05", "2026/03/10/05/00-00-000-b.jsonl", "2026/03/10/05/10-00-000-c.jsonl");
  expect(await planServing(captures)).toBeNull();
});

test.each(["2026/03/10/05/05-00-000-late.jsonl", "2026/03/11/00/00-00-000-new.jsonl"])(
  "one more file is checked: %s",
  async (file) => {
    put("2026/03/10/05/00-00-000-b.jsonl", "2026/03/10/05/10-00-000-c.jsonl", file);
    checkedTo("2026/03/10/05", "2026/03/10/05/00-00-000-b.jsonl", "2026/03/10/05/10-00-000-c.jsonl");
    expect(await planServing(captures)).toEqual(found);
  },
);
