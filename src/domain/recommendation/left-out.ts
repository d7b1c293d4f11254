/** Every family of options that is not on offer, and why: counted, grouped by the limit, in pages. */
import type { Device } from '../devices/device.ts';
import { FAR, type Failure } from './constraints.ts';
import { type HardwareOption, optionId } from './option.ts';
import type { FamilyFault, PerformancePoint } from './performance/performance-point.ts';
import type { LeftOutPage } from './request.ts';

export interface LeftOutFamily {
  /** A device, a way of serving on it ("<device>/<engine>/<format>"), or a way of paying for it ("<device>@<category>@<provider>"). */
  readonly familyId: string;
  readonly deviceId: string;
  /** What rules it out; the first of `failures`. */
  readonly constraint: string;
  readonly detail: string;
  /** Everything that its nearest option breaks. */
  readonly failures: readonly Failure[];
  /** Options in the family; 0 where it was left out before any was worked out. */
  readonly options: number;
  /** The option of the family that breaks least; null where none was worked out. */
  readonly nearestOption: HardwareOption | null;
  readonly cheapestUsdPerMonth: number | null;
}

interface LeftOutGroup {
  readonly constraint: string;
  readonly count: number;
  /** The family that comes closest. */
  readonly nearest: LeftOutFamily;
}

export interface LeftOutReport {
  readonly families: number;
  readonly groups: readonly LeftOutGroup[];
  readonly items: readonly LeftOutFamily[];
  /** Null on the last page. */
  readonly nextOffset: number | null;
}

export const closeness = (failures: readonly Failure[]): number =>
  failures.reduce((sum, { excess }) => sum + 1 + (excess > FAR ? FAR + Math.log(excess / FAR) : excess), 0);

export function familyOfDevice(device: Device, failures: readonly Failure[]): LeftOutFamily {
  return {
    familyId: device.id,
    deviceId: device.id,
    constraint: failures[0]?.constraint ?? 'devices',
    detail: `${device.name} is outside of the devices asked for.`,
    failures,
    options: 0,
    nearestOption: null,
    cheapestUsdPerMonth: null,
  };
}

export function familyOfFault(fault: FamilyFault): LeftOutFamily {
  const { required, actual, unit, remedy } = fault;
  const margin = required !== null && actual !== null ? actual - required : null;
  const ratio = required !== null && actual !== null && required > 0 && actual > 0 ? actual / required : 2;
  return {
    familyId: fault.familyId,
    deviceId: fault.device.id,
    constraint: fault.constraint,
    detail: `${fault.device.name}: ${fault.detail}`,
    failures: [
      {
        constraint: fault.constraint,
        required,
        actual,
        margin,
        unit,
        excess: Math.max(ratio, 1 / ratio) - 1,
        change: remedy,
      },
    ],
    options: 0,
    nearestOption: null,
    cheapestUsdPerMonth: null,
  };
}

export function familyOfUnpriced({ id, device }: PerformancePoint): LeftOutFamily {
  return {
    familyId: id,
    deviceId: device.id,
    constraint: 'not_offered',
    detail: `${device.name} carries the load, but the catalog has no price for it, rented or bought.`,
    failures: [
      { constraint: 'not_offered', required: null, actual: null, margin: null, unit: null, excess: 1, change: null },
    ],
    options: 0,
    nearestOption: null,
    cheapestUsdPerMonth: null,
  };
}

/** Ways of paying for a device, and those of them of which no option holds every limit. */
export class OptionFamilies {
  readonly #families = new Map<string, Family>();

  add(option: HardwareOption, failures: readonly Failure[]): void {
    const key = `${option.point.device.id}@${option.category}@${option.providerId ?? option.country ?? 'anywhere'}`;
    const distance = closeness(failures);
    const known = this.#families.get(key);
    if (known === undefined) {
      this.#families.set(key, { option, failures, distance, count: 1, cheapest: option.usdPerMonth });
      return;
    }
    known.count++;
    known.cheapest = Math.min(known.cheapest, option.usdPerMonth);
    if (distance < known.distance || (distance === known.distance && option.usdPerMonth < known.option.usdPerMonth)) {
      known.option = option;
      known.failures = failures;
      known.distance = distance;
    }
  }

  leftOut(): LeftOutFamily[] {
    return [...this.#families].flatMap(([familyId, { option, failures, count, cheapest }]) => {
      const [first] = failures;
      if (first === undefined) return [];
      const seller = option.providerId === null ? '' : ` at ${option.providerId}`;
      return [
        {
          familyId,
          deviceId: option.point.device.id,
          constraint: first.constraint,
          detail: `${option.point.device.name}, ${option.category.replaceAll('_', ' ')}${seller}: ${inWords(first)}`,
          failures,
          options: count,
          nearestOption: option,
          cheapestUsdPerMonth: cheapest,
        },
      ];
    });
  }
}

interface Family {
  option: HardwareOption;
  failures: readonly Failure[];
  distance: number;
  count: number;
  cheapest: number;
}

function inWords({ constraint, required, actual, unit }: Failure): string {
  const show = (value: number | string | null): string => {
    if (value === null) return 'unknown';
    return typeof value === 'number' ? `${Number(value.toPrecision(4))}${unit === null ? '' : ` ${unit}`}` : value;
  };
  return `${constraint.replaceAll('_', ' ')} is ${show(actual)}, ${show(required)} asked for.`;
}

const DEFAULT_PAGE_ITEMS = 10;

export function leftOutReport(families: readonly LeftOutFamily[], page: LeftOutPage = {}): LeftOutReport {
  const groups = new Map<string, LeftOutGroup>();
  for (const family of families) {
    const group = groups.get(family.constraint);
    if (group === undefined)
      groups.set(family.constraint, { constraint: family.constraint, count: 1, nearest: family });
    else {
      const nearest = closenessOf(family) < closenessOf(group.nearest) ? family : group.nearest;
      groups.set(family.constraint, { ...group, count: group.count + 1, nearest });
    }
  }
  const wanted = families
    .filter(({ constraint }) => page.constraint === undefined || constraint === page.constraint)
    .filter(({ deviceId }) => page.device === undefined || deviceId === page.device)
    .sort((a, b) => closenessOf(a) - closenessOf(b) || (a.familyId < b.familyId ? -1 : 1));
  const offset = page.offset ?? 0;
  const end = offset + (page.limit ?? DEFAULT_PAGE_ITEMS);
  return {
    families: families.length,
    groups: [...groups.values()].sort((a, b) => b.count - a.count || (a.constraint < b.constraint ? -1 : 1)),
    items: wanted.slice(offset, end),
    nextOffset: end < wanted.length ? end : null,
  };
}

const closenessOf = ({ failures }: LeftOutFamily): number => closeness(failures);

export const nearestId = ({ nearestOption }: LeftOutFamily): string | null =>
  nearestOption === null ? null : optionId(nearestOption);
