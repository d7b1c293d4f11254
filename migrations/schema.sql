-- What the migrations make, for reading and for reviews. Written by "npm run schema", checked by the tests; never applied.

create function catalog_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'Rows of % are never changed or removed; add a version instead.', tg_table_name
    using errcode = 'restrict_violation';
end
$$;

create function price_provenance_digest(source text, source_date text, confidence text, licence text, notes text) returns text language sql immutable as $$
  select md5(source || chr(31) || coalesce(source_date, chr(30)) || chr(31) || confidence || chr(31)
    || coalesce(licence, chr(30)) || chr(31) || coalesce(notes, chr(30)))
$$;

create table api_key (
  api_key_id integer generated always as identity not null,
  label text not null,
  key_sha256 bytea not null,
  scopes text[] not null,
  created_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  tenant text default 'house'::text not null,
  constraint api_key_catalog_is_the_house_s CHECK (((tenant = 'house'::text) OR (NOT (scopes && ARRAY['admin'::text, 'catalog:write'::text])))),
  constraint api_key_key_sha256_check CHECK ((length(key_sha256) = 32)),
  constraint api_key_key_sha256_key UNIQUE (key_sha256),
  constraint api_key_pkey PRIMARY KEY (api_key_id),
  constraint api_key_tenant_check CHECK ((tenant ~ '^[a-z0-9][a-z0-9-]{0,39}$'::text))
);

create table audit_event (
  audit_event_id bigint generated always as identity not null,
  at timestamp with time zone default now() not null,
  actor text not null,
  action text not null,
  subject text not null,
  revision integer,
  body_sha256 bytea,
  request_id text,
  tenant text default 'house'::text not null,
  constraint audit_event_body_sha256_check CHECK ((length(body_sha256) = 32)),
  constraint audit_event_pkey PRIMARY KEY (audit_event_id),
  constraint audit_event_revision_fkey FOREIGN KEY (revision) REFERENCES catalog_revision(revision)
);

