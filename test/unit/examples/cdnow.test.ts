import { describe, expect, it } from "@jest/globals";
import { cdnowToJsonLines, parseCdnowLine } from "../../../examples/cdnow";

const file = [
  " customer_id  date number_of_cds  dollar_value\r",
  " 00001 19970101  1   11.77\r",
  "",
  " 00002 19970112  5   77.00\r",
  "",
].join("\n");

describe("the CDNOW file", () => {
  it("is converted to one event per line, with the line number in the event ID", () => {
    const events = [...cdnowToJsonLines(file)].map((line) => JSON.parse(line));

    expect(events).toEqual([
      {
        event_id: "cdnow-000002",
        event_time: "1997-01-01T00:00:00Z",
        customer_id: "00001",
        quantity: 1,
        amount: 11.77,
      },
      {
        event_id: "cdnow-000004",
        event_time: "1997-01-12T00:00:00Z",
        customer_id: "00002",
        quantity: 5,
        amount: 77,
      },
    ]);
  });

  it.each(["00001 19970101 1", "00001 1997-01-01 1 11.77", "00001 19970101 one 11.77", "00001 19970101 1 1.1 9"])(
    "is rejected, with the line number, if it has an invalid line: %s",
    (line) => {
      expect(() => parseCdnowLine(line, 17)).toThrow(/line 17 of the CDNOW file must be/);
    },
  );
});
