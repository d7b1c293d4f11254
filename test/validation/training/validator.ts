/** The training model against published runs. */
import { readFileSync } from 'node:fs';
import type { HeldOut } from '../../../scripts/fit/training.ts';
import { fittedDraw, meteredComputingShare } from '../../../scripts/fit/training-power.ts';
import { classEfficiency } from '../../../scripts/fit/training-samples.ts';
import { drawPerTdpWatt, runPerTdpWatt } from '../../../src/domain/energy/index.ts';
import { trainingFlops, trainingUncertainty } from '../../../src/domain/training/index.ts';
import { CALIBRATED } from '../../../src/domain/training/step/constants.ts';
import { generationOf } from '../../../src/domain/training/step/generation.ts';
import { type Comparison, groupRows, type ValidationTable, type Validator } from '../table.ts';
import {
  flopsCases,
  type HoursCase,
  hoursCases,
  memoryCases,
  type StepCase,
  stepCases,
  uncoveredCases,
} from './cases.ts';
import { type PowerCase, powerCases, type SamplePowerCase, samplePowerCases } from './power-cases.ts';
import { predictHours, predictPeakBytes, predictRate } from './predictions.ts';
import { type SampleTrainingCase, sampleTrainingCases } from './sample-cases.ts';

/** Constants fitted without each source family: `npm run fit` writes them. */
const heldOut = JSON.parse(readFileSync(new URL('held-out.json', import.meta.url), 'utf8')) as Record<string, HeldOut>;

const withoutFamily = (family: string): HeldOut => {
  const constants = heldOut[family];
  if (constants === undefined) throw new Error(`No constants without ${family}: run npm run fit.`);
  return constants;
};

const withoutRun = (entry: HoursCase): HeldOut => ({
  constants: withoutFamily(entry.stepFamily ?? entry.family).constants,
  stages: withoutFamily(entry.family).stages,
});

const modelKind = (entry: StepCase): string =>
  entry.workload.model.mixtureOfExperts === null ? 'dense' : 'mixture of experts';

const isPretraining = (entry: StepCase): boolean => entry.workload.method === 'pretraining';

/** Rates; bands are of times, so they are inverted. */
function compareRates(
  cases: readonly StepCase[],
  layoutGiven: boolean,
  group: (entry: StepCase) => string,
): { comparisons: Comparison[]; unfit: number } {
  let unfit = 0;
  const comparisons = cases.flatMap((entry): Comparison[] => {
    const predicted = predictRate(entry, layoutGiven);
    const outside = predictRate(entry, layoutGiven, withoutFamily(entry.family).constants);
    if (predicted === null || outside === null) {
      unfit++;
      return [];
    }
    const factor = trainingUncertainty(entry.workload, entry.cluster, { layoutGiven, stackGiven: true }, 'step_time');
    return [
      {
        id: entry.id,
        group: group(entry),
        predicted,
        measured: entry.tokensPerSecondPerDevice,
        heldOut: outside,
        band: { p10: 1 / factor.p90, p90: 1 / factor.p10 },
      },
    ];
  });
  return { comparisons, unfit };
}

/** Each row under its group and under the total of its kind. */
const withTotal = (comparisons: readonly Comparison[], total: (entry: Comparison) => string) => [
  ...groupRows(comparisons),
  ...groupRows(comparisons.map((entry) => ({ ...entry, group: total(entry) }))),
];

const beforeComma = (entry: Comparison): string => `${entry.group.split(',')[0]}, all`;

function flopsTable(): ValidationTable {
  // one row per model and sequence: releases print the same count with rounding of two figures
  const byShape = Map.groupBy(flopsCases(), (entry) => `${entry.modelName} ${entry.sequenceLength}`);
  const comparisons = [...byShape].map(([group, entries]): Comparison => {
    const first = entries[0] as (typeof entries)[number];
    const printed = entries.map((entry) => entry.flopsPerToken).sort((a, b) => a - b);
    return {
      id: group,
      group: 'all',
      predicted: trainingFlops(first.model, first.sequenceLength, 'pretraining', 'none').modelFlopsPerToken,
      measured: printed[Math.floor((printed.length - 1) / 2)] as number,
      heldOut: null,
      band: null,
    };
  });
  return { title: 'Training FLOPs per token as NVIDIA prints them', rows: groupRows(comparisons), uncovered: {} };
}

function stepTables(): ValidationTable[] {
  const cases = stepCases();
  const given = compareRates(
    cases.filter((entry) => entry.layoutGiven && isPretraining(entry)),
    true,
    (entry) => `${modelKind(entry)}, ${entry.family}`,
  );
  const chosen = compareRates(
    cases.filter(isPretraining),
    false,
    (entry) => `${modelKind(entry)}, ${entry.layoutGiven ? 'layout published' : 'layout not published'}`,
  );
  const tuned = compareRates(
    cases.filter((entry) => !isPretraining(entry)),
    true,
    (entry) => `fine-tuning, ${entry.family}`,
  );
  return [
    {
      title: 'Training rate, published layout (tokens/s/device)',
      rows: withTotal(given.comparisons, beforeComma),
      uncovered: uncoveredCases().steps,
    },
    {
      title: 'Training rate, layout by search',
      rows: withTotal(chosen.comparisons, beforeComma),
      uncovered: chosen.unfit > 0 ? { 'does not fit in memory by the model': chosen.unfit } : {},
    },
    { title: 'Fine-tuning rate', rows: withTotal(tuned.comparisons, beforeComma), uncovered: {} },
  ];
}

