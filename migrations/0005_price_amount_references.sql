-- compatible
-- Three of four references of each amount, and one of each identity, are written as one value for a whole list: the revision and source
-- of the transaction, and a provenance that was just joined. What they refer to can never be deleted (its triggers refuse that), so
-- checking them row by row protects nothing and was most of the time of a first load. The reference to the price stays checked.
alter table price_amount
  drop constraint price_amount_source_key_fkey,
  drop constraint price_amount_revision_fkey,
  drop constraint price_amount_provenance_key_fkey;
alter table price_identity drop constraint price_identity_revision_fkey;
