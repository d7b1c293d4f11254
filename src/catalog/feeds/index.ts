/** The formats of published price files that can be turned into canonical rows. A new one is one line here. */
import { awsCalculator } from './aws-calculator.ts';
import { awsPriceList } from './aws-price-list.ts';
import { awsPriceListCsv } from './aws-price-list-csv.ts';
import { azureRetailPrices } from './azure-retail-prices.ts';
import { cloudGpus } from './cloud-gpus.ts';
import type { Feed } from './feed.ts';
import { gcosts } from './gcosts.ts';
import { genaiPrices } from './genai-prices.ts';
import { gpuhuntTpu } from './gpuhunt-tpu.ts';
import { litellm } from './litellm.ts';
import { oraclePriceList } from './oracle-price-list.ts';

export const FEEDS: readonly Feed[] = [
  awsCalculator,
  awsPriceList,
  awsPriceListCsv,
  azureRetailPrices,
  cloudGpus,
  gcosts,
  genaiPrices,
  gpuhuntTpu,
  litellm,
  oraclePriceList,
];

export const feedOf = (format: string): Feed | undefined => FEEDS.find((feed) => feed.format === format);

/** The formats that can be sent as they are, by media type. */
export const SENT_FEEDS: ReadonlyMap<string, Feed> = new Map(
  FEEDS.flatMap((feed) => (feed.mediaType === undefined ? [] : [[feed.mediaType, feed] as const])),
);
