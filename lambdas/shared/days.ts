/** Calendar days as `YYYY-MM-DD` text: an as-of day means midnight UTC of that day. */

const millisecondsPerDay = 86_400_000;

/** The day so many days after (or, with a negative number, before) another. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * millisecondsPerDay).toISOString().slice(0, 10);
}

/** The day that a time zone's calendar shows at an instant. */
export function dayIn(timeZone: string, instant: Date): string {
  // The Swedish calendar is written year-month-day.
  return new Intl.DateTimeFormat("sv-SE", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    instant,
  );
}
