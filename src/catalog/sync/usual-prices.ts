/**
 * What one device (or token, or host processor) costs according to all that the public catalog knows: the measure for a price that has
 * no earlier one to be held against.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Offer } from '../../domain/catalog/offers.ts';
import { HOURS_PER_MONTH } from '../../domain/units.ts';
import type { CatalogView } from '../snapshot.ts';
import type { SyncRun } from './run.ts';

/**
 * How many times beyond the known prices of just this a new one may lie: where at least MANY are known, and where fewer are. Real prices of one
 * device differ by six times and more, so that no tight measure is possible. Of the 6,243 prices in the seed that others have the like of, 17 lie
 * beyond what all other providers charge (0.3 %: one T4 in a host of 64 processors, Google's H100 by the piece); of the same by the month instead of
 * the hour all but two do, of the same a hundred times or a hundredth nine tenths, of a machine's price for one device half, the other way round a quarter.
 * Six published files of 2025 and 2026 laid over the seed (5,133 first prices) have two held back, both doubtful.
 */
const FACTOR = 3;
const FACTOR_OF_FEW = 10;
const MANY = 10;
/** Where none is known of just this: beyond those of all devices of its class, of tokens of all models, of processors of all hosts. */
const FACTOR_OF_ALIKE = 30;
/** Spot and negotiated prices reach a tenth of the list price: of Google's spot prices in July 2026 of L4 and A100, 61 lay more than three times below all else. */
const LEAST_FACTOR_BELOW_LIST = 10;
/** Share of the known prices left out at either end, so that one bad price does not widen the range. */
const TAIL = 1 / 50;
/** Offers that are looked at for one range, spread evenly over all there are. */
const MOST_OFFERS = 1000;
/** Of each device, for the range of a class. */
const MOST_OFFERS_ALIKE = 100;

/** What a price may be by what is known, in one unit and currency, for one of `subject`. */
interface UsualPrices {
  readonly subject: string;
  readonly unit: string;
  readonly currency: string;
  /** Less than `low` or more than `high` does not look right. */
  readonly low: number;
  readonly high: number;
  /** In place of `low`, for what is sold below list prices: spot, and prices of one buyer. */
  readonly lowest: number;
  /** What `known` prices lie between, but for the tails. */
  readonly cheapest: number;
  readonly dearest: number;
  readonly known: number;
  /** For sentences: what they are of, and what a new price is of. */
  readonly of: string;
  readonly one: string;
}

type Priced = Pick<Offer, 'deviceId' | 'deviceCount' | 'modelId' | 'kind' | 'vcpus'>;

const DEVICE = 'device ';
const MODEL = 'model ';
const TOKENS = 'tokens';
const PROCESSOR = 'processor';

/** How many of what it is compared by are in an offer. */
const partsOf = ({ deviceId, deviceCount, modelId, kind, vcpus }: Priced): number =>
  deviceId !== null ? deviceCount : modelId !== null || kind === 'token' ? 1 : (vcpus ?? 0);

/** The same in SQL over a row that has columns of an offer as text. 0 parts: it can be compared by nothing. */
export const SUBJECT = `case when device_id is not null then '${DEVICE}' || device_id when model_id is not null then '${MODEL}' || model_id
  when kind = 'token' then '${TOKENS}' else '${PROCESSOR}' end`;
export const PARTS = `coalesce(case when device_id is not null then device_count when model_id is not null or kind = 'token' then '1' else vcpus end, '0')::numeric`;

interface Range {
  readonly cheapest: number;
  readonly dearest: number;
  readonly known: number;
}

/** By unit and currency. */
type Ranges = ReadonlyMap<string, Range>;

const spread = (offers: readonly Offer[], most: number): readonly Offer[] => {
  if (offers.length <= most) return offers;
  return Array.from({ length: most }, (_, index) => offers[Math.floor((index * offers.length) / most)] as Offer);
};

const rangesOf = (view: CatalogView, at: string, offers: readonly Offer[]): Ranges => {
  const known = new Map<string, number[]>();
  for (const offer of offers) {
    const parts = partsOf(offer);
    if (!(parts > 0)) continue;
    for (const { kind, currency, amount, upfront } of view.figuresOfOffer(offer.id, at)) {
      const whole = amount + (kind.termMonths > 0 ? upfront / (kind.termMonths * HOURS_PER_MONTH) : 0);
      if (!(whole > 0)) continue;
      const key = `${kind.unit} ${currency}`;
      const amounts = known.get(key) ?? [];
      known.set(key, amounts);
      amounts.push(whole / parts);
    }
  }
  return new Map([...known].map(([key, amounts]) => [key, rangeOf(amounts)]));
};

