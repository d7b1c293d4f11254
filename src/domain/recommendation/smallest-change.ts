/** Nothing holds every limit: the smallest changes of the request that let something in, each found by applying it. */
import { AssumptionLog } from '../economics/assumption.ts';
import { PROMPT_MEAN } from '../inference/defaults.ts';
import { withAcceptedTerms } from './accepted-terms.ts';
import type { Change, Failure } from './constraints.ts';
import { closeness } from './left-out.ts';
import type { HardwareOption } from './option.ts';
import { ACCURACY_STEPS } from './performance/accuracy.ts';
import type { FamilyFault } from './performance/performance-point.ts';
import { visitPresetOptions } from './presets/preset-search.ts';
import { ranked } from './ranking.ts';
import type { InferenceRecommendationRequest } from './request.ts';
import { type SearchContext, searchOptions, type Visit } from './search-options.ts';

export interface VerifiedChange {
  /** All of them together; most often one. */
  readonly changes: readonly Change[];
  /** What is best once they are made. */
  readonly option: HardwareOption;
}

interface Candidate {
  readonly changes: readonly Change[];
  readonly distance: number;
  readonly usd: number;
  readonly name: string;
}

/** Every trial is a search of its own. */
const CLOSEST_TRIED = 5;
/** Candidates with a single change are tried however far off they are, since one change is easier to make than two. */
const FEWEST_TRIED = 2;
const MOST_CHANGES_NAMED = 3;

/** @param request as it was asked: what its changes leave open is filled in after each */
export async function smallestChanges(
  context: SearchContext,
  request: InferenceRecommendationRequest,
): Promise<VerifiedChange[]> {
  const quiet = { ...context, log: new AssumptionLog() };
  const candidates = new Candidates(request);
  const visit: Visit = (option, failures) => candidates.ofOption(option, failures);
  const onTerms = withAcceptedTerms(context.snapshot, request, context.at, quiet.log);
  const { faults } = await searchOptions(quiet, onTerms, { everyDevice: true, visit });
  await visitPresetOptions(quiet, onTerms, visit);
  candidates.ofFaults(faults);
  const found: VerifiedChange[] = [];
  for (const candidate of candidates.worthTrying()) {
    const verified = await verify(quiet, request, candidate.changes);
    if (verified !== null) found.push(verified);
  }
  // a change that needed another beside it is no smaller than one that did alone
  const named: (readonly string[])[] = [];
  return found
    .sort((a, b) => a.changes.length - b.changes.length)
    .filter(({ changes }) => {
      const words = changes.map(changeInWords);
      if (named.some((fewer) => fewer.every((change) => words.includes(change)))) return false;
      named.push(words);
      return true;
    })
    .slice(0, MOST_CHANGES_NAMED);
}

/** The changes that would admit an option. For each set of fields one candidate is kept: the closest and, among equally close ones, the cheapest. */
class Candidates {
  readonly #request: InferenceRecommendationRequest;
  readonly #byFields = new Map<string, Candidate>();

  constructor(request: InferenceRecommendationRequest) {
    this.#request = request;
  }

  ofOption({ usdPerMonth }: HardwareOption, failures: readonly Failure[]): void {
    const changes = changesOf(failures);
    if (changes !== null) this.#offer(changes, closeness(failures), usdPerMonth);
  }

