/** What README.md shows, computed: worked examples, error tables, configuration. */
import type { Static } from '@sinclair/typebox';
import { loadSeed } from '../../src/catalog/seed/load.ts';
import { snapshotFromSeed } from '../../src/catalog/seed/snapshot-from-seed.ts';
import { configVariables } from '../../src/config.ts';
import { estimateInference } from '../../src/domain/inference/estimate.ts';
import { estimateTraining } from '../../src/domain/training/estimate.ts';
import { ENGINE_VERSION } from '../../src/engine-version.ts';
import { toApiInferenceEstimate } from '../../src/http/convert/inference-estimate.ts';
import { toApiTrainingEstimate } from '../../src/http/convert/training-estimate.ts';
import { inferenceExamples } from '../../src/http/schemas/estimates/inference/examples.ts';
import type { InferenceEstimateRequestSchema } from '../../src/http/schemas/estimates/inference/request.ts';
import { trainingExamples } from '../../src/http/schemas/estimates/training/examples.ts';
import type { TrainingEstimateRequestSchema } from '../../src/http/schemas/estimates/training/request.ts';
import { estimateRun, PUBLISHED_RUNS } from '../../test/validation/training/published-runs.ts';
import { accuracy } from './accuracy.ts';
import { bank, whichHardware } from './asked.ts';
import { economics } from './economics.ts';
import { example } from './example.ts';

const AT = '2026-11-24T00:00:00.000Z';
const seed = loadSeed();
const snapshot = snapshotFromSeed(seed);
const replay = {
  engineVersion: ENGINE_VERSION,
  catalogRevision: snapshot.revision,
  catalogCommittedAt: snapshot.committedAt,
  pricingAt: AT,
};

const inference = (request: Static<typeof InferenceEstimateRequestSchema>) => {
  const answer = toApiInferenceEstimate(estimateInference(snapshot, request, AT), request, replay);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
};
const training = (request: Static<typeof TrainingEstimateRequestSchema>) => {
  const answer = toApiTrainingEstimate(estimateTraining(snapshot, request, AT), request, replay);
  if (answer.status !== 'feasible') throw new Error(answer.summary);
  return answer;
};

type Bill = { readonly total: unknown; readonly lineItems: readonly { label: string; cost: { amount: string } }[] };
const items = ({ lineItems }: Bill) => Object.fromEntries(lineItems.map(({ label, cost }) => [label, cost.amount]));

function chat(): string {
  const request: Static<typeof InferenceEstimateRequestSchema> = inferenceExamples.chatService.value;
  const { summary, costPerMonth, costPerMillionTokens, performance, bindingConstraint } = inference(request);
  if (performance.kind !== 'language') throw new Error('a chat service is a language model');
  return example(
    '/v1/estimates/inference',
    request,
    '{summary, perMonth: .costPerMonth.total, perMillionTokens: .costPerMillionTokens.amount, ttftMsP95: .performance.ttftMs.p95, bindingConstraint}',
    {
      summary,
      perMonth: costPerMonth.total,
      perMillionTokens: costPerMillionTokens?.amount,
      ttftMsP95: performance.ttftMs.p95,
      bindingConstraint,
    },
  );
}

function pretraining(): string {
  const request: Static<typeof TrainingEstimateRequestSchema> = trainingExamples.pretraining.value;
  const { summary, layout, step, cost } = training(request);
  return example(
    '/v1/estimates/training',
    request,
    '{summary, layout, mfu: .step.mfu, bill: (.cost.lineItems | map({(.label): .cost.amount}) | add), total: .cost.total}',
    { summary, layout, mfu: step?.mfu, bill: items(cost), total: cost.total },
  );
}

function vision(): string {
  const jetson = inferenceExamples.visionOnJetson.value;
  const { location: _location, purchase: _purchase, ...load } = jetson;
  const l4 = { ...load, device: 'nvidia-l4-24gb' };
  const filter =
    '{summary, imagesPerSecond: .performance.imagesPerSecondPerDevice, kWh: .energyPerMonth.facilityKilowattHours.p50}';
  return [jetson, l4]
    .map((request) => {
      const { summary, performance, energyPerMonth } = inference(
        request as Static<typeof InferenceEstimateRequestSchema>,
      );
      if (performance.kind !== 'vision') throw new Error('a camera needs a vision model');
      const { imagesPerSecondPerDevice: imagesPerSecond } = performance;
      const kWh = energyPerMonth?.facilityKilowattHours.p50;
      return example('/v1/estimates/inference', request, filter, { summary, imagesPerSecond, kWh });
    })
    .join('\n\n');
}

/** "30.8 M", "868 k", "3.60". */
function quantity(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toPrecision(3)} bn`;
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} M`;
  return value >= 1e3 ? `${(value / 1e3).toPrecision(3)} k` : value.toPrecision(3);
}

function publishedRuns(): string {
  const line = (run: (typeof PUBLISHED_RUNS)[number]): string => {
    const { low, high } = run.published;
    const { p10, p50, p90 } = estimateRun(run);
    const published = low === high ? quantity(low) : `${quantity(low)} to ${quantity(high)}`;
    return `| ${run.title} | ${run.counts}, ${run.unit} | ${published} | ${quantity(p50)} | ${quantity(p10)} to ${quantity(p90)} | ${run.source} |`;
  };
  return [
    '| run | what is compared | published | ours | 80 % band | source |',
    '| --- | --- | ---: | ---: | ---: | --- |',
    ...PUBLISHED_RUNS.map(line),
  ].join('\n');
}

const catalogCounts = (): string => {
  const count = (entries: readonly unknown[], noun: string): string => `${entries.length.toLocaleString('en')} ${noun}`;
  const { devices, systems, models, regions, regimes, priceAmounts } = seed;
  const counted = [
    count(devices, 'devices'),
    count(systems, 'systems'),
    count(models, 'models'),
    count(regions, 'regions'),
  ];
  return `The seed has ${counted.join(', ')}, ${count(regimes, 'legal regimes')} and ${count(priceAmounts, 'dated prices')}.`;
};

const configuration = (): string =>
  [
    '| variable | default | meaning |',
    '| --- | --- | --- |',
    ...configVariables.map(({ name, default: value, description }) => `| \`${name}\` | ${value} | ${description} |`),
  ].join('\n');

export const parts: Readonly<Record<string, () => string | Promise<string>>> = {
  'example-chat': chat,
  'example-pretraining': pretraining,
  'example-vision': vision,
  'example-hardware': whichHardware,
  'example-place': bank,
  'published-runs': publishedRuns,
  economics,
  accuracy,
  'catalog-counts': catalogCounts,
  configuration,
};
