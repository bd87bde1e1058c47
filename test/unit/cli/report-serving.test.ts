import { describe, expect, test } from "@jest/globals";
import { faithfulness } from "../../../cli/report/sections/faithfulness";
import { servingSection } from "../../../cli/report/sections/serving";
import type { ServingSummary } from "../../../contracts/summary";
import { servingFixture, skewedFixture, summaryFixture } from "./summary.fixture";

const textOf = (markup: unknown) =>
  String(markup)
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
const said = (...serving: ServingSummary[]) => textOf(faithfulness(summaryFixture({ serving })));

describe("whether serving is faithful", () => {
  test("is said of all checks together", () => {
    expect(said(servingFixture(), servingFixture())).toContain(
      "1,800 captured requests were compared with the stored features of the same customer_id and day, 1,700 of them also with the stored score: none differs.",
    );
  });

  test("names what differs, how often, and an example", () => {
    const text = said(servingFixture(), skewedFixture(), skewedFixture());
    expect(text).toContain("188 requests (6.96 %) differ.");
    expect(text).toContain("mean_ spend 180 customer_id 00064 : served 25.675 , stored 24.5");
    expect(text).toContain("the score 2 customer_id 00064 : served 0.64 , stored 0.44");
  });

  test("says what a check did not look at", () => {
    const text = said(skewedFixture());
    expect(text).toContain("A sample: 12 of 40 files were read.");
    expect(text).toContain("3 requests did not come through Daybreak’s Lambda and could not be compared.");
    expect(
      said(servingFixture({ status: "skipped", reason: "no request", requests: 0, files: 0, files_read: 0 })),
    ).toMatch(/No captured request could be compared\..*no request\./);
  });

  test("is not asked without a check", () => {
    expect(faithfulness(summaryFixture({ serving: [] }))).toBe(false);
  });
});

test("requests that were refused for old features are neither served nor failed", () => {
  expect(textOf(servingSection(summaryFixture()))).toContain(
    "0 failed, and 60 were refused with 409, because their customer_id had no features of the newest day (a few",
  );
});
