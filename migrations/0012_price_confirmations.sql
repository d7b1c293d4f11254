-- compatible
-- When a full list said again what its source had said before. One row for each class of prices in the list and not one for each price, and
-- no revision: what a price is has not changed, only how lately it was seen.
create table price_confirmation (
  price_confirmation_id integer generated always as identity primary key,
  source_key smallint not null references catalog_source,
  category text not null check (category in ('on_demand', 'spot', 'committed', 'capacity_block', 'purchase', 'token')),
  -- The last one of the source: what it said up to then and still says is confirmed.
  revision integer not null,
  -- The scope of the list; empty for all.
  providers text[] not null,
  regions text[] not null,
  -- The earliest date on which a row of the class was read.
  observed_at timestamptz not null,
  -- Answers for earlier times do not count it, so that they can be given again.
  counts_from timestamptz not null,
  -- Prices that the list named otherwise, in rows that were rejected or wait in quarantine.
  held_back integer[] not null
);
create index price_confirmation_of_source on price_confirmation (source_key, category, price_confirmation_id);
