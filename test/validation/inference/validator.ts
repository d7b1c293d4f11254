/** The language-serving model against measured serving systems. */
import { readFileSync } from 'node:fs';
import { visionFactor } from '../../../src/domain/inference/sample/vision-serving.ts';
import {
  type DecodeConstants,
  deviceLevelKey,
  INFERENCE_CONSTANTS,
  type InferenceConstants,
  kernelClass,
  llamaCppClass,
  withDecodeConstants,
} from '../../../src/domain/inference/step/efficiency.ts';
import { fixedLength } from '../../../src/domain/inference/step/lengths.ts';
import { servingMemory } from '../../../src/domain/inference/step/memory.ts';
import { residualFactor } from '../../../src/domain/inference/step/residuals.ts';
import {
  decodeResidualPath,
  type InferenceMetric,
  MEASURED_DEVICE,
  NEW_DEVICE,
  prefillResidualPath,
  uncertainty,
  unmeasuredKind,
} from '../../../src/domain/inference/step/uncertainty.ts';
import { type Comparison, countingRefusals, groupRows, type ValidationTable, type Validator } from '../table.ts';
import {
  type ClosedLoopCase,
  closedLoopCases,
  type DecodeCase,
  decodeCases,
  memoryCases,
  type OtherVendorCase,
  offlineCases,
  otherLaboratoryCases,
  otherVendorCases,
  prefillCases,
  throughputCases,
  uncoveredCases,
} from './cases.ts';
import { decodeGroups, type Levels, levelsOf, NO_LEVELS, prefillGroups, prefillLevelsOf } from './decode-levels.ts';
import {
  type BurstArtefacts,
  predictClosedLoop,
  predictDecode,
  predictOffline,
  predictOtherVendor,
  predictPrefill,
  predictThroughput,
} from './predictions.ts';
import { predictAtClocks, predictVision, type VisionCase, visionCases, visionClockCases } from './vision-cases.ts';

interface HeldOut {
  readonly artefacts: BurstArtefacts;
  /** Group to fold. */
  readonly folds: Readonly<Record<string, number>>;
  /** By fold: what was fitted without its groups. */
  readonly held: readonly { constants: InferenceConstants; artefacts: BurstArtefacts }[];
}

interface HeldOutDecode {
  readonly folds: Readonly<Record<string, number>>;
  readonly held: readonly Omit<DecodeConstants, keyof Levels | 'prefillLevels'>[];
}

const heldOutDecode = JSON.parse(
  readFileSync(new URL('held-out-decode.json', import.meta.url), 'utf8'),
) as HeldOutDecode;

const heldOut = JSON.parse(readFileSync(new URL('held-out.json', import.meta.url), 'utf8')) as HeldOut;

const modelClass = (entry: { configuration: ClosedLoopCase['configuration'] }) =>
  entry.configuration.model.mixtureOfExperts ? 'mixture of experts' : 'dense';

function foldOf(group: string) {
  const fold = heldOut.folds[group];
  const constants = fold === undefined ? undefined : heldOut.held[fold];
  if (!constants) throw new Error(`No fold for ${group}: run npm run fit.`);
  return constants;
}

interface ClosedLoopComparison {
  readonly tpot: Comparison;
  readonly ttft: Comparison;
  readonly throughput: Comparison;
  readonly entry: ClosedLoopCase;
}

export function compareClosedLoop(): ClosedLoopComparison[] {
  return closedLoopCases().map((entry) => {
    const band = (metric: InferenceMetric) => uncertainty(entry.configuration, metric);
    const engine = entry.configuration.engine;
    const held = foldOf(entry.group);
    const inSample = predictClosedLoop(entry, INFERENCE_CONSTANTS, heldOut.artefacts);
    const outside = predictClosedLoop(entry, held.constants, held.artefacts);
    const group = `${modelClass(entry)}, ${engine}`;
    const rate = (times: { ttftSeconds: number; tpotSeconds: number }) =>
      entry.concurrency / (times.ttftSeconds + (entry.outputTokens - 1) * times.tpotSeconds);
    const base = { id: entry.id, system: entry.system, group };
    return {
      entry,
      tpot: {
        ...base,
        band: band('tpot'),
        predicted: inSample.tpotSeconds,
        measured: entry.tpotSeconds,
        heldOut: outside.tpotSeconds,
      },
      ttft: {
        ...base,
        band: band('ttft'),
        predicted: inSample.ttftSeconds,
        measured: entry.ttftSeconds,
        heldOut: outside.ttftSeconds,
      },
      throughput: {
        ...base,
        band: band('throughput'),
        predicted: rate(inSample),
        measured: rate(entry),
        heldOut: rate(outside),
      },
    };
  });
}

