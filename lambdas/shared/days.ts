/** Calendar days as `YYYY-MM-DD`; an as-of day means midnight UTC at its start. */

const millisecondsPerDay = 86_400_000;

/** The day this many days after (or, if negative, before) another. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * millisecondsPerDay).toISOString().slice(0, 10);
}

/** The number of days from one day to another. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / millisecondsPerDay);
}

/** The last day whose events the label of an as-of day depends on: its horizon begins with the as-of day. */
export function lastLabelDay(asOf: string, horizonDays: number): string {
  return addDays(asOf, horizonDays - 1);
}

/**
 * The as-of day at an instant: the current day in the schedule's time zone, or in UTC if that is a day earlier, because the
 * as-of day's midnight (UTC) must have passed.
 */
export function asOfDay(timeZone: string, instant: Date): string {
  const [earlier = ""] = [dayIn(timeZone, instant), dayIn("UTC", instant)].sort();
  return earlier;
}

/** The calendar day in a time zone at an instant. */
export function dayIn(timeZone: string, instant: Date): string {
  // The Swedish locale formats dates as year-month-day.
  return new Intl.DateTimeFormat("sv-SE", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    instant,
  );
}
