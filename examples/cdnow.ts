/**
 * Converts the CDNOW purchases to events.
 *
 * Real data: all purchases from January 1997 to June 1998 by the 23,570 customers of an online music shop who first
 * bought there in the first quarter of 1997 (Fader and Hardie, "Forecasting Repeat Sales at CDNOW: A Case Study",
 * Interfaces 31, 2001). The file is part of the Python package Lifetimes, which setup downloads; it is not committed.
 */
/** The package on PyPI, the data file in its wheel, and the expected numbers of purchases and customers. */
export const cdnowSource = {
  requirement: "Lifetimes==0.11.3",
  wheelMember: "lifetimes/datasets/CDNOW_master.txt",
  purchases: 69_659,
  customers: 23_570,
} as const;

/**
 * The demo's timeline. Features look 180 days back, and the data begins in January 1997, so that as-of days from July on have
 * whole windows; by December there are enough of them to train on. After that these customers are steady: in no week until the
 * data ends do their features differ from those of v1's test weeks by more than chance. There is no drift to show. What is shown
 * is the weekly training at dawn, three months later: it has more weeks to learn from, and is judged on weeks that v1 has not seen.
 */
export const cdnowTimeline = {
  trainAt: "1997-12-01",
  liveDays: ["1997-12-08", "1998-03-02", "1998-03-09", "1998-07-01"],
  scheduledTrainings: ["1998-03-02"],
} as const;

/** A purchase event. */
export interface Purchase {
  event_id: string;
  /** The day of the purchase at midnight UTC, since the file has no time of day. */
  event_time: string;
  customer_id: string;
  quantity: number;
  amount: number;
}

const header = ["customer_id", "date", "number_of_cds", "dollar_value"];

/**
 * Parses one line of the file: customer id, yyyyMMdd, number of CDs and dollars, separated by spaces.
 *
 * @param lineNumber 1 is the header. The event ID contains it, so the same file always gives the same IDs.
 * @returns undefined for the header and for blank lines
 * @throws Error if the line has another format
 */
export function parseCdnowLine(line: string, lineNumber: number): Purchase | undefined {
  const columns = line.trim().split(/\s+/);
  if (columns[0] === "" || columns[0] === header[0]) return undefined;
  const [customer, date, quantity, amount] = columns;
  const day = /^(\d{4})(\d{2})(\d{2})$/.exec(date ?? "");
  if (
    columns.length !== header.length ||
    customer === undefined ||
    day === null ||
    !/^\d+$/.test(quantity ?? "") ||
    !/^\d+(\.\d+)?$/.test(amount ?? "")
  ) {
    throw new Error(
      `line ${lineNumber} of the CDNOW file must be "${header.join(" ")}" such as "00001 19970101 1 11.77", not "${line.trim()}"`,
    );
  }
  return {
    event_id: `cdnow-${String(lineNumber).padStart(6, "0")}`,
    event_time: `${day[1]}-${day[2]}-${day[3]}T00:00:00Z`,
    customer_id: customer,
    quantity: Number(quantity),
    amount: Number(amount),
  };
}

/** Converts the file's text to purchases as JSON lines, in the file's order (by customer, then by day). */
export function* cdnowToJsonLines(masterText: string): Generator<string> {
  let lineNumber = 0;
  for (const line of masterText.split("\n")) {
    lineNumber += 1;
    const purchase = parseCdnowLine(line, lineNumber);
    if (purchase !== undefined) yield JSON.stringify(purchase);
  }
}
