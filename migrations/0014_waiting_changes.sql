-- compatible
-- A report also tells which changes wait in quarantine, or would after a dry run: those rows have rules. Before, the table held only
-- what dry runs would change.
alter table price_sync_difference
  add column row_number bigint,
  add column rules text[] not null default '{}',
  add column detail text;
