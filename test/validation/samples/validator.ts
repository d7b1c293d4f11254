/** Encoders, speech, image generation and ranking against measured devices. */
import { sampleFactor } from '../../../src/domain/inference/sample/uncertainty.ts';
import { predictVision, visionCases } from '../inference/vision-cases.ts';
import { type Comparison, countingRefusals, groupRows, type ValidationTable, type Validator } from '../table.ts';
import {
  predictSamples,
  predictServer,
  type SamplePrediction,
  sampleCases,
  serverCases,
  uncoveredSamples,
} from './cases.ts';

/** What a prediction may use: the row itself is left out of every one. */
const BASIS = {
  measured: 'another run of the model on the device',
  scaled: 'without any run of the work in the format on the device',
  class: 'without any run on the device',
} as const;

const COHORT_NAMES = {
  vision: 'vision',
  encoder: 'encoders (BERT-large)',
  speech: 'speech (Whisper)',
  transducer: 'speech (RNN-T)',
  diffusion: 'image generation',
  recommendation: 'ranking (DLRM)',
} as const;

/** What an answer for the device would say, from other runs of the work there if any; what is not answered is missed. */
function everyRow(predictions: readonly SamplePrediction[]): Comparison[] {
  const answered = predictions.flatMap(({ entry, measured, scaled, class: byClass }): Comparison[] => {
    const predicted = measured ?? scaled ?? byClass;
    if (predicted === null) return [];
    return [{ id: entry.caseId, group: '', predicted, measured: entry.value, heldOut: null, band: null }];
  });
  const alone = predictions.length - answered.length;
  return countingRefusals('every row of both metrics, refusals missed', answered, { ...uncoveredSamples(), alone });
}

/** MLPerf alone, vision included, each case without every run of its model on its device (of anything, but for vision). */
function mlperfTables(predictions: readonly SamplePrediction[]): ValidationTable[] {
  const vision = predictVision(visionCases()).map(({ entry, scaled, class: byClass }) => ({
    id: entry.id,
    entry,
    cohort: 'vision' as const,
    predicted: scaled ?? byClass,
    basis: scaled === null ? ('class' as const) : ('scaled' as const),
    known: true,
  }));
  const others = predictions.map(({ entry, class: predicted, classMeasured }) => ({
    id: entry.caseId,
    entry,
    cohort: entry.cohort,
    predicted,
    basis: 'class' as const,
    known: classMeasured,
  }));
  const measured = [...vision, ...others].filter(({ entry }) => entry.round > 0);
  const table = (metric: 'throughput' | 'latency', title: string): ValidationTable => {
    const cases = measured.filter(({ entry }) => entry.metric === metric);
    const comparisons = cases.flatMap(({ id, entry, cohort, predicted, basis, known }): Comparison[] => {
      if (predicted === null) return [];
      const band = sampleFactor(cohort, metric, basis, entry.kernelClass, known);
      const base = { id, predicted, measured: entry.value, heldOut: null, band };
      return [COHORT_NAMES[cohort], 'all'].map((group) => ({ ...base, group }));
    });
    const alone = cases.filter(({ predicted }) => predicted === null).length;
    return {
      title,
      rows: groupRows(comparisons),
      points: comparisons.filter(({ group }) => group !== 'all'),
      uncovered: alone > 0 ? { 'no other device of its kind was measured': alone } : {},
    };
  };
  return [
    table('throughput', 'MLPerf Offline by the sample, left out'),
    table('latency', 'MLPerf single stream p90, left out'),
  ];
}

function serverTable(): ValidationTable {
  const comparisons = serverCases().flatMap((entry): Comparison[] => {
    const predicted = predictServer(entry);
    if (predicted === null) return [];
    const base = { id: entry.id, predicted, measured: entry.samplesPerSecond, heldOut: null, band: null };
    return [COHORT_NAMES[entry.model.cohort], 'all'].map((group) => ({ ...base, group }));
  });
  return {
    title: 'MLPerf Server, rate at the latency limit from the Offline rate',
    rows: groupRows(comparisons),
    uncovered: {},
  };
}

export const sampleValidator: Validator = {
  name: 'samples',
  run() {
    const predictions = predictSamples(sampleCases());
    const table = (metric: 'throughput' | 'latency', title: string): ValidationTable => {
      const comparisons = predictions
        .filter(({ entry }) => entry.metric === metric)
        .flatMap((prediction): Comparison[] =>
          (['measured', 'scaled', 'class'] as const).flatMap((basis) => {
            const predicted = prediction[basis];
            if (predicted === null) return [];
            const { entry, classMeasured } = prediction;
            const known = basis !== 'class' || classMeasured;
            const band = sampleFactor(entry.cohort, metric, basis, entry.kernelClass, known);
            const base = { id: entry.caseId, predicted, measured: entry.value, heldOut: null, band };
            const groups = [`${COHORT_NAMES[entry.cohort]}, ${BASIS[basis]}`, `all, ${BASIS[basis]}`];
            return groups.map((group) => ({ ...base, group }));
          }),
        );
      const rate = metric === 'throughput';
      return {
        title,
        rows: groupRows(rate ? [...comparisons, ...everyRow(predictions)] : comparisons),
        uncovered: rate ? uncoveredSamples() : {},
      };
    };
    return [
      ...mlperfTables(predictions),
      serverTable(),
      table('throughput', 'Encoders, speech, images, ranking: samples per second'),
      table('latency', 'Encoders, speech, images: one sample alone'),
    ];
  },
};
