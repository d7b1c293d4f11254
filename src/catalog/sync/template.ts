/** A price list to start from: one row of each kind. */
import { type CanonicalRow, CSV_HEADER, csvLine } from './canonical-row.ts';

const source = { source: 'Price list 2026-11', sourceDate: '2026-11-20' } as const;
const aws = { provider: 'aws', region: 'us-east-1', sku: 'p5.48xlarge', currency: 'USD', ...source } as const;

/** Rows that the catalog that ships takes as they are. */
const TEMPLATE_ROWS: readonly CanonicalRow[] = [
  { ...aws, category: 'on_demand', unit: 'hour', amount: '55.04', notes: 'Price by the hour of the whole instance.' },
  {
    ...aws,
    category: 'spot',
    unit: 'hour',
    amount: '21.57',
    observedAt: '2026-11-20T06:00:00Z',
    confidence: 'third_party',
  },
  {
    ...aws,
    category: 'committed',
    termMonths: 12,
    payment: 'all_upfront',
    unit: 'hour',
    amount: '0',
    upfront: '283000',
    notes: 'Everything upfront, so nothing by the hour.',
  },
  { ...aws, category: 'capacity_block', unit: 'hour', amount: '31.464' },
  {
    provider: 'street-price',
    sku: 'example-h100-server-8x',
    kind: 'server',
    deviceId: 'nvidia-h100-sxm5-80gb',
    deviceCount: 8,
    leadTimeDays: 45,
    category: 'purchase',
    unit: 'each',
    amount: '285000',
    currency: 'USD',
    ...source,
    notes: 'A new offer: kind, device and count describe it.',
  },
  {
    provider: 'street-price',
    sku: 'example-h100-server-8x',
    kind: 'server',
    deviceId: 'nvidia-h100-sxm5-80gb',
    deviceCount: 8,
    leadTimeDays: 45,
    category: 'purchase',
    tierFrom: 16,
    unit: 'each',
    amount: '271000',
    currency: 'USD',
    ...source,
    notes: 'The same from 16 pieces on.',
  },
  {
    provider: 'anthropic',
    sku: 'claude-3-haiku',
    category: 'token',
    unit: 'million_input_tokens',
    amount: '0.25',
    currency: 'USD',
    ...source,
  },
  {
    ...aws,
    region: 'us-west-2',
    category: 'on_demand',
    unit: 'hour',
    amount: '52.10',
    validFrom: '2026-12-01T00:00:00Z',
    notes: 'From a date on.',
  },
  {
    ...aws,
    sku: 'p3.16xlarge',
    category: 'on_demand',
    unit: 'hour',
    state: 'withdrawn',
    validFrom: '2026-12-31T00:00:00Z',
    notes: 'No longer sold from that date on; no amount.',
  },
];

export const templateCsv = (): string => `${[CSV_HEADER, ...TEMPLATE_ROWS.map(csvLine)].join('\r\n')}\r\n`;
