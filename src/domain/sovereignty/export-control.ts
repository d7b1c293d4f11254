/**
 * US export control on advanced accelerators, as a check on whether hardware can be had at a place by an end user: licences
 * go by the performance of the chip, the destination, and the headquarters of the user and of its ultimate parent wherever
 * the hardware stands. Applies to chips of other makers, too, where US technology is in them. Not legal advice.
 */
import { COMPUTE_FORMATS, type ComputeFormat, type Device } from '../devices/device.ts';
import rules from './export-control.json' with { type: 'json' };
import { countryOf } from './jurisdiction.ts';
import type { ResidencyVerdict } from './residency-rule.ts';

type ExportedDevice = Pick<Device, 'name' | 'class' | 'densePeakFlops' | 'memoryBandwidthBytesPerSecond'>;

interface EndUser {
  /** Undefined: not known. */
  readonly headquartersCountry?: string | undefined;
  /** Undefined: the user has no parent elsewhere. */
  readonly ultimateParentCountry?: string | undefined;
}

export interface ExportVerdict {
  /** allowed: no licence; allowed-with-safeguard: licence, case by case; prohibited: licence presumed denied. */
  readonly verdict: ResidencyVerdict;
  /** Tera-operations per second, dense, times the bits of the operation: the largest over the formats. Null: no peak known. */
  readonly totalProcessingPerformance: number | null;
  /** An embargo bars the place or the end user, whatever the hardware. */
  readonly embargoed: boolean;
  readonly rule: string;
  readonly citation: string;
  readonly safeguards: readonly string[];
  readonly source: string;
  readonly asOf: string;
  /** Have it checked: read in summaries, country lists in part from general knowledge. */
  readonly reviewFlag: boolean;
}

const TERA_OPERATIONS = 1e12;
const BYTES_PER_GIGABYTE = 1e9;

const BITS: Readonly<Record<ComputeFormat, number>> = {
  fp64: 64,
  fp32: 32,
  tf32: 19,
  bf16: 16,
  fp16: 16,
  fp8: 8,
  int8: 8,
  fp4: 4,
  int4: 4,
};

/** 2 x MacTOPS x bit length (technical note 2 to ECCN 3A090); a multiply and an add count as two operations in both. */
export function totalProcessingPerformance({ densePeakFlops }: Pick<ExportedDevice, 'densePeakFlops'>): number | null {
  const all = COMPUTE_FORMATS.flatMap((format) => {
    const peak = densePeakFlops[format];
    return peak === undefined ? [] : [(peak / TERA_OPERATIONS) * BITS[format]];
  });
  return all.length === 0 ? null : Math.max(...all);
}

export function exportControl(device: ExportedDevice, destinationCountry: string, endUser: EndUser): ExportVerdict {
  const byPerformance = performanceControl(device, destinationCountry, endUser);
  const embargoed = [destinationCountry, endUser.headquartersCountry, endUser.ultimateParentCountry]
    .filter((country) => country !== undefined)
    .map(countryOf)
    .find((country) => rules.embargoed.countries.includes(country));
  if (embargoed === undefined) return byPerformance;
  return {
    ...byPerformance,
    verdict: byPerformance.verdict === 'allowed' ? 'needs-counsel' : byPerformance.verdict,
    embargoed: true,
    rule: `${byPerformance.rule}${byPerformance.verdict === 'allowed' ? ', but' : ';'} 15 CFR part 746 restricts nearly all hardware for ${embargoed}`,
    reviewFlag: true,
  };
}