const rangeOf = (amounts: readonly number[]): Range => {
  const sorted = Float64Array.from(amounts).sort();
  const tail = Math.floor(sorted.length * TAIL);
  return { cheapest: sorted[tail] ?? 0, dearest: sorted[sorted.length - 1 - tail] ?? 0, known: sorted.length };
};

/**
 * @param subjects as SUBJECT names them
 * @returns for each that prices are known of, or of its like: some for each, by unit and currency.
 */
export const usualPrices = async (
  { view, effectiveAt }: Pick<SyncRun, 'view' | 'effectiveAt'>,
  subjects: readonly string[],
): Promise<readonly UsualPrices[]> => {
  const comparing = new Comparing(view);
  const rangesAlike = new Map<string, Ranges>();
  const usual: UsualPrices[] = [];
  const add = (subject: string, key: string, range: Range, factor: number, of: string): void => {
    const [unit = '', currency = ''] = key.split(' ');
    const [low, high] = [range.cheapest / factor, range.dearest * factor];
    const lowest = range.cheapest / Math.max(factor, LEAST_FACTOR_BELOW_LIST);
    usual.push({
      subject,
      unit,
      currency,
      ...range,
      low,
      high,
      lowest,
      of: unit.startsWith('million_') ? `${of} by ${unit}` : of,
      one: oneOf(subject),
    });
  };
  for (const subject of subjects) {
    const { own, ownOf, others, othersOf } = comparing.with(subject);
    const ranges = rangesOf(view, effectiveAt, spread(own, MOST_OFFERS));
    for (const [key, range] of ranges) add(subject, key, range, range.known < MANY ? FACTOR_OF_FEW : FACTOR, ownOf);
    const alike = rangesAlike.get(othersOf) ?? rangesOf(view, effectiveAt, others());
    rangesAlike.set(othersOf, alike);
    for (const [key, range] of alike) {
      if (!ranges.has(key) && range.known >= MANY) add(subject, key, range, FACTOR_OF_ALIKE, othersOf);
    }
    await nextTurn();
  }
  return usual;
};

const oneOf = (subject: string): string =>
  subject.startsWith(DEVICE)
    ? `one ${subject.slice(DEVICE.length)}`
    : subject === PROCESSOR
      ? 'one processor'
      : 'a million tokens';

interface Comparable {
  readonly own: readonly Offer[];
  readonly ownOf: string;
  readonly others: () => readonly Offer[];
  readonly othersOf: string;
}

const NONE: readonly Offer[] = [];

/** Which offers sell the same as a subject, and which ones the like of it. */
class Comparing {
  readonly #view: CatalogView;
  #byModel: Map<string | null, Offer[]> | undefined;

  constructor(view: CatalogView) {
    this.#view = view;
  }

  with(subject: string): Comparable {
    if (subject.startsWith(DEVICE)) return this.#device(subject.slice(DEVICE.length));
    if (subject === PROCESSOR) {
      const hosts = (): readonly Offer[] =>
        spread(
          this.#view.offersOfDevice(null).filter((it) => !isOfModel(it)),
          MOST_OFFERS,
        );
      return { own: NONE, ownOf: '', others: hosts, othersOf: 'the processors of any host' };
    }
    this.#byModel ??= Map.groupBy(this.#view.offersOfDevice(null).filter(isOfModel), ({ modelId }) => modelId);
    const byModel = this.#byModel;
    const modelId = subject.startsWith(MODEL) ? subject.slice(MODEL.length) : '';
    return {
      own: byModel.get(modelId) ?? NONE,
      ownOf: modelId,
      others: () => spread([...byModel.values()].flat(), MOST_OFFERS),
      othersOf: 'any model',
    };
  }

  #device(deviceId: string): Comparable {
    const deviceClass = this.#view.device(deviceId)?.class;
    const alike = this.#view.devices.filter((device) => device.class === deviceClass);
    return {
      own: this.#view.offersOfDevice(deviceId),
      ownOf: deviceId,
      others: () => alike.flatMap(({ id }) => spread(this.#view.offersOfDevice(id), MOST_OFFERS_ALIKE)),
      othersOf: `any device of the class ${deviceClass}`,
    };
  }
}

const isOfModel = ({ modelId, kind }: Offer): boolean => modelId !== null || kind === 'token';