/** The rows by engine, and one row per model class over all engines. */
const withTotals = (comparisons: readonly Comparison[]) => [
  ...groupRows(comparisons),
  ...groupRows(comparisons.map((entry) => ({ ...entry, group: `${entry.group.split(',')[0]}, all` }))),
];

export function compareThroughput() {
  return throughputCases().map((entry) => {
    const held = foldOf(entry.group);
    const comparison: Comparison = {
      id: entry.id,
      system: entry.system,
      group: `${modelClass(entry)}, ${entry.kind === 'max' ? 'max throughput' : entry.kind === 'static' ? 'static batch' : 'prefill of one prompt'} ${entry.version}`,
      predicted: predictThroughput(entry, INFERENCE_CONSTANTS),
      measured: entry.value,
      heldOut: predictThroughput(entry, held.constants),
      band: uncertainty(entry.configuration, entry.kind === 'prefill' ? 'ttft' : 'throughput'),
    };
    return { entry, comparison };
  });
}

/** Constants of a decode case that never saw its model on its device: classes of its fold, levels without its group. */
function decodeWithoutGroup(cases: readonly DecodeCase[]): (group: string) => InferenceConstants {
  const folds = heldOutDecode.held.map((classes) => {
    const constants = withDecodeConstants(INFERENCE_CONSTANTS, { ...classes, ...NO_LEVELS, prefillLevels: {} });
    return { constants, groups: decodeGroups(cases, constants) };
  });
  return (group) => {
    // what was never fitted was never seen by any fold
    const fold = folds[heldOutDecode.folds[group] ?? 0];
    if (!fold) throw new Error(`No fold for ${group}: run npm run fit.`);
    return { ...fold.constants, ...levelsOf(fold.groups, (pair) => pair.group !== group) };
  };
}

const HELD_BACK = 'held back by the host';

export function compareDecode() {
  const cases = decodeCases();
  const without = decodeWithoutGroup(cases);
  return cases.map((entry) => {
    const { device, engine } = entry.configuration;
    const constants = without(entry.group);
    const known = constants.deviceLevels?.[deviceLevelKey(device, engine)] !== undefined;
    const comparison: Comparison = {
      id: entry.id,
      system: entry.system,
      group: !entry.fitted
        ? HELD_BACK
        : engine === 'llama_cpp'
          ? `llama.cpp, ${llamaCppClass(device)}`
          : `${engine}, ${kernelClass(device)}`,
      predicted: predictDecode(entry, INFERENCE_CONSTANTS),
      measured: entry.tokensPerSecond,
      heldOut: predictDecode(entry, constants),
      // the band of an answer that has not seen the pair: its device may be new without it
      band: residualFactor(
        [...decodeResidualPath(device, engine), known ? MEASURED_DEVICE : NEW_DEVICE],
        true,
        'Tokens per second of one stream',
      ),
    };
    return { entry, comparison };
  });
}

/** Time of a prompt alone on an idle device. */
function comparePrefill() {
  const prompts = prefillCases();
  const without = decodeWithoutGroup(decodeCases());
  return prompts.map((entry): Comparison => {
    const { device, engine } = entry.configuration;
    const held = without(entry.group);
    const prefillLevels = prefillLevelsOf(prefillGroups(prompts, held), ({ group }) => group !== entry.group);
    const known = prefillLevels[deviceLevelKey(device, engine)] !== undefined;
    return {
      id: entry.id,
      system: entry.system,
      group: `llama.cpp, ${llamaCppClass(device)}`,
      predicted: predictPrefill(entry, INFERENCE_CONSTANTS),
      measured: entry.seconds,
      heldOut: predictPrefill(entry, { ...held, prefillLevels }),
      band: residualFactor(
        [...prefillResidualPath(device), known ? MEASURED_DEVICE : NEW_DEVICE],
        true,
        'Time of a prompt',
      ),
    };
  });
}

/** Rows left out for what they are, not for what the model cannot answer. */
const NOT_REFUSED = [
  'listed twice by its source',
  'the language model of another row behind an image encoder',
  'eight streams of a data set that end at different times',
];

const ON_BOARDS = /, (edge|jetson)$/;

/** What devices do by themselves, of them boards and phones; and every row of the sources, what is not answered counted as missed. */
function withTotalsOfDecode(comparisons: readonly Comparison[]): Comparison[] {
  const refused = Object.fromEntries(
    Object.entries(uncoveredCases('decode')).filter(([reason]) => !NOT_REFUSED.includes(reason)),
  );
  return [
    ...comparisons,
    ...comparisons
      .filter(({ group }) => ON_BOARDS.test(group))
      .map((entry) => ({ ...entry, group: 'boards and phones' })),
    ...comparisons.filter(({ group }) => group !== HELD_BACK).map((entry) => ({ ...entry, group: 'all' })),
    ...countingRefusals('every row, refusals missed', comparisons, refused),
  ];
}

