/** Acquisition, cleaning and labelling of training data. */
import { unitAmount } from '../money.ts';
import { type AssumptionLog, exactly, type Quantity, sourcedDefault } from './assumption.ts';
import { type DraftItem, lineItem } from './line-item.ts';

const CLEANING_USD_PER_BILLION_TOKENS = sourcedDefault({
  id: 'data.cleaning_usd_per_billion_tokens',
  field: '/data/cleaningUsdPerBillionTokens',
  value: 32,
  unit: 'USD per billion tokens',
  range: { low: 3, high: 100 },
  kind: 'sourced',
  source:
    'FineWeb: about 120,000 H100-hours for 15 T tokens (Hugging Face, 2024), at 4 USD/h 32 USD per billion tokens; reusing a public clean corpus costs a tenth, new sources several times as much',
  reason: 'Filtering, deduplication and checks of public web data; licences for bought data are not in it',
});

const USD_PER_TEXT_LABEL = sourcedDefault({
  id: 'data.usd_per_label.text',
  field: '/data/usdPerLabel',
  value: 1,
  unit: 'USD per label',
  range: { low: 0.4, high: 2 },
  kind: 'sourced',
  source: 'preference pairs 0.40-2.00 USD, expert pairs 5-20 USD (pccvdi.com training-data cost benchmarks 2026)',
  reason: 'Price of a labelled text or preference pair',
});

const USD_PER_IMAGE_LABEL = sourcedDefault({
  id: 'data.usd_per_label.image',
  field: '/data/usdPerLabel',
  value: 0.06,
  unit: 'USD per label',
  range: { low: 0.02, high: 0.12 },
  kind: 'sourced',
  source: 'bounding box 0.02-0.12 USD (welabeldata.com 2026, pccvdi.com 2026); polygons 0.20-1.50 USD',
  reason: 'Price of a box or class label on an image',
});

interface DataQuery {
  /** Decimal string, USD; no line where absent: public data is free to take. */
  readonly acquisitionUsd?: string | undefined;
  /** Distinct tokens of the data set; null: nothing is cleaned (fine-tuning on prepared data, images). */
  readonly tokensToClean: Quantity | null;
  readonly cleaningUsdPerBillionTokens?: number | undefined;
  /** No line where absent: labels are counted only when asked for. */
  readonly labels?: number | undefined;
  readonly usdPerLabel?: number | undefined;
  readonly labelKind: 'text' | 'image';
}

const TOKENS_PER_BILLION = 1e9;

export function dataItems(query: DataQuery, log: AssumptionLog): DraftItem[] {
  return [...acquisition(query), ...cleaning(query, log), ...labelling(query, log)];
}

function acquisition({ acquisitionUsd }: DataQuery): DraftItem[] {
  if (acquisitionUsd === undefined) return [];
  return [
    lineItem({
      id: 'data.acquisition',
      label: 'Acquisition of data',
      category: 'data',
      formula: 'acquisition',
      quantity: 1,
      unitAmount: acquisitionUsd,
      currency: 'USD',
      inputs: { acquisition: exactly(Number(acquisitionUsd), 'USD') },
    }),
  ];
}

function cleaning({ tokensToClean, cleaningUsdPerBillionTokens }: DataQuery, log: AssumptionLog): DraftItem[] {
  if (tokensToClean === null) return [];
  const pricePerBillionTokens = log.resolve(cleaningUsdPerBillionTokens, CLEANING_USD_PER_BILLION_TOKENS);
  return [
    lineItem({
      id: 'data.cleaning',
      label: 'Cleaning and filtering of data',
      category: 'data',
      formula: 'tokens / 10^9 x pricePerBillionTokens',
      quantity: tokensToClean.value / TOKENS_PER_BILLION,
      unitAmount: unitAmount(pricePerBillionTokens.value),
      currency: 'USD',
      inputs: { tokens: tokensToClean, pricePerBillionTokens },
    }),
  ];
}

function labelling({ labels, usdPerLabel, labelKind }: DataQuery, log: AssumptionLog): DraftItem[] {
  if (labels === undefined) return [];
  const pricePerLabel = log.resolve(usdPerLabel, labelKind === 'text' ? USD_PER_TEXT_LABEL : USD_PER_IMAGE_LABEL);
  return [
    lineItem({
      id: 'data.labelling',
      label: 'Labelling',
      category: 'data',
      formula: 'labels x pricePerLabel',
      quantity: labels,
      unitAmount: unitAmount(pricePerLabel.value),
      currency: 'USD',
      inputs: { labels: exactly(labels, 'labels'), pricePerLabel },
    }),
  ];
}
