/** What is commonly said of the economics of AI, computed for one case each. */
import { loadSeed } from '../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../src/catalog/seed/snapshot-from-seed.ts';
import { SPOT_DEVICE_TIME_FACTOR } from '../../src/domain/estimate/spot-interruptions.ts';
import { moneyInWords, significant } from '../../src/domain/estimate/words.ts';
import { estimateInference } from '../../src/domain/inference/estimate.ts';
import type { FeasibleInference } from '../../src/domain/inference/estimate-result.ts';
import { type OptimizationReport, optimizationReport } from '../../src/domain/inference/optimization/report.ts';
import type { InferenceRequest } from '../../src/domain/inference/request.ts';
import { estimateLifecycle } from '../../src/domain/lifecycle/estimate.ts';
import type { FeasibleLifecycle } from '../../src/domain/lifecycle/estimate-result.ts';
import type { LifecycleRequest } from '../../src/domain/lifecycle/request.ts';
import { toNumber } from '../../src/domain/money.ts';
import { estimateTraining } from '../../src/domain/training/estimate.ts';
import type { FeasibleTraining } from '../../src/domain/training/estimate-result.ts';

const AT = '2026-11-24T00:00:00.000Z';
const H100 = 'nvidia-h100-sxm5-80gb';
const snapshot = snapshotFromSeed(loadSeed());

/** The chat service of the README: 10 M requests a day, 70B, H100s in the UAE. */
export const CHAT: InferenceRequest = {
  model: 'meta-llama/Llama-3.1-70B',
  requestsPerDay: 10_000_000,
  device: H100,
  location: { country: 'AE' },
};
export const SMALL_SERVICE: InferenceRequest = { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 2000 };

/** A model of one's own by fine-tuning, and one trained from scratch, served at the same load. */
export const FINE_TUNED: LifecycleRequest = {
  model: 'meta-llama/Llama-3.1-8B',
  requestsPerDay: 10_000_000,
  training: { tokens: 1e9, method: 'lora' },
};
export const FROM_SCRATCH: LifecycleRequest = {
  model: 'meta-llama/Llama-3.1-8B',
  requestsPerDay: 10_000_000,
  training: { tokens: 15e12, device: H100, cluster: { devices: 1024 } },
};
/** The same trained once and served to many more. */
export const FROM_SCRATCH_FOR_MANY: LifecycleRequest = { ...FROM_SCRATCH, requestsPerDay: 500_000_000 };

