/** The sync and the quarantined row that the examples of paths name. */
import type pg from 'pg';

export const keepExampleSync = async (pool: pg.Pool): Promise<void> => {
  const id = '7d0f3c1e-93c5-4d5e-9a1f-2c4b8e6a1d01';
  await pool.query(
    `insert into operation (operation_id, kind, state, step, progress, unit_count, actor, finished_at)
     values ($1, 'price_sync', 'succeeded', 'succeeded', 1, 1, 'ADMIN_API_KEY', now())`,
    [id],
  );
  await pool.query(
    `insert into price_sync (price_sync_id, actor, request_sha256, body_sha256, source_id, mode, dry_run, scope, request_id, effective_at, row_count,
       counts, etag)
     values ($1, 'ADMIN_API_KEY', sha256('a'), sha256('b'), 'example', 'delta', true, '{"providers": [], "regions": [], "categories": []}', 'example',
       now(), 1, '{"rows": 1, "inserted": 0, "changed": 0, "closed": 0, "unchanged": 0, "rejected": 1, "quarantined": 1, "takenBack": 0,
       "offersAdded": 0}', '"example.0"')`,
    [id],
  );
  await pool.query(
    `insert into price_sync_rejection (price_sync_id, row_number, ordinal, field, rule, detail) values ($1, 1, 1, 'amount', 'negative',
       '''-5'' is below zero; a price is what is paid.')`,
    [id],
  );
  await pool.query(
    `insert into price_sync_difference (price_sync_id, ordinal, change, price_id, currency, valid_from, amount, upfront)
     values ($1, 1, 'inserted', 'aws/us-east-1/p5.48xlarge/spot', 'USD', '2026-11-24', 21.57, 0)`,
    [id],
  );
  await pool.query(
    `insert into price_sync_difference (price_sync_id, ordinal, change, price_id, currency, valid_from, old_amount, old_upfront, amount, upfront,
       row_number, rules, detail)
     values ($1, 2, 'changed', 'aws/us-east-1/p5.48xlarge/on_demand', 'USD', '2026-11-24', 55.04, 0, 40179.2, 0, 1, '{changed_much}',
       'It goes from 55.04 to 40179.2, 730.0 times as much.')`,
    [id],
  );
  await pool.query(`insert into catalog_source (id, kind, precedence) values ('example', 'price_list', 1000)`);
  await pool.query(
    `insert into price_quarantine (price_sync_id, source_id, row_number, price_id, currency, valid_from, row, old_amount, amount, upfront, amount_state,
       rules, detail, state)
     values ($1, 'example', 3, 'aws/us-east-1/p5.48xlarge/spot', 'USD', '2026-11-24', '{"identity": {"id": "aws/us-east-1/p5.48xlarge/spot",
       "offerId": "aws/us-east-1/p5.48xlarge", "category": "spot", "termMonths": 0, "payment": "none", "tierFrom": 0, "unit": "hour"},
       "provenance": {"source": "example", "sourceDate": null, "confidence": "vendor", "licence": null, "notes": null},
       "observedAt": "2026-11-24T00:00:00Z", "flags": [], "offer": null}', 21.57, 61, 0, 'in_force', '{spot_above_on_demand}',
       'Spot at 61 is above on-demand at 55.04.', 'waiting')`,
    [id],
  );
};