function offlineTable(): ValidationTable {
  const cases = offlineCases();
  const comparisons = cases.flatMap((entry): Comparison[] => {
    const predicted = predictOffline(entry, INFERENCE_CONSTANTS);
    if (predicted === null) return [];
    const { device } = entry.configuration;
    const base = {
      id: entry.id,
      system: entry.system,
      predicted,
      measured: entry.tokensPerSecond,
      heldOut: null,
      band: uncertainty(entry.configuration, 'throughput'),
    };
    return [
      { ...base, group: `${modelClass(entry)}, ${kernelClass(device)}` },
      { ...base, group: 'all' },
    ];
  });
  const missing = cases.length - comparisons.length / 2;
  return {
    title: 'MLPerf Offline, language (never fitted)',
    rows: groupRows(comparisons),
    points: comparisons.filter(({ group }) => group !== 'all'),
    uncovered: {
      ...uncoveredCases('mlperf'),
      ...(missing > 0 ? { 'does not fit in memory or has no link': missing } : {}),
    },
  };
}

/** Every figure of language serving that a band is given for, each system once per figure. */
function pooledBands(figures: Readonly<Record<string, readonly Comparison[]>>): ValidationTable {
  const all = Object.entries(figures).flatMap(([figure, comparisons]) =>
    comparisons.map((entry) => ({ ...entry, system: `${figure} ${entry.system ?? entry.id}`, group: 'all figures' })),
  );
  return { title: 'Language serving, pooled', rows: groupRows(all), uncovered: {} };
}

const compareNeverFitted = (cases: readonly OtherVendorCase[], groupOf: (entry: OtherVendorCase) => string) =>
  cases.map(
    (entry): Comparison => ({
      id: entry.id,
      system: entry.system,
      group: groupOf(entry),
      predicted: predictOtherVendor(entry, INFERENCE_CONSTANTS),
      measured: entry.value,
      heldOut: null,
      band: uncertainty(entry.configuration, entry.metric),
    }),
  );

function otherVendorTable(): ValidationTable {
  const comparisons = compareNeverFitted(
    otherVendorCases(),
    ({ configuration: { device }, metric }) => `${kernelClass(device)}, ${metric}`,
  );
  return { title: 'Other vendors (never fitted)', rows: groupRows(comparisons), uncovered: uncoveredCases('other') };
}

function otherLaboratoryTable(): ValidationTable {
  const comparisons = compareNeverFitted(otherLaboratoryCases(), ({ configuration: { model }, metric }) => {
    const kind = unmeasuredKind(model);
    return `${kind === null ? 'kinds measured elsewhere' : `${kind}, never measured`}, ${metric}`;
  });
  return { title: 'Other laboratories (never fitted)', rows: groupRows(comparisons), uncovered: {} };
}

function memoryTable(): ValidationTable {
  const comparisons = memoryCases().flatMap((entry) => {
    const memory = servingMemory(entry.configuration, {
      promptTokens: fixedLength(1000),
      outputTokens: fixedLength(100),
    });
    const base = { id: entry.id, band: null, heldOut: null };
    return [
      { ...base, group: 'weights', predicted: memory.weightsBytes, measured: entry.weightsBytes },
      { ...base, group: 'KV cache', predicted: memory.kvCacheBytes, measured: entry.kvCacheBytes },
    ];
  });
  return { title: 'vLLM memory log', rows: groupRows(comparisons), uncovered: {} };
}

/** What an answer would say, from other runs of the model on the device if any; what is not answered is missed. */
function everyVisionRow(predictions: ReturnType<typeof predictVision>): Comparison[] {
  const answered = predictions.flatMap(({ entry, measured, scaled, class: byClass }): Comparison[] => {
    const predicted = measured ?? scaled ?? byClass;
    if (predicted === null) return [];
    return [{ id: entry.id, group: '', predicted, measured: entry.value, heldOut: null, band: null }];
  });
  const atClocks = compareAtClocks().map((entry) => ({ ...entry, band: null }));
  // models of other kinds stand in the tables of theirs
  const refused = Object.entries(uncoveredCases('vision')).filter(
    ([reason]) => !/^(kind not modelled|listed twice|text, speech)/.test(reason),
  );
  const rows = [...answered, ...atClocks];
  return countingRefusals('every row of all metrics, refusals missed', rows, Object.fromEntries(refused));
}

