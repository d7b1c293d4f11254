/** Nothing fits, or it is not offered there: the reasons, the nearest places, and a change that helps. */
import type { CatalogSnapshot } from '../catalog/snapshot.ts';
import type { Device } from '../devices/device.ts';
import type { AssumptionLog } from '../economics/assumption.ts';
import type { Exclusion } from '../estimate/answer.ts';
import type { HardwarePricing } from '../estimate/hardware-pricing.ts';
import { placeInWords } from '../estimate/place-words.ts';
import { placesElsewhere } from '../estimate/places-elsewhere.ts';
import { thousands } from '../estimate/words.ts';
import type { InfeasibleInference, WorkloadReport } from './estimate-result.ts';
import { deviceRemedy, firstRemedy, offerRemedies, type Remedy, type Serve } from './remedies.ts';
import type { InferenceRequest } from './request.ts';

interface InfeasibleCase {
  readonly snapshot: CatalogSnapshot;
  readonly request: InferenceRequest;
  readonly at: string;
  readonly workload: WorkloadReport;
  /** The device the caller named. */
  readonly device: Device | null;
  /** Most frequent first. */
  readonly reasons: readonly Exclusion[];
  /** Devices that would do and have no price there. */
  readonly unpriced: readonly Device[];
  readonly pricing: HardwarePricing;
  readonly servesAt: (device: Device, pricing: HardwarePricing) => boolean;
  readonly serve: Serve;
  /** Changes of the workload's limits and settings, best first. */
  readonly remedies: Iterable<readonly Remedy[]>;
  readonly log: AssumptionLog;
}

/** Each asks the performance model for one device once. */
const MOST_TRIES = 60;

export function infeasibleAnswer(question: InfeasibleCase): InfeasibleInference {
  const { snapshot, request, at, workload, reasons, unpriced, pricing, servesAt, serve, log } = question;
  const elsewhere = placesElsewhere({
    snapshot,
    purchase: request.purchase ?? {},
    at,
    unpriced,
    pricing,
    serves: servesAt,
    mostTries: MOST_TRIES,
  });
  function* remedies(): Generator<readonly Remedy[]> {
    // where hardly anything is offered, that is what fails
    const scarce = reasons[0]?.constraint === 'not_offered';
    if (scarce) yield* offerRemedies(snapshot, request, at, elsewhere);
    yield* question.remedies;
    if (!scarce && unpriced.length > 0) yield* offerRemedies(snapshot, request, at, elsewhere);
    yield* deviceRemedy(request, at, serve);
  }
  const relaxation = firstRemedy(remedies(), request, at, serve);
  return {
    status: 'infeasible',
    summary: summaryOf(question, elsewhere, relaxation),
    workload,
    reasons,
    elsewhere,
    relaxation,
    assumptions: log.list(),
    prices: [],
  };
}

function summaryOf(
  { snapshot, request, workload, device, reasons }: InfeasibleCase,
  elsewhere: InfeasibleInference['elsewhere'],
  relaxation: InfeasibleInference['relaxation'],
): string {
  const place = placeInWords(request);
  const who = device === null ? `No device offered ${place} serves` : `${device.name} does not serve`;
  const sentences = [`${who} ${workload.modelName} as asked.`];
  const [first] = reasons;
  if (first !== undefined) sentences.push(first.detail);
  const country = request.location?.country;
  if (country !== undefined && !snapshot.regions.some((region) => region.country === country)) {
    sentences.push(`The catalog knows no data centre in ${country}.`);
  }
  const [nearest] = elsewhere;
  if (nearest !== undefined) {
    const distance = nearest.distanceKm === null ? '' : `, ${thousands(nearest.distanceKm)} km away`;
    sentences.push(`The nearest place that offers one is ${nearest.regionId}${distance} (${nearest.deviceId}).`);
  }
  if (relaxation !== null) sentences.push(`With ${relaxation.field} ${relaxation.to}, ${relaxation.effect}.`);
  return sentences.join(' ');
}
