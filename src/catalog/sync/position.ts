/** Where a list that is sorted newest first continues: the moment of its last row, to the microsecond, and the id of that row. */

export const momentInUtc = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** "<moment>|<id>" of a row. */
export const positionOf = (id: string): string => `${momentInUtc('created_at')} || '|' || ${id}`;

/** @param parameter "$1": such a position, or null for the first page */
export const isAfter = (id: string, parameter: string): string => `(${parameter}::text is null
  or (created_at, ${id}) < (split_part(${parameter}, '|', 1)::timestamptz, split_part(${parameter}, '|', 2)::uuid))`;