/** Boards and processors at other clocks than they are sold with: no row of theirs is an anchor. */
const compareAtClocks = (): Comparison[] =>
  visionClockCases().flatMap((entry): Comparison[] => {
    const serving = predictAtClocks(entry);
    if (serving === null) return [];
    const kind = kernelClass(entry.device) === 'cpu' ? 'processors' : 'boards';
    return [{ id: entry.id, group: kind, measured: entry.value, heldOut: null, ...serving }];
  });

const clockTable = (): ValidationTable => {
  const comparisons = compareAtClocks();
  return {
    title: 'Vision at other clocks (never fitted)',
    rows: groupRows([...comparisons, ...comparisons.map((entry) => ({ ...entry, group: 'all' }))]),
    uncovered: {},
  };
};

function visionTables(): ValidationTable[] {
  const predictions = predictVision(visionCases());
  const table = (metric: VisionCase['metric'], title: string): ValidationTable => {
    const comparisons = predictions
      .filter(({ entry }) => entry.metric === metric)
      .flatMap((prediction): Comparison[] =>
        VISION_BASES.flatMap(({ left, basis, group, measuredModel }) => {
          const predicted = prediction[left];
          if (predicted === null) return [];
          const band = visionFactor(metric, basis, prediction.entry.kernelClass, measuredModel);
          return [
            {
              id: prediction.entry.id,
              group,
              predicted,
              measured: prediction.entry.value,
              heldOut: null,
              band,
            },
          ];
        }),
      );
    const rate = metric === 'throughput';
    return {
      title,
      rows: groupRows(rate ? [...comparisons, ...everyVisionRow(predictions)] : comparisons),
      uncovered: rate ? uncoveredCases('vision') : {},
    };
  };
  return [
    table('throughput', 'Vision, samples per second'),
    table('latency', 'Vision, single-stream latency'),
    table('query', 'Vision, 99th percentile of a query of several images'),
    clockTable(),
  ];
}

/** What a prediction may use: the row itself is left out of every one. */
const VISION_BASES = [
  { left: 'measured', basis: 'measured', measuredModel: true, group: 'another run of the model on the device' },
  { left: 'scaled', basis: 'scaled', measuredModel: true, group: 'without any run of the model on the device' },
  { left: 'class', basis: 'class', measuredModel: true, group: 'without any run on the device' },
  {
    left: 'newModel',
    basis: 'scaled',
    measuredModel: false,
    group: 'without any run of the model on this kind of device',
  },
  {
    left: 'newModelAndDevice',
    basis: 'class',
    measuredModel: false,
    group: 'without any run of the model on this kind of device, or on the device',
  },
] as const;

export const inferenceValidator: Validator = {
  name: 'inference',
  run() {
    const closed = compareClosedLoop();
    const throughput = compareThroughput().map(({ comparison }) => comparison);
    const answered = throughput.filter((entry) => entry.predicted > 0);
    const decode = compareDecode().map(({ comparison }) => comparison);
    const prompts = comparePrefill();
    const offline = offlineTable();
    return [
      {
        title: 'Closed-loop TPOT',
        rows: withTotals(closed.map(({ tpot }) => tpot)),
        points: closed.map(({ tpot }) => tpot),
        uncovered: uncoveredCases('closed'),
      },
      { title: 'Closed-loop throughput', rows: withTotals(closed.map((entry) => entry.throughput)), uncovered: {} },
      {
        title: 'Closed-loop TTFT',
        rows: withTotals(closed.map(({ ttft }) => ttft)),
        points: closed.map(({ ttft }) => ttft),
        uncovered: {},
      },
      {
        title: 'TensorRT-LLM tables',
        rows: groupRows(answered),
        points: answered.filter(({ group }) => group.includes('max throughput')),
        uncovered:
          answered.length < throughput.length ? { 'does not fit in memory': throughput.length - answered.length } : {},
      },
      {
        title: 'Decode on single devices',
        rows: groupRows(withTotalsOfDecode(decode)),
        points: decode,
        uncovered: uncoveredCases('decode'),
      },
      {
        title: 'Prompts on single devices',
        rows: groupRows([...prompts, ...prompts.map((entry) => ({ ...entry, group: 'all' }))]),
        uncovered: {},
      },
      offline,
      pooledBands({
        tpot: closed.map(({ tpot }) => tpot),
        throughput: closed.map((entry) => entry.throughput),
        ttft: closed.map(({ ttft }) => ttft),
        tables: answered,
        MLPerf: offline.points ?? [],
      }),
      otherVendorTable(),
      otherLaboratoryTable(),
      memoryTable(),
      ...visionTables(),
    ];
  },
};
