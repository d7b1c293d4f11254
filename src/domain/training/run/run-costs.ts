/** The bill of a run: hardware, experiments, data, storage, people, waiting, and what is added to them. */
import type { Device } from '../../devices/device.ts';
import { type AssumptionLog, estimated, exactly, type Quantity } from '../../economics/assumption.ts';
import { blockHours, isCapacityBlock, restOfBlock } from '../../economics/capacity-block.ts';
import { dataItems } from '../../economics/data-cost.ts';
import { bill, type DraftItem } from '../../economics/line-item.ts';
import { peopleItem, waitingItem } from '../../economics/people-cost.ts';
import { priceFactorWithSources } from '../../economics/price-uncertainty.ts';
import type { PriceUse } from '../../economics/price-use.ts';
import { priceUse } from '../../economics/price-use.ts';
import { customRentalItem, rentalItem } from '../../economics/rental-cost.ts';
import { CHECKPOINTS_KEPT, STORAGE_MONTHS, storageItem } from '../../economics/storage-cost.ts';
import { surchargeItems } from '../../economics/surcharges.ts';
import type { CostBreakdown } from '../../estimate/answer.ts';
import type { HardwarePricing, HardwareQuote } from '../../estimate/hardware-pricing.ts';
import type { Site } from '../../estimate/site-report.ts';
import { CURRENCY, toNumber } from '../../money.ts';
import { DAYS_PER_MONTH, HOURS_PER_YEAR, TB } from '../../units.ts';
import type { TrainingRequest } from '../request.ts';
import { runHardwareBill } from './run-hardware.ts';

interface RunCostQuestion {
  readonly request: TrainingRequest;
  readonly device: Device;
  readonly pricing: HardwarePricing;
  readonly quote: HardwareQuote;
  /** Whole instances and spares. */
  readonly deviceHoursPaid: Quantity;
  readonly experimentDeviceHours: Quantity;
  readonly days: Quantity;
  readonly datasetBytes: Quantity;
  readonly checkpointBytes: Quantity;
  /** Null where no text is cleaned: fine-tuning and images. */
  readonly tokensToClean: Quantity | null;
  readonly labelKind: 'text' | 'image';
  readonly clustered: boolean;
  readonly site: Site | null;
}

interface RunCosts {
  readonly cost: CostBreakdown;
  readonly prices: readonly PriceUse[];
}

export function runCosts(question: RunCostQuestion, log: AssumptionLog): RunCosts {
  const { request, pricing, days, deviceHoursPaid } = question;
  const hardware = runHardwareBill(question, deviceHoursPaid, question.site, log);
  const compute = hardware.drafts.reduce((sum, { amount }) => sum + toNumber(amount), 0);
  const rest = restItems(question, hardware.drafts);
  const items: DraftItem[] = [
    ...hardware.drafts,
    ...rest,
    ...experimentItems(question, compute),
    ...dataItems(
      {
        acquisitionUsd: request.data?.acquisitionUsd,
        tokensToClean: question.tokensToClean,
        cleaningUsdPerBillionTokens: request.data?.cleaningUsdPerBillionTokens,
        labels: request.data?.labels,
        usdPerLabel: request.data?.usdPerLabel,
        labelKind: question.labelKind,
      },
      log,
    ),
    ...storageItems(question, log),
    peopleItem(
      {
        ...request.people,
        runMonths: {
          ...days,
          value: days.value / DAYS_PER_MONTH,
          unit: 'months',
          source: `${days.source}, in months of 730 h`,
        },
        computeUsd: compute,
      },
      log,
    ),
    ...(request.waitingUsdPerDay === undefined ? [] : [waitingItem(request.waitingUsdPerDay, days)]),
  ];
  const devices = exactly(question.quote.devicesPaid, 'devices', 'devices paid for');
  const years = exactly(
    deviceHoursPaid.value / question.quote.devicesPaid / HOURS_PER_YEAR,
    'years',
    'length of the run',
  );
  const surcharges = surchargeItems(
    items,
    { ...request.surcharges, devices, years, ownership: pricing.mode === 'owned' ? 'owned' : 'rented' },
    CURRENCY,
  );
  const { items: lineItems, total, band, basis } = bill([...items, ...surcharges], CURRENCY);
  return { cost: { lineItems, total: { amount: total, band, basis } }, prices: hardware.prices };
}

/** The hours of a capacity block that the run leaves. */
function restItems({ quote, deviceHoursPaid }: RunCostQuestion, [rental]: readonly DraftItem[]): DraftItem[] {
  const { option, devicesPaid } = quote;
  if (option === null || rental === undefined || !isCapacityBlock(option)) return [];
  return [restOfBlock(rental, option, devicesPaid, deviceHoursPaid.value / devicesPaid)];
}

/** Experiments that the rest of a capacity block holds are paid for with it. */
function experimentHours({ experimentDeviceHours, quote, deviceHoursPaid }: RunCostQuestion): Quantity {
  if (!isCapacityBlock(quote.option)) return experimentDeviceHours;
  const rest = quote.devicesPaid * blockHours(deviceHoursPaid.value / quote.devicesPaid) - deviceHoursPaid.value;
  return {
    ...experimentDeviceHours,
    value: Math.max(experimentDeviceHours.value - rest, 0),
    source: `${experimentDeviceHours.source}, less those that the rest of the capacity block holds`,
  };
}

/** Experiments are run on the same hardware at the same price. */
function experimentItems(question: RunCostQuestion, compute: number): DraftItem[] {
  const { quote, request, pricing } = question;
  const deviceHours = experimentHours(question);
  if (deviceHours.value === 0) return [];
  const hours = {
    id: 'experiments',
    label: 'Experiments before the best run',
    category: 'experiments' as const,
    deviceHours,
  };
  if (request.purchase?.usdPerDeviceHour !== undefined) {
    return [customRentalItem(hours, request.purchase.usdPerDeviceHour, CURRENCY)];
  }
  if (pricing.mode === 'owned' || quote.option === null) {
    const perDeviceHour = compute / question.deviceHoursPaid.value;
    return [
      customRentalItem(
        { ...hours, label: `${hours.label}, at the owned cost per device-hour` },
        perDeviceHour.toFixed(9),
        CURRENCY,
      ),
    ];
  }
  const { snapshot, at } = pricing;
  const use = priceUse(quote.option.offer, quote.option.price, at);
  return [rentalItem(hours, quote.option, use, priceFactorWithSources(snapshot, use, at))];
}

function storageItems({ request, datasetBytes, checkpointBytes }: RunCostQuestion, log: AssumptionLog): DraftItem[] {
  const months = log.resolve(request.data?.storageMonths, STORAGE_MONTHS);
  return [
    storageItem(
      {
        id: 'storage.dataset',
        label: 'Storage of the data set',
        bytes: datasetBytes,
        copies: exactly(1, 'copies'),
        months,
        usdPerGbMonth: request.data?.storageUsdPerGbMonth,
      },
      log,
    ),
    storageItem(
      {
        id: 'storage.checkpoints',
        label: 'Storage of checkpoints',
        bytes: checkpointBytes,
        copies: log.resolve(request.data?.checkpointsKept, CHECKPOINTS_KEPT),
        months,
        usdPerGbMonth: request.data?.storageUsdPerGbMonth,
      },
      log,
    ),
  ];
}

export const datasetBytesGiven = (terabytes: number): Quantity => estimated(terabytes * TB, 'bytes', 'the request', []);
