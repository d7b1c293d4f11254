-- compatible
-- That a price of a source has one open row is held by the lock of the source and shown by the tests. As an index it was a third of the cost of
-- each new price, and kept the mark from being moved within its page; what is looked up by it begins with the price, as the primary key does.
drop index price_amount_open;

-- Kept for instances of the release before 0007, of which none is left (0011).
drop index if exists price_identity_offer;

-- How often an instance has taken the work up. What ends the process each time must not do so for ever.
alter table operation add column attempts smallint not null default 0;
