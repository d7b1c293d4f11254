-- compatible
-- What each source's list said the last time, so that the rows that say the same again need no look: one unlogged table for each source,
-- price_sync_memory.source_<key>, and here how far it goes. A crash of the database empties them all, and the next list is read in full.
create schema price_sync_memory;
create unlogged table price_sync_memory.reach (
  source_key smallint primary key,
  -- Of the source: what it said later is not in its table.
  revision integer not null,
  -- The latest time from which undated rows in it hold.
  effective_at timestamptz not null,
  row_count bigint not null
);

-- As with the other references of an amount (0005): its price was just joined or just made, prices are never deleted, and the
-- check of a million of them took longer than writing them.
alter table price_amount drop constraint price_amount_price_key_fkey;
-- The id of a price is made of these columns, so it is unique where they are; nothing is looked up by them.
alter table price_identity
  drop constraint price_identity_offer_id_category_term_months_payment_tier_f_key;
-- Likewise of the entries for new offers, which come by the hundred thousand.
alter table catalog_entry
  drop constraint catalog_entry_source_key_fkey,
  drop constraint catalog_entry_revision_fkey;
