-- compatible
-- Whose a key is, and what only that tenant sees: price books, and what is kept of writes. The tenant "house" runs the service
-- and alone writes the catalog that everybody reads.

alter table api_key
  add column tenant text not null default 'house' check (tenant ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
  add constraint api_key_catalog_is_the_house_s
    check (tenant = 'house' or not scopes && array['admin', 'catalog:write']);
-- The label names the writer for ever, so two valid keys of a tenant never share one.
create unique index api_key_label on api_key (tenant, label) where revoked_at is null;

alter table audit_event add column tenant text not null default 'house';
create index audit_event_tenant on audit_event (tenant, audit_event_id);
alter table operation add column tenant text not null default 'house';
alter table price_sync add column tenant text not null default 'house';
create index price_sync_tenant on price_sync (tenant, created_at desc);
alter table price_quarantine add column tenant text not null default 'house';

-- A price book is a source of its own (kind 'price_book') for its private list, and a document in versions for everything else.
-- Both make revisions of the one sequence; those of price books are in no snapshot and no list of the public catalog.
create table price_book (
  price_book_key integer generated always as identity primary key,
  tenant text not null,
  id text not null check (id ~ '^[a-z0-9][a-z0-9-]{0,59}$'),
  source_key smallint not null unique references catalog_source,
  created_at timestamptz not null default clock_timestamp(),
  unique (tenant, id)
);
create trigger price_book_kept before update or delete or truncate on price_book
  for each statement execute function catalog_refuse_change();

create table price_book_version (
  price_book_key integer not null references price_book,
  revision integer not null references catalog_revision,
  state text not null check (state in ('stated', 'retired')),
  body jsonb not null check (jsonb_typeof(body) = 'object'),
  primary key (price_book_key, revision)
);
create trigger price_book_version_kept before update or delete or truncate on price_book_version
  for each statement execute function catalog_refuse_change();
