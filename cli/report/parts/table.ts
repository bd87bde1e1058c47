/**
 * A table that keeps all its columns on a phone: there each row becomes a block, with its lead columns in the first line and
 * every other value after its column's name. The roles keep it a table for screen readers when it is no longer laid out as one.
 */
import { html, type Markup, type Value } from "../html";

export interface Column<Row> {
  head: string;
  cell: (row: Row) => Value;
  number?: boolean;
  /** One of the main values, which a phone shows in the row's first line. The first column always is one. */
  lead?: boolean;
  /** Secondary, in a softer colour. */
  quiet?: boolean;
  /** Short texts that are not to be broken, such as dates. */
  fixed?: boolean;
}

export interface Table<Row> {
  /** What the table shows, for screen readers. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** More about a row, below it. */
  below?: (row: Row) => Value;
  className?: string;
}

const isEmpty = (value: Value) => value === undefined || value === null || value === false || value === "";

export function table<Row>({ caption, columns, rows, below, className = "" }: Table<Row>): Markup {
  const classes = (column: Column<Row>) =>
    (["number", "lead", "quiet", "fixed"] as const).filter((flag) => column[flag] === true).join(" ");
  const cell = (column: Column<Row>, position: number, row: Row) => {
    const value = column.cell(row);
    return position === 0
      ? html`<th scope="row" role="rowheader" class="${classes(column)}">${value}</th>`
      : html`<td role="cell" class="${classes(column)}" data-label="${column.head}">${isEmpty(value) ? undefined : html`<span>${value}</span>`}</td>`;
  };
  const more = (row: Row) => {
    const value = below?.(row);
    return isEmpty(value)
      ? undefined
      : html`<tr role="row" class="below"><td role="cell" colspan="${columns.length}">${value}</td></tr>`;
  };
  return html`<div class="frame"><table role="table" class="stack ${className}">
  <caption>${caption}</caption>
  <thead role="rowgroup"><tr role="row">${columns.map((column) => html`<th scope="col" role="columnheader" class="${classes(column)}">${column.head}</th>`)}</tr></thead>
  <tbody role="rowgroup">${rows.map((row) => html`<tr role="row">${columns.map((column, position) => cell(column, position, row))}</tr>${more(row)}`)}</tbody>
</table></div>`;
}
