/** Options of the simulated shop and their defaults. */
import { z } from "zod";

const share = z.number().min(0).max(1);
const day = z.number().int().min(0);

/** A period of the simulation: from_day (inclusive) to to_day (exclusive), in days from the start. Open-ended by default. */
const stretch = { from_day: day, to_day: day.default(100_000) };

const incidents = z
  .strictObject({
    drift: z
      .strictObject({
        ...stretch,
        failure_rate: share.default(0.6).describe("Share of cardpay payments that fail; normally 4 %."),
        price_factor: z.number().positive().default(1.35).describe("Factor applied to all prices."),
      })
      .optional()
      .describe("Payments by the main provider fail more often, and prices rise."),
    broken_client: z
      .strictObject({
        ...stretch,
        share: share.default(0.15).describe("Share of the Android app's events that are affected."),
      })
      .optional()
      .describe("An Android release sends records that are truncated, lack a field or have a wrong type."),
    duplicates: z
      .strictObject({ share: share.default(0.01) })
      .optional()
      .describe("A client that missed the acknowledgement sends the same record again within half an hour."),
    late: z
      .strictObject({ share: share.default(0.004), max_days: z.number().positive().default(10) })
      .optional()
      .describe("Offline phones send their events hours or days later."),
    future: z
      .strictObject({ share: share.default(0.0005) })
      .optional()
      .describe("Phones whose clock is a century ahead."),
    huge: z
      .strictObject({ share: share.default(0.0001), bytes: z.number().int().positive().default(100_000) })
      .optional()
      .describe("A client attaches a whole page to an event."),
  })
  .prefault({});

export const shopOptions = z.strictObject({
  seed: z.number().int().min(0).default(7),
  start: z.iso.date().default("2025-01-06").describe("The first day, a Monday by default."),
  days: z.number().int().positive().max(3650).default(154),
  users: z.number().int().positive().max(1_000_000).default(750).describe("Number of customers at the start."),
  incidents,
});

/** The options as a caller passes them. Everything has a default; an incident is off unless it is given. */
export type ShopOptions = z.input<typeof shopOptions>;
export type ResolvedShopOptions = z.output<typeof shopOptions>;
export type Incidents = ResolvedShopOptions["incidents"];

/** Whether a day is within an incident's period. */
export function isDuring(period: { from_day: number; to_day: number } | undefined, dayNumber: number): boolean {
  return period !== undefined && dayNumber >= period.from_day && dayNumber < period.to_day;
}
