-- compatible
-- What a report tells beside its counts: prices that no answer can use yet, offers that could not be compared with anything.
alter table price_sync add column notes jsonb not null default '[]';
