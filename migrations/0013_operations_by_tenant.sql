-- compatible
-- Operations are listed by tenant, and old ones removed: what refers to a sync is found without reading everything.
create index operation_of_tenant on operation (tenant, created_at desc, operation_id);
create index price_quarantine_of_sync on price_quarantine (price_sync_id);
