/**
 * What the two spellings of the AWS Price List bulk offer file (AmazonEC2, JSON and CSV) have in common. Kept: Linux without
 * further software on shared machines, by the hour, on demand or reserved (standard class).
 * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-an-offer.html
 */
import type { CanonicalRow } from '../sync/canonical-row.ts';
import { amountOf, bytesOfGib, countOf, stated } from './amounts.ts';
import { describe, type FeedItem, type FeedOptions, skipped } from './feed.ts';

const PROVIDER = 'aws';

/** The fields of a product that matter; those that nobody asks for are not remembered. */
export interface Product {
  readonly sku: string;
  readonly region: string;
  readonly vcpu: string | undefined;
  readonly memory: string | undefined;
}

/** Attribute names without capitals, spaces and signs: "Pre Installed S/W" and preInstalledSw differ in that alone. */
type Attributes = (name: string) => string | undefined;

const without = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
export const attributesOf = (entries: Iterable<readonly [string, unknown]>): Attributes => {
  const fields = new Map<string, string>();
  for (const [name, value] of entries)
    if (value !== '' && value !== undefined) fields.set(without(name), String(value));
  return (name) => fields.get(name);
};

/** A product to keep, or why it is none. */
export const productOf = (attribute: Attributes, family: string | undefined): Product | string => {
  if (!/^Compute Instance/.test(family ?? '')) return 'not a compute instance';
  const sku = attribute('instancetype');
  const region = attribute('regioncode');
  if (sku === undefined || region === undefined) return 'no instance type or region code';
  if (attribute('operatingsystem') !== 'Linux') return 'another operating system than Linux';
  if ((attribute('preinstalledsw') ?? 'NA') !== 'NA') return 'with software installed';
  if (attribute('tenancy') !== 'Shared') return 'another tenancy than shared';
  if ((attribute('capacitystatus') ?? 'Used') !== 'Used') return 'capacity reserved and not used';
  if ((attribute('marketoption') ?? 'OnDemand') !== 'OnDemand') return 'capacity blocks and other markets';
  return { sku, region, vcpu: attribute('vcpu'), memory: attribute('memory') };
};

/** The terms of an offer, as far as they matter. */
interface Term {
  readonly type: string;
  readonly leaseContractLength: string | undefined;
  readonly purchaseOption: string | undefined;
  readonly offeringClass: string | undefined;
  readonly effectiveDate: string | undefined;
}

export interface TermAmounts {
  readonly currency: string;
  /** As in the file; undefined where it has no such line. */
  readonly perHour: string | undefined;
  readonly upfront: string | undefined;
  readonly tiered: boolean;
}

const TERM_MONTHS: Readonly<Record<string, number>> = { '1yr': 12, '3yr': 36 };
const PAYMENTS = {
  'No Upfront': 'no_upfront',
  'Partial Upfront': 'partial_upfront',
  'All Upfront': 'all_upfront',
} as const;

export const paymentOf = ({
  purchaseOption,
}: Pick<Term, 'purchaseOption'>): (typeof PAYMENTS)[keyof typeof PAYMENTS] | undefined =>
  PAYMENTS[purchaseOption as keyof typeof PAYMENTS];

const timeOf = (date: string | undefined): string | undefined => {
  const ms = Date.parse(date ?? '');
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
};

const howItIsBought = (
  term: Term,
  { perHour, upfront }: TermAmounts,
): Pick<CanonicalRow, 'category' | 'termMonths' | 'payment' | 'amount' | 'upfront'> | string => {
  if (term.type === 'OnDemand') {
    const amount = amountOf(perHour);
    return amount === undefined ? 'no amount above zero' : { category: 'on_demand', amount };
  }
  if (term.type !== 'Reserved') return 'another way of buying than on demand and reserved';
  if (term.offeringClass === 'convertible') return 'convertible reservations';
  const termMonths = TERM_MONTHS[term.leaseContractLength ?? ''];
  const payment = paymentOf(term);
  if (termMonths === undefined || payment === undefined) return 'an unknown term or payment option';
  const hourly = amountOf(perHour);
  const once = amountOf(upfront);
  if (payment !== 'all_upfront' && hourly === undefined) return 'no amount above zero';
  if (payment !== 'no_upfront' && once === undefined) return 'a payment upfront without its amount';
  return { category: 'committed', termMonths, payment, amount: hourly ?? '0', ...stated({ upfront: once }) };
};

export const rowOf = (
  product: Product,
  term: Term,
  amounts: TermAmounts,
  date: string | undefined,
  options: FeedOptions,
): FeedItem => {
  if (amounts.tiered) return skipped('a price by volume');
  const how = howItIsBought(term, amounts);
  if (typeof how === 'string') return skipped(how);
  return {
    row: {
      provider: PROVIDER,
      region: product.region,
      sku: product.sku,
      ...describe(options, PROVIDER, product.sku, { kind: 'instance', deviceCount: 0 }),
      ...stated({ vcpus: countOf(product.vcpu), memoryBytes: bytesOfGib(product.memory) }),
      ...how,
      unit: 'hour',
      currency: amounts.currency,
      ...stated({ validFrom: timeOf(term.effectiveDate) }),
      source: 'AWS Price List bulk offer file AmazonEC2',
      confidence: 'vendor',
      ...stated({ sourceDate: date?.slice(0, 10), observedAt: timeOf(date) }),
    },
  };
};
