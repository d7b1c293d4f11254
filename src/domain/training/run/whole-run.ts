/** From clean steps to the whole run: stages, batch ramp, goodput, spares, experiments. */
import stages from '../../calibration/training-stages.json' with { type: 'json' };
import { storedParameters } from '../../models/parameters.ts';
import type { UncertainFactor } from '../../uncertainty/band.ts';
import { assumedFactor, sourcedFactor } from '../../uncertainty/band.ts';
import { HOURS_PER_DAY, SECONDS_PER_HOUR } from '../../units.ts';
import type { ChosenDefault, Goodput, StepTime, WholeRun } from '../results.ts';
import type { TrainingWorkload } from '../workload.ts';

type RunClass = 'large_single_stage' | 'multi_stage' | 'over_trained' | 'fine_tuning';

/** More tokens per parameter than this and a run is of the over-trained kind (Llama-3-8B, Phi), with its many stages. */
const OVER_TRAINED_TOKENS_PER_PARAMETER = 320;
const LARGE_MODEL_PARAMETERS = 65e9;

/** Which published runs this one is like. Without tokens the size alone decides. */
export function runClass(workload: TrainingWorkload, tokens: number | null): RunClass {
  if (workload.method !== 'pretraining') return 'fine_tuning';
  const parameters = storedParameters(workload.model);
  if (tokens !== null && tokens / parameters >= OVER_TRAINED_TOKENS_PER_PARAMETER) return 'over_trained';
  return parameters >= LARGE_MODEL_PARAMETERS ? 'large_single_stage' : 'multi_stage';
}

interface StageFactor {
  readonly value: number;
  /** 10th and 90th percentile. */
  readonly low: number;
  readonly high: number;
  readonly cases: number;
}

const RULES: Record<RunClass, string> = {
  large_single_stage: 'one main stage of a large model',
  multi_stage: 'main stage, then long-context or anneal stages and evaluation',
  over_trained: `more than ${OVER_TRAINED_TOKENS_PER_PARAMETER} tokens per parameter: many stages, large cluster for the model, restarts`,
  fine_tuning: 'one stage with start-up and evaluation',
};
const STAGE_FACTORS: Record<RunClass, StageFactor> = {
  large_single_stage: stages.classes.large_single_stage,
  multi_stage: stages.classes.multi_stage,
  over_trained: stages.classes.over_trained,
  // assumed: no published set of all-in fine-tuning hours
  fine_tuning: { value: 1.05, low: 1, high: 1.2, cases: 0 },
};

const factors = new Map<RunClass, ChosenDefault<number> & { readonly factor: UncertainFactor }>();

/** All-in hours over clean hours at the same goodput for a class of runs, and the spread around it. */
export function stageFactor(run: RunClass): ChosenDefault<number> & { readonly factor: UncertainFactor } {
  const known = factors.get(run);
  if (known !== undefined) return known;
  const { value, low, high, cases } = STAGE_FACTORS[run];
  const source =
    cases === 0
      ? 'assumed'
      : `published device-hours over clean steps of ${cases} runs: Llama 1 to 4, BLOOM, OPT, Nemotron-4, Pythia, MPT, Phi cards and reports`;
  const rule = RULES[run];
  const describe = `${rule} (${source})`;
  const id = `training/stage-factor/${run}`;
  const factor =
    cases === 0
      ? assumedFactor(id, low / value, high / value, describe)
      : sourcedFactor(id, low / value, high / value, describe);
  const chosen = { value, rule, source, factor };
  factors.set(run, chosen);
  return chosen;
}

interface WholeRunInput {
  readonly tokens: number;
  readonly step: StepTime;
  readonly devices: number;
  readonly devicesPerNode: number;
  readonly goodput: Goodput;
  readonly stageFactor: number;
  /** Clean hours and steps of stages after the main one; 0 where absent. */
  readonly furtherStages?: { readonly cleanHours: number; readonly steps: number };
  /** 1 where the batch is constant; 1.02 is a typical ramp. */
  readonly batchRampFactor: number;
  readonly spareShare: number;
  readonly experimentsMultiple: number;
}

/**
 * Hours and device-hours of the run; the main stage is linear in tokens.
 * @throws RangeError on tokens that are not positive, a factor below 1, or negative shares.
 */
export function wholeRun(input: WholeRunInput): WholeRun {
  if (!(input.tokens > 0 && Number.isFinite(input.tokens)))
    throw new RangeError(`Tokens must be positive, not ${input.tokens}.`);
  if (!(input.stageFactor >= 1) || !(input.batchRampFactor >= 1))
    throw new RangeError('Stage and ramp factors start at 1.');
  if (!(input.spareShare >= 0) || !(input.experimentsMultiple >= 0)) throw new RangeError('Shares start at 0.');
  const mainSteps = input.tokens / input.step.tokensPerStep;
  const mainHours = (mainSteps * input.step.seconds) / SECONDS_PER_HOUR;
  const steps = mainSteps + (input.furtherStages?.steps ?? 0);
  const further = input.furtherStages?.cleanHours ?? 0;
  const cleanHours = mainHours + further;
  // the batch ramps up at the start
  const wallClockHours = ((mainHours * input.batchRampFactor + further) * input.stageFactor) / input.goodput.goodput;
  const deviceHours = wallClockHours * input.devices;
  const spares = Math.ceil((input.devices / input.devicesPerNode) * input.spareShare) * input.devicesPerNode;
  const held = input.spareShare > 0 ? spares : 0;
  return {
    steps: Math.ceil(steps),
    cleanHours,
    goodput: input.goodput.goodput,
    stageFactor: input.stageFactor,
    batchRampFactor: input.batchRampFactor,
    wallClockHours,
    wallClockDays: wallClockHours / HOURS_PER_DAY,
    deviceHours,
    deviceHoursWithSpares: wallClockHours * (input.devices + held),
    expectedInterruptions: (input.goodput.failuresPerDay * wallClockHours) / HOURS_PER_DAY,
    experimentDeviceHours: deviceHours * input.experimentsMultiple,
    programmeDeviceHours: deviceHours * (1 + input.experimentsMultiple),
  };
}
