/** AWS Price List bulk offer file, JSON: products first, then terms. Remembers the products that are kept, nothing else. */
import { attributesOf, type Product, productOf, rowOf } from './aws-offer.ts';
import { type Feed, FeedFormatError, type FeedItem, type FeedOptions, skipped } from './feed.ts';
import { type JsonPath, jsonValues } from './json-values.ts';

interface OfferTerm {
  readonly effectiveDate?: string;
  readonly termAttributes?: Readonly<Record<string, string>>;
  readonly priceDimensions?: Readonly<Record<string, PriceDimension>>;
}

interface PriceDimension {
  readonly unit?: string;
  readonly beginRange?: string;
  readonly pricePerUnit?: Readonly<Record<string, string>>;
}

const isWanted = (path: JsonPath): boolean =>
  (path.length === 1 && path[0] === 'publicationDate') ||
  (path.length === 2 && path[0] === 'products') ||
  (path.length === 4 && path[0] === 'terms');

function* rowsOfTerm(
  product: Product,
  type: string,
  { effectiveDate, termAttributes = {}, priceDimensions = {} }: OfferTerm,
  date: string | undefined,
  options: FeedOptions,
): Generator<FeedItem> {
  const dimensions = Object.values(priceDimensions);
  const currencies = new Set(dimensions.flatMap(({ pricePerUnit = {} }) => Object.keys(pricePerUnit)));
  if (currencies.size === 0) yield skipped('no price in any currency');
  const amount = (unit: string, currency: string): string | undefined =>
    dimensions.find((dimension) => dimension.unit === unit)?.pricePerUnit?.[currency];
  for (const currency of currencies) {
    yield rowOf(
      product,
      {
        type,
        leaseContractLength: termAttributes.LeaseContractLength,
        purchaseOption: termAttributes.PurchaseOption,
        offeringClass: termAttributes.OfferingClass,
        effectiveDate,
      },
      {
        currency,
        perHour: amount('Hrs', currency),
        upfront: amount('Quantity', currency),
        tiered: dimensions.some(({ beginRange }) => Number(beginRange ?? 0) > 0),
      },
      date,
      options,
    );
  }
}

export const awsPriceList: Feed = {
  format: 'aws-price-list',
  mediaType: 'application/vnd.price-feed.aws-price-list+json',
  description: 'AWS Price List bulk offer file of AmazonEC2 (JSON), of one region or all.',
  async *convert(input, options) {
    const products = new Map<string, Product | string>();
    let date = options.date;
    let termsSeen = false;
    for await (const { path, value } of jsonValues(input, isWanted)) {
      if (path[0] === 'publicationDate') {
        date = String(value);
      } else if (path[0] === 'products') {
        if (termsSeen) throw new FeedFormatError('The file has products after terms; it is not an AWS offer file.');
        const { productFamily, attributes = {} } = value as {
          productFamily?: string;
          attributes?: Record<string, string>;
        };
        products.set(String(path[1]), productOf(attributesOf(Object.entries(attributes)), productFamily));
      } else {
        termsSeen = true;
        const product = products.get(String(path[2])) ?? 'a term of a product that the file does not have';
        if (typeof product === 'string') yield skipped(product);
        else yield* rowsOfTerm(product, String(path[1]), value as OfferTerm, date, options);
      }
    }
  },
};
