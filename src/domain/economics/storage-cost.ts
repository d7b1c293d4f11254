/** Data sets and checkpoints at rest. */
import { unitAmount } from '../money.ts';
import { GB } from '../units.ts';
import { type AssumptionLog, type Quantity, sourcedDefault } from './assumption.ts';
import { type DraftItem, lineItem } from './line-item.ts';

const OBJECT_STORAGE_USD_PER_GB_MONTH = sourcedDefault({
  id: 'storage.object_usd_per_gb_month',
  field: '/data/storageUsdPerGbMonth',
  value: 0.023,
  unit: 'USD per GB and month',
  range: { low: 0.015, high: 0.03 },
  kind: 'sourced',
  source:
    'Amazon S3 Standard list price, first 50 TB, us-east-1 (learning-aws.readthedocs.io); other large clouds 0.018-0.026',
  reason: 'Object storage',
});

export const DATASET_BYTES_PER_TOKEN = sourcedDefault({
  id: 'storage.dataset_bytes_per_token',
  field: '/data/datasetTerabytes',
  value: 3,
  unit: 'bytes per token',
  range: { low: 2, high: 6 },
  kind: 'sourced',
  source: 'FineWeb: 45 TB for 15 T tokens (Hugging Face, 2024); raw text is 4-5 bytes, token ids 2-4 bytes per token',
  reason: 'No size of the data set was given',
});

export const STORAGE_MONTHS = sourcedDefault({
  id: 'storage.months',
  field: '/data/storageMonths',
  value: 6,
  unit: 'months',
  range: { low: 2, high: 12 },
  kind: 'assumed',
  source: 'judgement: preparation, the run and some time after',
  reason: 'How long the data set is kept',
});

export const CHECKPOINTS_KEPT = sourcedDefault({
  id: 'storage.checkpoints_kept',
  field: '/data/checkpointsKept',
  value: 10,
  unit: 'checkpoints',
  range: { low: 3, high: 50 },
  kind: 'assumed',
  source: 'judgement: the last few to restart from and some along the way',
  reason: 'Checkpoints kept at the same time',
});

interface StoredBytes {
  /** Stable within the bill: "storage.dataset". */
  readonly id: string;
  readonly label: string;
  readonly bytes: Quantity;
  /** How many such objects are kept at the same time. */
  readonly copies: Quantity;
  readonly months: Quantity;
  /** The caller's own price. */
  readonly usdPerGbMonth?: number | undefined;
}

/** bytes / 10^9 x copies x months x price per GB and month. */
export function storageItem(stored: StoredBytes, log: AssumptionLog): DraftItem {
  const pricePerGigabyteMonth = log.resolve(stored.usdPerGbMonth, OBJECT_STORAGE_USD_PER_GB_MONTH);
  const { bytes, copies, months } = stored;
  return lineItem({
    id: stored.id,
    label: stored.label,
    category: 'storage',
    formula: 'bytes / 10^9 x copies x months x pricePerGigabyteMonth',
    quantity: (bytes.value / GB) * copies.value * months.value,
    unitAmount: unitAmount(pricePerGigabyteMonth.value),
    currency: 'USD',
    inputs: { bytes, copies, months, pricePerGigabyteMonth },
  });
}
