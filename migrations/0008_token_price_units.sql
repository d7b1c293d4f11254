-- compatible
-- Tokens are sold at other prices in batches, and in requests whose prompt is long.
alter table price_identity drop constraint price_identity_unit_check;
alter table price_identity add constraint price_identity_unit_check check (unit in (
  'hour', 'each', 'million_input_tokens', 'million_output_tokens', 'million_cached_input_tokens',
  'million_batch_input_tokens', 'million_batch_output_tokens',
  'million_long_input_tokens', 'million_long_cached_input_tokens', 'million_long_output_tokens'));