export function inference(request: InferenceRequest): FeasibleInference {
  const answer = estimateInference(snapshot, request, AT);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

export const optimizations = (request: InferenceRequest): OptimizationReport =>
  optimizationReport(snapshot, request, inference(request), AT);

export function lifecycle(request: LifecycleRequest): FeasibleLifecycle {
  const answer = estimateLifecycle(snapshot, request, AT);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

/** Llama 3.1 405B as Meta trained it. */
export function largeTraining(): FeasibleTraining {
  const answer = estimateTraining(
    snapshot,
    { model: 'meta-llama/Llama-3.1-405B', tokens: 15.6e12, device: H100, cluster: { devices: 16_384 } },
    AT,
  );
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
}

interface SpotSaving {
  readonly offers: number;
  /** Share of the on-demand price, at the quartiles of the offers. */
  readonly listed: readonly [number, number, number];
  /** The same after replacements and a fall-back on demand. */
  readonly kept: readonly [number, number, number];
}

/** Offers of the catalog with a spot and an on-demand price of their own; prices that are no market price left out. */
export function spotSavings(): SpotSaving {
  const discounts = snapshot.offers.flatMap((offer) => {
    if (offer.deviceId === null || offer.deviceCount < 1) return [];
    const prices = snapshot
      .pricesOfOffer(offer.id, AT)
      .filter(({ amount, flags }) => amount !== null && flags.length === 0);
    const spot = prices.find(({ category }) => category === 'spot');
    const demand = prices.find(({ category }) => category === 'on_demand');
    return spot === undefined || demand === undefined ? [] : [1 - Number(spot.amount) / Number(demand.amount)];
  });
  discounts.sort((a, b) => a - b);
  const at = (share: number): number => discounts[Math.round((discounts.length - 1) * share)] as number;
  const listed = [at(0.25), at(0.5), at(0.75)] as const;
  const kept = listed.map((discount) => 1 - (1 - discount) * SPOT_DEVICE_TIME_FACTOR);
  return { offers: discounts.length, listed, kept: kept as unknown as SpotSaving['kept'] };
}

const usd = (value: number): string => moneyInWords(value, 'USD');
const percent = (share: number): string => `${significant(100 * share)} %`;

/** One row for each statement: what is said, the case, the answer. */
export function economics(): string {
  const chat = inference(CHAT);
  const report = optimizations(CHAT);
  const [first, last] = [report.batchGains[0], report.batchGains.at(-1)];
  const small = optimizations(SMALL_SERVICE);
  const tuned = lifecycle(FINE_TUNED);
  const scratch = lifecycle(FROM_SCRATCH);
  const many = lifecycle(FROM_SCRATCH_FOR_MANY);
  const large = largeTraining();
  const spot = spotSavings();
  const compute = large.cost.lineItems
    .filter(({ id }) => id === 'compute')
    .reduce((sum, { amount }) => sum + toNumber(amount), 0);
  const day = ({ crossing, horizonMonths }: FeasibleLifecycle): string =>
    crossing === null || crossing.day === null
      ? `not within ${horizonMonths / 12} years`
      : `day ${Math.ceil(crossing.day)}${crossing.p10 === null ? '' : ` (${Math.round(crossing.p10)} to ${crossing.p90 === null ? 'never' : Math.round(crossing.p90)})`}`;
  const share = ({ trainingShare }: FeasibleLifecycle): string => percent(trainingShare.p50);
  const rows: readonly (readonly [string, string, string])[] = [
    [
      '10 M requests a day cost 0.3 to 3 M USD a month',
      'Llama 3.1 70B chat on H100s in the UAE, as published',
      `${usd(report.usdPerMonth)} a month, ${usd(Number(chat.costPerRequest.amount.amount))} a request`,
    ],
    [
      'Optimization takes 50 to 90 % off',
      'The same; what is known of it, at least 98 % of quality kept',
      `${usd(report.best.usdPerMonth)}: ${percent(report.best.savingPercent / 100)} off (${report.best.steps.map(({ optionId }) => optionId).join(', ')}); ${percent(report.verdict.savingPercentWithAssumedTraffic / 100)} with the hit rates that others report`,
    ],
    [
      '',
      'Llama 3.1 8B, 2,000 requests a day',
      `${percent(small.best.savingPercent / 100)} off: ${small.verdict.holds === 'yes' ? 'holds' : 'does not hold, because whole devices are paid for'}`,
    ],
    [
      'Int4 weights and drafted tokens make serving faster',
      `The chat service, one replica: from ${first?.batch} request in flight to ${last?.batch}`,
      `int4 ${significant(first?.int4 ?? 1)} to ${significant(last?.int4 ?? 1)} times the tokens, drafts ${significant(first?.speculativeDecoding ?? 1)} to ${significant(last?.speculativeDecoding ?? 1)} times: a gain of small batches`,
    ],
    [
      'Training is paid once, inference dwarfs it',
      'Llama 3.1 8B fine-tuned on 1 bn tokens, 10 M requests a day, 3 years',
      `serving overtakes training on ${day(tuned)}; training is ${share(tuned)} of the total`,
    ],
    [
      '',
      'The same model trained from scratch on 15 T tokens',
      `${day(scratch)}; training is ${share(scratch)} of the total: here it does not hold`,
    ],
    ['', 'The same, 500 M requests a day', `${day(many)}; training is ${share(many)} of the total`],
    [
      'Spot is 60 to 80 % cheaper',
      `${spot.offers} offers of the catalog with both prices; quartiles`,
      `listed ${spot.listed.map(percent).join(', ')}; ${spot.kept.map(percent).join(', ')} are left after interruptions`,
    ],
    [
      'Large models take tens to hundreds of millions USD',
      'Llama 3.1 405B on 15.6 T tokens, 16,384 H100s',
      `${usd(compute)} of compute for the run, ${usd(toNumber(large.cost.total.amount))} in all (${usd(large.cost.total.band.p10)} to ${usd(large.cost.total.band.p90)})`,
    ],
  ];
  return [
    '| what is said | the case | what comes out |',
    '| --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}
