/**
 * AWS Price List bulk offer file, CSV: five lines about the file, then a header, then one line per rate. What is paid upfront
 * and what by the hour are two lines of one offer term, so those of unfinished terms are remembered.
 */
import { attributesOf, paymentOf, productOf, rowOf, type TermAmounts } from './aws-offer.ts';
import { csvRecords } from './csv-records.ts';
import { type Feed, FeedFormatError, skipped } from './feed.ts';

const SKU = 'sku';
/** In the files of AWS both lines of a term stand together. */
const MOST_UNFINISHED = 100_000;

export const awsPriceListCsv: Feed = {
  format: 'aws-price-list-csv',
  mediaType: 'application/vnd.price-feed.aws-price-list+csv',
  description: 'AWS Price List bulk offer file of AmazonEC2 (CSV), of one region or all.',
  async *convert(input, options) {
    const records = csvRecords<readonly string[]>(input, { relax_column_count: true });
    let header: readonly string[] | undefined;
    let date = options.date;
    const unfinished = new Map<string, Partial<TermAmounts>>();
    for await (const record of records) {
      if (header === undefined) {
        if (record[0] === 'Publication Date') date = record[1] ?? date;
        if (record[0]?.toLowerCase() === SKU) header = record;
        continue;
      }
      const columns = header;
      const field = attributesOf(record.map((value, index) => [columns[index] ?? '', value]));
      const product = productOf(field, field('productfamily'));
      if (typeof product === 'string') {
        yield skipped(product);
        continue;
      }
      const term = {
        type: field('termtype') ?? '',
        leaseContractLength: field('leasecontractlength'),
        purchaseOption: field('purchaseoption'),
        offeringClass: field('offeringclass'),
        effectiveDate: field('effectivedate'),
      };
      const currency = field('currency') ?? 'USD';
      const key = `${field(SKU)}.${field('offertermcode')}.${currency}`;
      const line: Partial<TermAmounts> =
        field('unit') === 'Quantity'
          ? { upfront: field('priceperunit') }
          : { perHour: field('priceperunit'), tiered: Number(field('startingrange') ?? 0) > 0 };
      const amounts = { ...unfinished.get(key), ...line };
      const payment = paymentOf(term);
      const needsUpfront = payment === 'partial_upfront' || payment === 'all_upfront';
      if (needsUpfront && !('upfront' in amounts && 'perHour' in amounts)) {
        unfinished.set(key, amounts);
        if (unfinished.size > MOST_UNFINISHED)
          throw new FeedFormatError(`More than ${MOST_UNFINISHED} terms have one half only; AWS puts both together.`);
        continue;
      }
      unfinished.delete(key);
      yield rowOf(
        product,
        term,
        { currency, perHour: amounts.perHour, upfront: amounts.upfront, tiered: amounts.tiered === true },
        date,
        options,
      );
    }
    if (header === undefined)
      throw new FeedFormatError('The file has no line that begins with SKU; it is not an AWS offer file.');
    if (unfinished.size > 0) yield skipped('a payment upfront of which one half is missing', unfinished.size);
  },
};
