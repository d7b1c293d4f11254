-- compatible
-- The release before looks prices up by their offer, along the constraint that 0007 dropped; without any index each sync of such an instance
-- reads all prices for each of its rows. In a database that has no prices yet there is no such instance, and the index would only cost time.
-- The release after this one drops it.
do $$
begin
  if exists (select from price_identity) then
    create index price_identity_offer on price_identity (offer_id);
  end if;
end $$;
