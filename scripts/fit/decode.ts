/**
 * Fits the constants of decoding on single devices: per class of device by coordinate descent from stated priors, then
 * the level of every measured device against its class. The serving constants stand underneath and are not moved.
 * Writes decode-constants.json, decode-residuals.json and the constants of the held-out folds.
 */
import { readFileSync } from 'node:fs';
import {
  type DecodeConstants,
  deviceLevelKey,
  INFERENCE_CONSTANTS,
  type InferenceConstants,
  LLAMA_CPP_CLASSES,
  withDecodeConstants,
} from '../../src/domain/inference/step/efficiency.ts';
import {
  decodeResidualPath,
  MEASURED_DEVICE,
  NEW_DEVICE,
  prefillResidualPath,
} from '../../src/domain/inference/step/uncertainty.ts';
import { type DecodeCase, decodeCases, type PrefillCase, prefillCases } from '../../test/validation/inference/cases.ts';
import {
  decodeGroups,
  type Levels,
  levelsOf,
  NO_LEVELS,
  prefillGroups,
  prefillLevelsOf,
} from '../../test/validation/inference/decode-levels.ts';
import { predictDecode, predictPrefill } from '../../test/validation/inference/predictions.ts';
import { quantile } from '../../test/validation/table.ts';
import {
  descend,
  FOLDS,
  foldsOf,
  GroupLoss,
  type Parameter,
  parameter,
  priorLoss,
  robustLoss,
  wholly,
} from './descent.ts';
import { writeJson } from './json-file.ts';
import { ResidualCollector } from './residual-groups.ts';

const priorsFile = new URL('./decode-priors.json', import.meta.url);
const constantsFile = new URL('../../src/domain/calibration/decode-constants.json', import.meta.url);
const residualsFile = new URL('../../src/domain/calibration/decode-residuals.json', import.meta.url);
const foldsFile = new URL('../../test/validation/inference/held-out-decode.json', import.meta.url);

type ClassConstants = Omit<DecodeConstants, keyof Levels | 'prefillLevels'>;

const PARAMETERS: readonly Parameter[] = [
  ...LLAMA_CPP_CLASSES.flatMap((kind) => [
    ...(['half', 'eight', 'four'] as const).map((width) => parameter(`llamaCpp.${kind}.mbu.${width}`, 0.2, 0.97)),
    parameter(`llamaCpp.${kind}.layerSeconds`, 0.5),
    parameter(`llamaCpp.${kind}.linearLayerSeconds`, 0.7),
    parameter(`llamaCpp.${kind}.hopSeconds`, 0.7),
    parameter(`llamaCpp.${kind}.kvShare`, 0.3, 0.97),
  ]),
  parameter('llamaCpp.cpu.mfu', 0.3, 0.97),
  parameter('llamaCpp.cpu.threadSeconds', 0.4),
  parameter('llamaCpp.apple.unpackOperations.eight', 0.5),
  parameter('llamaCpp.apple.unpackOperations.four', 0.5),
  parameter('llamaCpp.edge.floatActivationFactor', 0.2),
  parameter('jetson.mbu.half', 0.2, 0.97),
  parameter('jetson.mbu.four', 0.2, 0.97),
  parameter('jetson.mfu.bf16', 0.5, 0.97),
  parameter('jetson.mfu.fp4', 0.5, 0.97),
  parameter('boardLayerSeconds', 0.5),
  parameter('boardStepSeconds', 0.7),
  parameter('boardExpertSeconds.python', 0.7),
  parameter('boardExpertSeconds.compiled', 0.7),
  parameter('boardHalfTokens', 0.5),
];

const priors = JSON.parse(readFileSync(priorsFile, 'utf8')) as ClassConstants;

const complete = (constants: ClassConstants, levels: Levels): InferenceConstants =>
  withDecodeConstants(INFERENCE_CONSTANTS, { ...constants, ...levels, prefillLevels: {} });

/** Rounds of fitting classes with the levels held and levels with the classes held. */
const ROUNDS = 3;

/** The classes as their devices stand at their levels, so that a device with many models does not bend its class. */
function fitClasses(cases: readonly DecodeCase[], label: string): ClassConstants {
  let fitted = priors;
  let levels = NO_LEVELS;
  for (let round = 0; round < ROUNDS; round++) {
    const objective = (constants: ClassConstants) => {
      const losses = new GroupLoss();
      const all = complete(constants, levels);
      for (const entry of cases) losses.add(entry.group, robustLoss(predictDecode(entry, all) / entry.tokensPerSecond));
      return losses.total() + priorLoss(PARAMETERS, constants, priors);
    };
    fitted = descend(fitted, PARAMETERS, wholly(objective), `${label}, round ${round + 1}`);
    const groups = decodeGroups(cases, complete(fitted, NO_LEVELS));
    levels = levelsOf(groups);
  }
  return fitted;
}

/** Classes whose decoding leaves the matrix units idle: their share of the peak speaks of prompts alone. */
const PROMPT_CLASSES = ['gpu_stacked', 'gpu', 'apple', 'edge'] as const;
const CLASS_ROUNDS = 4;
/** No unit reaches more of its published peak. */
const MOST_OF_PEAK = 0.9;