  ofFaults(faults: readonly FamilyFault[]): void {
    const { inference, constraints } = this.#request;
    for (const { remedy, required, actual, constraint } of faults) {
      if (constraint === 'context_exceeds_model') {
        const shorter = shorterPrompt(this.#request, required, actual);
        if (shorter !== null) this.#offer([shorter], 1 + (required ?? 0) / Math.max(actual ?? 1, 1));
      } else if (remedy !== null && required !== null && actual !== null) {
        const excess = Math.max(actual / required, required / actual) - 1;
        this.#offer([remedy], 1 + excess);
      } else if (constraint === 'memory' && inference.serving?.weightFormat === undefined) {
        for (const [rank, floor] of ACCURACY_STEPS.entries()) {
          if (floor < (constraints?.minAccuracyPercent ?? 101)) {
            this.#offer([{ field: '/constraints/minAccuracyPercent', to: floor }], 1 + (100 - floor) / 100 + rank);
          }
        }
      }
    }
  }

  closestFirst(): Candidate[] {
    return [...this.#byFields.values()].sort(byDistance);
  }

  /** The closest options overall, and the closest of those that need the fewest changes. */
  worthTrying(): Candidate[] {
    const closest = this.closestFirst();
    // what an option breaks is all that is between it and the answer; a remedy of a fault may bring it up against another limit
    const fewest = closest
      .filter(({ usd }) => Number.isFinite(usd))
      .sort((a, b) => a.changes.length - b.changes.length || byDistance(a, b));
    return [...new Set([...closest.slice(0, CLOSEST_TRIED), ...fewest.slice(0, FEWEST_TRIED)])];
  }

  #offer(changes: readonly Change[], distance: number, usd = Number.POSITIVE_INFINITY): void {
    const name = changes.map(({ field }) => field).join(' ');
    const known = this.#byFields.get(name);
    const closer = known === undefined || distance < known.distance || (distance === known.distance && usd < known.usd);
    if (closer) this.#byFields.set(name, { changes, distance, usd, name });
  }
}

const byDistance = (a: Candidate, b: Candidate): number =>
  a.distance - b.distance || a.usd - b.usd || (a.name < b.name ? -1 : 1);

/** The longest mean prompt that the context of the model holds beside the output; null where lengths are no mean. */
function shorterPrompt(
  { inference }: InferenceRecommendationRequest,
  needed: number | null,
  context: number | null,
): Change | null {
  const { mean, p50, p95, histogram } = inference.promptTokens ?? {};
  if (needed === null || context === null || p50 !== undefined || p95 !== undefined || histogram !== undefined)
    return null;
  const to = (mean ?? PROMPT_MEAN.value) - (needed - context);
  return to > 0 ? { field: '/inference/promptTokens/mean', to } : null;
}

function changesOf(failures: readonly Failure[]): readonly Change[] | null {
  const changes: Change[] = [];
  for (const { change } of failures) {
    if (change === null) return null;
    changes.push(change);
  }
  return changes;
}

/** A way of serving that a change lets in may still break another limit: one more round of changes is tried. */
async function verify(
  context: SearchContext,
  request: InferenceRecommendationRequest,
  changes: readonly Change[],
  rounds = 1,
): Promise<VerifiedChange | null> {
  const changed = changes.reduce<InferenceRecommendationRequest>(withChange, request);
  const candidates = new Candidates(changed);
  const onTerms = withAcceptedTerms(context.snapshot, changed, context.at, context.log);
  const search = await searchOptions(context, onTerms, {
    visit: (option, failures) => candidates.ofOption(option, failures),
  });
  const [option] = ranked(search.feasible, changed.rankBy ?? [{ by: 'cost' }]);
  if (option !== undefined) return { changes, option };
  if (rounds === 0) return null;
  candidates.ofFaults(search.faults);
  const [next] = candidates.closestFirst();
  return next === undefined ? null : verify(context, request, [...changes, ...next.changes], rounds - 1);
}

/** The request with one change made, by the JSON Pointer of its field. */
export function withChange<Request extends Pick<InferenceRecommendationRequest, 'inference'>>(
  request: Request,
  change: Change,
): Request {
  const copy = structuredClone(request) as unknown as Record<string, unknown>;
  const path = change.field.split('/').slice(1);
  const last = path.pop() as string;
  let place = copy;
  for (const name of path) {
    place[name] ??= {};
    place = place[name] as Record<string, unknown>;
  }
  if ('to' in change) place[last] = change.to;
  else {
    const list = (place[last] ?? DEFAULT_LISTS[change.field] ?? []) as string[];
    if ('add' in change) place[last] = [...new Set([...list, change.add])];
    else {
      const rest = list.filter((entry) => entry !== change.remove);
      if (rest.length > 0) place[last] = rest;
      else delete place[last];
    }
  }
  return copy as unknown as Request;
}

/** What a list holds where the request leaves it out. */
const DEFAULT_LISTS: Readonly<Record<string, readonly string[]>> = { '/purchase/accept': ['on_demand'] };

export const changeInWords = (change: Change): string => {
  if ('to' in change) return `${change.field} = ${change.to}`;
  return 'add' in change ? `${change.field} with ${change.add}` : `${change.field} without ${change.remove}`;
};
