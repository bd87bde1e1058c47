/** What can be set about the simulated shop, with its defaults. */
import { z } from "zod";

const share = z.number().min(0).max(1);
const day = z.number().int().min(0);

/** A stretch of the simulation, in days from its start; open-ended unless it says otherwise. */
const stretch = { from_day: day, to_day: day.default(100_000) };

const incidents = z
  .strictObject({
    drift: z
      .strictObject({
        ...stretch,
        failure_rate: share.default(0.6).describe("How often payments by cardpay fail; usually 4 %."),
        price_factor: z.number().positive().default(1.35).describe("What prices are multiplied by."),
      })
      .optional()
      .describe("The main payment provider starts to fail, and prices rise."),
    broken_client: z
      .strictObject({ ...stretch, share: share.default(0.15).describe("Of the android app's events.") })
      .optional()
      .describe("A release of the android app sends records that are cut off, lack fields or have wrong types."),
    duplicates: z
      .strictObject({ share: share.default(0.01) })
      .optional()
      .describe("A sender that did not see the acknowledgement sends the same record again, minutes later."),
    late: z
      .strictObject({ share: share.default(0.004), max_days: z.number().positive().default(10) })
      .optional()
      .describe("Phones without a network keep their events for hours or days."),
    future: z
      .strictObject({ share: share.default(0.0005) })
      .optional()
      .describe("Phones whose clock runs a year ahead."),
    huge: z
      .strictObject({ share: share.default(0.0001), bytes: z.number().int().positive().default(100_000) })
      .optional()
      .describe("A client attaches a whole page to its event."),
  })
  .prefault({});

export const shopOptions = z.strictObject({
  seed: z.number().int().min(0).default(7),
  start: z.iso.date().default("2025-01-06").describe("The first day, a Monday by default."),
  days: z.number().int().positive().max(3650).default(154),
  users: z.number().int().positive().max(1_000_000).default(750).describe("Customers at the start."),
  incidents,
});

/** As a caller writes them: everything has a default, and an incident is off unless it is named. */
export type ShopOptions = z.input<typeof shopOptions>;
export type ResolvedShopOptions = z.output<typeof shopOptions>;
export type Incidents = ResolvedShopOptions["incidents"];

/** Whether a day lies in an incident's stretch. */
export function isDuring(stretchOf: { from_day: number; to_day: number } | undefined, dayNumber: number): boolean {
  return stretchOf !== undefined && dayNumber >= stretchOf.from_day && dayNumber < stretchOf.to_day;
}