create table catalog_entry (
  kind text not null,
  id text not null,
  source_key smallint not null,
  revision integer not null,
  state text not null,
  body jsonb,
  constraint catalog_entry_body_check CHECK (((body IS NULL) OR (jsonb_typeof(body) = 'object'::text))),
  constraint catalog_entry_check CHECK (((state = 'void'::text) = (body IS NULL))),
  constraint catalog_entry_id_check CHECK (((length(id) >= 1) AND (length(id) <= 300))),
  constraint catalog_entry_kind_check CHECK ((kind = ANY (ARRAY['provider'::text, 'region'::text, 'device'::text, 'system'::text, 'model'::text, 'offer'::text, 'grid'::text, 'tariff'::text, 'pue_fact'::text, 'regime'::text]))),
  constraint catalog_entry_pkey PRIMARY KEY (kind, id, source_key, revision),
  constraint catalog_entry_state_check CHECK ((state = ANY (ARRAY['stated'::text, 'retired'::text, 'void'::text]))),
  constraint device_claims_are_figures CHECK (((kind <> 'device'::text) OR (NOT jsonb_path_exists(body, '$."claims"[*]?(!(@."value" > 0) || !(@."sparsity" == "dense" || @."sparsity" == "sparse"))'::jsonpath)))),
  constraint model_architecture_has_kind CHECK (((kind <> 'model'::text) OR ((body -> 'architecture'::text) IS NULL) OR ((body #> '{architecture,kind}'::text[]) IS NOT NULL)))
);

create table catalog_revision (
  revision integer not null,
  committed_at timestamp with time zone not null,
  source_key smallint not null,
  actor text not null,
  reason text not null,
  content_sha256 bytea not null,
  constraint catalog_revision_content_sha256_check CHECK ((length(content_sha256) = 32)),
  constraint catalog_revision_pkey PRIMARY KEY (revision),
  constraint catalog_revision_revision_check CHECK ((revision > 0)),
  constraint catalog_revision_source_key_fkey FOREIGN KEY (source_key) REFERENCES catalog_source(source_key)
);

create table catalog_source (
  source_key smallint generated always as identity not null,
  id text not null,
  kind text not null,
  precedence smallint not null,
  last_attempt_at timestamp with time zone,
  last_success_at timestamp with time zone,
  last_change_at timestamp with time zone,
  max_age interval,
  last_content_sha256 bytea,
  created_at timestamp with time zone default now() not null,
  constraint catalog_source_id_check CHECK ((id ~ '^[a-z0-9][a-z0-9_.:-]*$'::text)),
  constraint catalog_source_id_key UNIQUE (id),
  constraint catalog_source_kind_check CHECK ((kind = ANY (ARRAY['seed'::text, 'operator'::text, 'price_list'::text, 'feed'::text, 'price_book'::text]))),
  constraint catalog_source_last_content_sha256_check CHECK ((length(last_content_sha256) = 32)),
  constraint catalog_source_pkey PRIMARY KEY (source_key),
  constraint catalog_source_precedence_check CHECK ((precedence > 0)),
  constraint catalog_source_precedence_key UNIQUE (precedence)
);

create table catalog_source_class (
  source_key smallint not null,
  category text not null,
  last_success_at timestamp with time zone not null,
  last_change_at timestamp with time zone,
  constraint catalog_source_class_category_check CHECK ((category = ANY (ARRAY['on_demand'::text, 'spot'::text, 'committed'::text, 'capacity_block'::text, 'purchase'::text, 'token'::text]))),
  constraint catalog_source_class_pkey PRIMARY KEY (source_key, category),
  constraint catalog_source_class_source_key_fkey FOREIGN KEY (source_key) REFERENCES catalog_source(source_key)
);

create table deployment_placement (
  deployment_placement_id uuid not null,
  question json not null,
  answer json,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint deployment_placement_deployment_placement_id_fkey FOREIGN KEY (deployment_placement_id) REFERENCES operation(operation_id) ON DELETE CASCADE,
  constraint deployment_placement_pkey PRIMARY KEY (deployment_placement_id)
);

create table operation (
  operation_id uuid not null,
  kind text not null,
  state text not null,
  step text not null,
  progress real default 0 not null,
  unit_count bigint,
  cancel_requested_at timestamp with time zone,
  failure jsonb,
  actor text not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  updated_at timestamp with time zone default clock_timestamp() not null,
  finished_at timestamp with time zone,
  tenant text default 'house'::text not null,
  attempts smallint default 0 not null,
  constraint operation_kind_check CHECK ((kind ~ '^[a-z_]+$'::text)),
  constraint operation_pkey PRIMARY KEY (operation_id),
  constraint operation_progress_check CHECK (((progress >= (0)::double precision) AND (progress <= (1)::double precision))),
  constraint operation_state_check CHECK ((state = ANY (ARRAY['receiving'::text, 'queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'cancelled'::text])))
);

create table price_amount (
  price_key integer not null,
  source_key smallint not null,
  currency text not null,
  valid_from timestamp with time zone not null,
  revision integer not null,
  state text not null,
  amount numeric,
  upfront numeric default 0 not null,
  observed_at timestamp with time zone not null,
  provenance_key integer not null,
  flags text[] default '{}'::text[] not null,
  is_open boolean not null,
  constraint price_amount_amount_check CHECK ((amount >= (0)::numeric)),
  constraint price_amount_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  constraint price_amount_pkey PRIMARY KEY (price_key, source_key, currency, valid_from, revision),
  constraint price_amount_state_check CHECK ((state = ANY (ARRAY['in_force'::text, 'withdrawn'::text, 'void'::text]))),
  constraint price_amount_upfront_check CHECK ((upfront >= (0)::numeric)),
  constraint price_amount_valid_from_check CHECK (isfinite(valid_from))
);

create table price_book (
  price_book_key integer generated always as identity not null,
  tenant text not null,
  id text not null,
  source_key smallint not null,
  created_at timestamp with time zone default clock_timestamp() not null,
  constraint price_book_id_check CHECK ((id ~ '^[a-z0-9][a-z0-9-]{0,59}$'::text)),
  constraint price_book_pkey PRIMARY KEY (price_book_key),
  constraint price_book_source_key_fkey FOREIGN KEY (source_key) REFERENCES catalog_source(source_key),
  constraint price_book_source_key_key UNIQUE (source_key),
  constraint price_book_tenant_id_key UNIQUE (tenant, id)
);

create table price_book_version (
  price_book_key integer not null,
  revision integer not null,
  state text not null,
  body jsonb not null,
  constraint price_book_version_body_check CHECK ((jsonb_typeof(body) = 'object'::text)),
  constraint price_book_version_pkey PRIMARY KEY (price_book_key, revision),
  constraint price_book_version_price_book_key_fkey FOREIGN KEY (price_book_key) REFERENCES price_book(price_book_key),
  constraint price_book_version_revision_fkey FOREIGN KEY (revision) REFERENCES catalog_revision(revision),
  constraint price_book_version_state_check CHECK ((state = ANY (ARRAY['stated'::text, 'retired'::text])))
);

create table price_confirmation (
  price_confirmation_id integer generated always as identity not null,
  source_key smallint not null,
  category text not null,
  revision integer not null,
  providers text[] not null,
  regions text[] not null,
  observed_at timestamp with time zone not null,
  counts_from timestamp with time zone not null,
  held_back integer[] not null,
  constraint price_confirmation_category_check CHECK ((category = ANY (ARRAY['on_demand'::text, 'spot'::text, 'committed'::text, 'capacity_block'::text, 'purchase'::text, 'token'::text]))),
  constraint price_confirmation_pkey PRIMARY KEY (price_confirmation_id),
  constraint price_confirmation_source_key_fkey FOREIGN KEY (source_key) REFERENCES catalog_source(source_key)
);

create table price_identity (
  price_key integer generated always as identity not null,
  id text not null,
  offer_id text not null,
  category text not null,
  term_months smallint not null,
  payment text not null,
  tier_from numeric not null,
  unit text not null,
  revision integer not null,
  constraint price_identity_category_check CHECK ((category = ANY (ARRAY['on_demand'::text, 'spot'::text, 'committed'::text, 'capacity_block'::text, 'purchase'::text, 'token'::text]))),
  constraint price_identity_id_key UNIQUE (id),
  constraint price_identity_payment_check CHECK ((payment = ANY (ARRAY['none'::text, 'no_upfront'::text, 'partial_upfront'::text, 'all_upfront'::text]))),
  constraint price_identity_pkey PRIMARY KEY (price_key),
  constraint price_identity_term_months_check CHECK ((term_months >= 0)),
  constraint price_identity_tier_from_check CHECK ((tier_from >= (0)::numeric)),
  constraint price_identity_unit_check CHECK ((unit = ANY (ARRAY['hour'::text, 'each'::text, 'million_input_tokens'::text, 'million_output_tokens'::text, 'million_cached_input_tokens'::text, 'million_batch_input_tokens'::text, 'million_batch_output_tokens'::text, 'million_long_input_tokens'::text, 'million_long_cached_input_tokens'::text, 'million_long_output_tokens'::text])))
);

create table price_provenance (
  provenance_key integer generated always as identity not null,
  source text not null,
  source_date text,
  confidence text not null,
  licence text,
  notes text,
  digest text generated always as (price_provenance_digest(source, source_date, confidence, licence, notes)) stored not null,
  constraint price_provenance_confidence_check CHECK ((confidence = ANY (ARRAY['measured'::text, 'vendor'::text, 'third_party'::text, 'derived'::text, 'estimated'::text, 'unverified'::text]))),
  constraint price_provenance_digest_key UNIQUE (digest),
  constraint price_provenance_pkey PRIMARY KEY (provenance_key)
);

create table price_quarantine (
  quarantine_id bigint generated always as identity not null,
  price_sync_id uuid,
  source_id text not null,
  row_number bigint,
  price_id text not null,
  currency text not null,
  valid_from timestamp with time zone not null,
  "row" jsonb not null,
  old_amount numeric,
  amount numeric,
  upfront numeric not null,
  amount_state text not null,
  rules text[] not null,
  detail text not null,
  state text not null,
  decided_by text,
  decided_at timestamp with time zone,
  decision_reason text,
  revision integer,
  created_at timestamp with time zone default clock_timestamp() not null,
  tenant text default 'house'::text not null,
  constraint price_quarantine_amount_state_check CHECK ((amount_state = ANY (ARRAY['in_force'::text, 'withdrawn'::text]))),
  constraint price_quarantine_pkey PRIMARY KEY (quarantine_id),
  constraint price_quarantine_price_sync_id_fkey FOREIGN KEY (price_sync_id) REFERENCES price_sync(price_sync_id) ON DELETE SET NULL,
  constraint price_quarantine_revision_fkey FOREIGN KEY (revision) REFERENCES catalog_revision(revision),
  constraint price_quarantine_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'approved'::text, 'refused'::text, 'superseded'::text])))
);

create table price_sync (
  price_sync_id uuid not null,
  actor text not null,
  idempotency_key text,
  request_sha256 bytea not null,
  body_sha256 bytea,
  source_id text not null,
  mode text not null,
  dry_run boolean not null,
  scope jsonb not null,
  if_match text,
  request_id text not null,
  effective_at timestamp with time zone not null,
  row_count bigint,
  counts jsonb,
  revision integer,
  etag text,
  created_at timestamp with time zone default clock_timestamp() not null,
  tenant text default 'house'::text not null,
  left_out jsonb,
  notes jsonb default '[]'::jsonb not null,
  constraint price_sync_actor_idempotency_key_key UNIQUE (actor, idempotency_key),
  constraint price_sync_body_sha256_check CHECK ((length(body_sha256) = 32)),
  constraint price_sync_mode_check CHECK ((mode = ANY (ARRAY['full'::text, 'delta'::text]))),
  constraint price_sync_pkey PRIMARY KEY (price_sync_id),
  constraint price_sync_price_sync_id_fkey FOREIGN KEY (price_sync_id) REFERENCES operation(operation_id) ON DELETE CASCADE,
  constraint price_sync_request_sha256_check CHECK ((length(request_sha256) = 32)),
  constraint price_sync_revision_fkey FOREIGN KEY (revision) REFERENCES catalog_revision(revision)
);

create table price_sync_difference (
  price_sync_id uuid not null,
  ordinal bigint not null,
  change text not null,
  price_id text not null,
  currency text not null,
  valid_from timestamp with time zone not null,
  old_amount numeric,
  old_upfront numeric,
  amount numeric,
  upfront numeric,
  row_number bigint,
  rules text[] default '{}'::text[] not null,
  detail text,
  constraint price_sync_difference_change_check CHECK ((change = ANY (ARRAY['inserted'::text, 'changed'::text, 'closed'::text, 'taken_back'::text]))),
  constraint price_sync_difference_pkey PRIMARY KEY (price_sync_id, ordinal),
  constraint price_sync_difference_price_sync_id_fkey FOREIGN KEY (price_sync_id) REFERENCES price_sync(price_sync_id) ON DELETE CASCADE
);

create table price_sync_rejection (
  price_sync_id uuid not null,
  row_number bigint not null,
  ordinal smallint not null,
  field text not null,
  rule text not null,
  detail text not null,
  constraint price_sync_rejection_pkey PRIMARY KEY (price_sync_id, row_number, ordinal),
  constraint price_sync_rejection_price_sync_id_fkey FOREIGN KEY (price_sync_id) REFERENCES price_sync(price_sync_id) ON DELETE CASCADE
);

create table schema_migration (
  name text not null,
  breaking boolean not null,
  checksum text not null,
  applied_at timestamp with time zone default now() not null,
  constraint schema_migration_pkey PRIMARY KEY (name)
);

create view device_claim as
 SELECT e.id AS device_id,
    c.metric,
    c.format,
    c.sparsity,
    c.value,
    c.unit,
    c."sourceRank" AS source_rank,
    c.source,
    c."sourceDate" AS source_date,
    c.confidence,
    c.licence,
    c.notes,
    s.id AS source_id,
    e.revision
   FROM catalog_entry e
     JOIN catalog_source s USING (source_key)
     CROSS JOIN LATERAL jsonb_to_recordset(e.body -> 'claims'::text) c(metric text, format text, sparsity text, value numeric, unit text, "sourceRank" smallint, source text, "sourceDate" text, confidence text, licence text, notes text)
  WHERE e.kind = 'device'::text AND e.state = 'stated'::text;

CREATE UNIQUE INDEX api_key_label ON public.api_key USING btree (tenant, label) WHERE (revoked_at IS NULL);

CREATE INDEX audit_event_subject ON public.audit_event USING btree (subject, audit_event_id);

CREATE INDEX audit_event_tenant ON public.audit_event USING btree (tenant, audit_event_id);

CREATE INDEX catalog_entry_revision ON public.catalog_entry USING brin (revision);

CREATE INDEX catalog_revision_source ON public.catalog_revision USING btree (source_key, revision DESC);

CREATE INDEX deployment_placement_created ON public.deployment_placement USING btree (created_at);

CREATE INDEX operation_of_tenant ON public.operation USING btree (tenant, created_at DESC, operation_id);

CREATE INDEX operation_unfinished ON public.operation USING btree (created_at) WHERE (finished_at IS NULL);

CREATE INDEX price_amount_revision ON public.price_amount USING brin (revision);

CREATE INDEX price_confirmation_of_source ON public.price_confirmation USING btree (source_key, category, price_confirmation_id);

CREATE INDEX price_quarantine_of_price ON public.price_quarantine USING btree (source_id, price_id, currency);

CREATE INDEX price_quarantine_of_sync ON public.price_quarantine USING btree (price_sync_id);

CREATE INDEX price_quarantine_waiting ON public.price_quarantine USING btree (quarantine_id) WHERE (state = 'waiting'::text);

CREATE INDEX price_sync_source ON public.price_sync USING btree (source_id, created_at DESC);

CREATE INDEX price_sync_tenant ON public.price_sync USING btree (tenant, created_at DESC);

CREATE TRIGGER audit_event_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_event FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_change();

CREATE TRIGGER catalog_entry_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON catalog_entry FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_change();

CREATE TRIGGER catalog_revision_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON catalog_revision FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_change();

CREATE TRIGGER catalog_source_fixed BEFORE UPDATE OF source_key, id, kind, precedence ON catalog_source FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_change();

CREATE TRIGGER catalog_source_kept BEFORE DELETE OR TRUNCATE ON catalog_source FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_change();

CREATE TRIGGER price_amount_fixed BEFORE UPDATE OF price_key, source_key, currency, valid_from, revision, state, amount, upfront, observed_at, provenance_key, flags ON price_amount FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_change();

CREATE TRIGGER price_amount_kept BEFORE DELETE OR TRUNCATE ON price_amount FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_change();

CREATE TRIGGER price_book_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON price_book FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_change();

CREATE TRIGGER price_book_version_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON price_book_version FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_change();

CREATE TRIGGER price_identity_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON price_identity FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_change();

CREATE TRIGGER price_provenance_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON price_provenance FOR EACH STATEMENT EXECUTE FUNCTION catalog_refuse_change();
