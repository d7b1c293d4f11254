-- compatible
-- What the conversion of a published price file left out, by reason: [{"reason", "prices"}].
alter table price_sync add column left_out jsonb;