/** ECCN 3A090 alone, which lets small chips and processors go anywhere. */
function performanceControl(device: ExportedDevice, destinationCountry: string, endUser: EndUser): ExportVerdict {
  const performance = totalProcessingPerformance(device);
  const answer = (verdict: ResidencyVerdict, rule: string, ...safeguards: string[]): ExportVerdict => ({
    verdict,
    totalProcessingPerformance: performance,
    embargoed: false,
    rule,
    citation: rules.citation,
    safeguards,
    source: rules.source,
    asOf: rules.asOf,
    reviewFlag: verdict !== 'allowed' || performance === null || performance >= rules.densityTotalProcessingPerformance,
  });

  if (device.class === 'cpu') return answer('allowed', 'General-purpose processors are outside ECCN 3A090');
  const destination = countryOf(destinationCountry);
  if (destination === 'US' && isFree(endUser)) return answer('allowed', 'Nothing leaves the United States');
  if (performance === null)
    return answer('needs-counsel', `The performance of ${device.name} that ECCN 3A090 goes by is not known`);
  const figure = `total processing performance of ${Math.round(performance)}`;
  if (performance < rules.densityTotalProcessingPerformance)
    return answer('allowed', `A ${figure} is below ECCN 3A090`);

  const users = [endUser.headquartersCountry, endUser.ultimateParentCountry]
    .filter((country) => country !== undefined)
    .map(countryOf);
  const barred = [destination, ...users].find((country) => rules.presumedDenied.countries.includes(country));
  const restricted = rules.licence.countries.includes(destination);
  if (barred === undefined && endUser.headquartersCountry === undefined)
    return answer('needs-counsel', `A ${figure} is controlled by end user, and its headquarters is not known`);
  if (barred === undefined && !restricted)
    return answer('allowed', `A ${figure} needs no licence for ${destination} and a user based in ${users.join(', ')}`);
  if (performance < rules.controlledTotalProcessingPerformance && device.class === 'edge')
    return answer(
      'needs-counsel',
      `A ${figure} is in the range of ECCN 3A090 by its density, but note 2 frees "items that are not designed or marketed for use in datacenters" below ${rules.controlledTotalProcessingPerformance}; the classification by the maker of ${device.name} was not read`,
      'Classification (ECCN) of the maker for this module',
    );
  if (performance < rules.controlledTotalProcessingPerformance)
    return answer(
      'needs-counsel',
      `A ${figure} is controlled or not by its density over the area of the die, which is not known here`,
    );
  if (barred === undefined)
    return answer(
      'allowed-with-safeguard',
      `A ${figure} is within ECCN 3A090: licence for ${destination}, case by case`,
      'Licence of the Bureau of Industry and Security for destination and end user',
    );
  if (isCaseByCase(device, performance, [destination, ...users]))
    return answer(
      'allowed-with-safeguard',
      `A ${figure} with less than ${rules.caseByCase.belowDramGigabytesPerSecond} GB/s of memory bandwidth: from the United States to ${barred} case by case since 15 January 2026; re-exports stay presumed denied`,
      'Licence of the Bureau of Industry and Security, from the United States only',
    );
  return answer(
    'prohibited',
    barred === destination
      ? `A ${figure} is within ECCN 3A090: licence for ${destination} presumed denied`
      : `A ${figure} is within ECCN 3A090: the user or its ultimate parent is based in ${barred}, so a licence is needed anywhere and presumed denied`,
  );
}

/** No user in a barred country is known. */
const isFree = ({ headquartersCountry, ultimateParentCountry }: EndUser): boolean =>
  [headquartersCountry, ultimateParentCountry].every(
    (country) => country === undefined || !rules.presumedDenied.countries.includes(countryOf(country)),
  );

function isCaseByCase(device: ExportedDevice, performance: number, places: readonly string[]): boolean {
  const { countries, belowTotalProcessingPerformance, belowDramGigabytesPerSecond } = rules.caseByCase;
  const bandwidth = device.memoryBandwidthBytesPerSecond;
  return (
    places.every((place) => countries.includes(place) || !rules.presumedDenied.countries.includes(place)) &&
    performance < belowTotalProcessingPerformance &&
    bandwidth !== null &&
    bandwidth / BYTES_PER_GIGABYTE < belowDramGigabytesPerSecond
  );
}