/** The share of the peak that the devices of a class read prompts at, by the median device. */
function fitPrompts(fitted: ClassConstants, cases: readonly PrefillCase[]): ClassConstants {
  let classes = fitted;
  for (let round = 0; round < CLASS_ROUNDS; round++) {
    const groups = prefillGroups(cases, complete(classes, NO_LEVELS));
    const llamaCpp = { ...classes.llamaCpp };
    for (const kind of PROMPT_CLASSES) {
      const byDevice = Object.values(
        Object.groupBy(
          groups.filter((group) => group.kind === kind),
          ({ device }) => device,
        ),
      ).map((own = []) => own.reduce((sum, { deviation }) => sum + deviation, 0) / own.length);
      if (byDevice.length === 0) continue;
      const factor = Math.exp(
        quantile(
          byDevice.sort((a, b) => a - b),
          0.5,
        ),
      );
      const mfu = Math.min(llamaCpp[kind].mfu * factor, MOST_OF_PEAK);
      llamaCpp[kind] = { ...llamaCpp[kind], mfu: Number(mfu.toPrecision(5)) };
    }
    classes = { ...classes, llamaCpp };
  }
  return classes;
}

export function fitDecode(): void {
  const cases = decodeCases();
  const fitting = cases.filter(({ fitted }) => fitted);
  const prompts = prefillCases();
  const classes = fitPrompts(fitClasses(fitting, 'decode'), prompts);
  const groups = decodeGroups(fitting, complete(classes, NO_LEVELS));
  const levels = levelsOf(groups);
  const promptGroups = prefillGroups(prompts, complete(classes, NO_LEVELS));
  const prefillLevels = prefillLevelsOf(promptGroups);
  writeJson(constantsFile, { ...classes, ...levels, prefillLevels });

  const folds = foldsOf(fitting.map(({ group }) => group));
  const held = Array.from({ length: FOLDS }, (_, fold) =>
    fitPrompts(
      fitClasses(
        fitting.filter(({ group }) => folds.get(group) !== fold),
        `decode, fold ${fold}`,
      ),
      prompts.filter(({ group }) => folds.get(group) !== fold),
    ),
  );
  writeJson(foldsFile, { folds: Object.fromEntries([...folds].sort()), held });

  const collector = new ResidualCollector();
  const outside = held.map((constants) => ({
    constants,
    groups: decodeGroups(fitting, complete(constants, NO_LEVELS)),
  }));
  for (const entry of fitting) {
    const { device, engine } = entry.configuration;
    const key = deviceLevelKey(device, engine);
    const fold = outside[folds.get(entry.group) as number] as (typeof outside)[number];
    const path = decodeResidualPath(device, engine);
    const add = (leaf: string, keep: Parameters<typeof levelsOf>[1], shallowest: number) => {
      const ratio = (constants: InferenceConstants) => entry.tokensPerSecond / predictDecode(entry, constants);
      const shipped = complete(classes, leaf === MEASURED_DEVICE ? levels : levelsOf(groups, keep));
      const without = complete(fold.constants, levelsOf(fold.groups, keep));
      collector.add([...path, leaf], ratio(shipped), ratio(without), shallowest, entry.system);
    };
    const known = groups.some((pair) => pair.device === key && pair.group !== entry.group);
    if (known) add(MEASURED_DEVICE, ({ group }) => group !== entry.group, 1);
    // every device was new once
    add(NEW_DEVICE, (pair) => pair.device !== key && pair.group !== entry.group, known ? path.length + 1 : 1);
  }
  collectPrompts(collector, prompts, complete(classes, levels), (group) => {
    const fold = outside[folds.get(group) ?? 0] as (typeof outside)[number];
    return complete(
      fold.constants,
      levelsOf(fold.groups, (pair) => pair.group !== group),
    );
  });
  writeJson(residualsFile, { groups: collector.groups() });
}

/** Seconds of a prompt, measured / predicted: with the level of its device from other models, and as if it were new. */
function collectPrompts(
  collector: ResidualCollector,
  prompts: readonly PrefillCase[],
  shipped: InferenceConstants,
  without: (group: string) => InferenceConstants,
): void {
  const groups = prefillGroups(prompts, shipped);
  for (const entry of prompts) {
    const { device, engine } = entry.configuration;
    const key = deviceLevelKey(device, engine);
    const outside = without(entry.group);
    const heldGroups = prefillGroups(prompts, outside);
    const path = prefillResidualPath(device);
    const add = (leaf: string, keep: Parameters<typeof prefillLevelsOf>[1], shallowest: number) => {
      const ratio = (constants: InferenceConstants, own: typeof groups, kept: typeof keep) =>
        entry.seconds / predictPrefill(entry, { ...constants, prefillLevels: prefillLevelsOf(own, kept) });
      const all = leaf === MEASURED_DEVICE ? () => true : keep;
      collector.add([...path, leaf], ratio(shipped, groups, all), ratio(outside, heldGroups, keep), shallowest);
    };
    const known = groups.some((pair) => pair.device === key && pair.group !== entry.group);
    if (known) add(MEASURED_DEVICE, ({ group }) => group !== entry.group, 1);
    add(NEW_DEVICE, (pair) => pair.device !== key && pair.group !== entry.group, known ? path.length + 1 : 1);
  }
}
