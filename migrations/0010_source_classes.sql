-- compatible
-- How fresh each class of prices of a source is: a list of spot prices says nothing of how old the on-demand ones are.
create table catalog_source_class (
  source_key smallint not null references catalog_source,
  category text not null check (category in ('on_demand', 'spot', 'committed', 'capacity_block', 'purchase', 'token')),
  -- When a list last spoke of the class, changed or not, and when one last changed something in it.
  last_success_at timestamptz not null,
  last_change_at timestamptz,
  primary key (source_key, category)
);
