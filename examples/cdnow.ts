/**
 * The CDNOW purchases as events.
 *
 * Real data: every purchase from January 1997 to June 1998 of the 23,570 customers of an online music shop who first
 * bought there in the first quarter of 1997 (Fader and Hardie, "Forecasting Repeat Sales at CDNOW: A Case Study",
 * Interfaces 31, 2001). The file travels in the Python package Lifetimes; setup fetches that, nothing is committed.
 */
/** Where the data is: a wheel (a zip file) on PyPI and the file in it. */
export const cdnowSource = {
  requirement: "Lifetimes==0.11.3",
  wheelMember: "lifetimes/datasets/CDNOW_master.txt",
  purchases: 69_659,
  customers: 23_570,
} as const;

/**
 * Days worth visiting. The first model is made while most spending of 91 to 180 days ago is still from the first
 * quarter, in which all of these customers were acquired. A week later nothing has changed; by November that spending
 * is from quieter months (PSI about 0.7), and a model trained then stays in step with its customers.
 */
export const cdnowTimeline = {
  trainAt: "1997-08-04",
  liveDays: ["1997-08-11", "1997-11-03", "1997-11-10", "1998-07-01"],
} as const;

/** One purchase, as the shop would have logged it. */
export interface Purchase {
  event_id: string;
  /** The day of the purchase at midnight UTC: the file has no time of day. */
  event_time: string;
  customer_id: string;
  quantity: number;
  amount: number;
}

const header = ["customer_id", "date", "number_of_cds", "dollar_value"];

/**
 * Parses one line of the file: customer id, yyyyMMdd, number of CDs and dollars, separated by spaces.
 *
 * @param lineNumber counted from 1, the header; it makes the event id, so the same file always gives the same ids
 * @returns undefined for the header and for blank lines
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

/** The purchases of the file's text as JSON lines, in the file's order (by customer, then by day). */
export function* cdnowToJsonLines(masterText: string): Generator<string> {
  let lineNumber = 0;
  for (const line of masterText.split("\n")) {
    lineNumber += 1;
    const purchase = parseCdnowLine(line, lineNumber);
    if (purchase !== undefined) yield JSON.stringify(purchase);
  }
}