function memoryTable(): ValidationTable {
  const comparisons = memoryCases().map((entry): Comparison => {
    const predicted = predictPeakBytes(entry);
    const factor = trainingUncertainty(
      entry.workload,
      entry.cluster,
      { layoutGiven: true, stackGiven: true },
      'memory',
    );
    return {
      id: entry.id,
      group: `${entry.workload.method}, ${entry.family}`,
      predicted,
      measured: entry.peakBytes,
      heldOut: null,
      band: factor,
    };
  });
  return {
    title: 'Peak training memory',
    rows: withTotal(comparisons, beforeComma),
    uncovered: uncoveredCases().memory,
  };
}

function hoursTables(): ValidationTable[] {
  const documented: Comparison[] = [];
  const alone: Comparison[] = [];
  for (const entry of hoursCases()) {
    const held = withoutRun(entry);
    const base = { id: entry.id, measured: entry.deviceHours };
    if (entry.layout !== null) {
      const { hours, band } = predictHours(entry, true, CALIBRATED);
      documented.push({
        ...base,
        group: entry.id,
        predicted: hours,
        heldOut: predictHours(entry, true, held.constants, undefined, held.stages).hours,
        band,
      });
    }
    const { hours, band, cluster } = predictHours(entry, false, CALIBRATED);
    alone.push({
      ...base,
      group: `${entry.tier === 'C' ? 'quoted by others' : 'tiers A and B'}, ${generationOf(cluster.device)}`,
      predicted: hours,
      heldOut: predictHours(entry, false, held.constants, undefined, held.stages).hours,
      band,
    });
  }
  return [
    { title: 'Whole-run device-hours, documented layout', rows: withTotal(documented, () => 'all'), uncovered: {} },
    {
      title: 'Whole-run device-hours from model, tokens and device alone',
      rows: withTotal(alone, beforeComma),
      uncovered: {},
    },
  ];
}

/** Each machine by constants fitted without it; a run's energy is this power times its metered time. */
function powerTable(): ValidationTable {
  const cases = powerCases();
  const comparisons = cases.map((entry): Comparison => {
    const without = fittedDraw(cases.filter(({ machine }) => machine !== entry.machine));
    return {
      id: entry.id,
      group: entry.id,
      predicted: runPerTdpWatt(entry.computingShare, entry.airCooled, entry.stepping) * entry.nodeTdpWatts,
      measured: entry.nodeWatts,
      heldOut: runPerTdpWatt(entry.computingShare, entry.airCooled, entry.stepping, without) * entry.nodeTdpWatts,
      band: null,
    };
  });
  return {
    title: 'Metered training power and energy (W per node)',
    rows: withTotal([...comparisons, ...compareSamplePower()], () => 'all'),
    uncovered: {},
  };
}

/** As the metered compute-bound runs: at their computing share, once with the whole fit and once without the machine. */
function compareSamplePower(): Comparison[] {
  const measured = powerCases();
  const watts = (entry: SamplePowerCase, cases: readonly PowerCase[]) =>
    drawPerTdpWatt(meteredComputingShare(cases), entry.airCooled, fittedDraw(cases)) * entry.nodeTdpWatts;
  return samplePowerCases().map((entry) => ({
    id: entry.id,
    group: entry.id,
    predicted: watts(entry, measured),
    measured: entry.nodeWatts,
    heldOut: watts(
      entry,
      measured.filter(({ machine }) => machine !== entry.machine),
    ),
    band: null,
  }));
}

const SAMPLE_KINDS: Readonly<Record<SampleTrainingCase['kind'], string>> = {
  encoder: 'encoders (BERT-large)',
  text_to_image: 'image generation (Stable Diffusion 2)',
};

/** Rates as shares of the peak: each by the class of its device, and by the class without its system where there are others. */
function sampleTable(): ValidationTable {
  const cases = sampleTrainingCases();
  const comparisons = cases.map((entry): Comparison => {
    const alike = cases.filter(({ kind, generation }) => kind === entry.kind && generation === entry.generation);
    const others = alike.filter(({ hardware, devices }) => hardware !== entry.hardware || devices !== entry.devices);
    return {
      id: entry.id,
      group: `${SAMPLE_KINDS[entry.kind]}, ${entry.generation}`,
      predicted: classEfficiency(alike).efficiency,
      measured: entry.efficiency,
      heldOut: others.length === 0 ? null : classEfficiency(others).efficiency,
      band: null,
    };
  });
  return {
    title: 'Training of encoders and image generators (share of peak)',
    rows: withTotal(comparisons, beforeComma),
    uncovered: {},
  };
}

export const trainingValidator: Validator = {
  name: 'training',
  run: () => [flopsTable(), ...stepTables(), memoryTable(), ...hoursTables(), sampleTable(), powerTable()],
};
