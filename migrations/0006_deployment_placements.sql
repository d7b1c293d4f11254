-- compatible
-- Placements that took long enough to become an operation, or that only storage can give again. The operation says where they stand.
create table deployment_placement (
  deployment_placement_id uuid primary key references operation on delete cascade,
  -- The question with its pins written out, from which it is worked out again after a restart.
  question json not null,
  -- The answer; null until there is one.
  answer json,
  created_at timestamptz not null default clock_timestamp()
);
create index deployment_placement_created on deployment_placement (created_at);
