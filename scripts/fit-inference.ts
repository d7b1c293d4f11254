/**
 * Fits the constants of the language-serving model: coordinate descent in log space, deterministic, from the kernel
 * priors below. Every constant is drawn towards its prior, so one that few cases speak for stays where it was read.
 * Writes src/domain/calibration/inference-constants.json and the constants of the held-out folds.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { InferenceConstants } from '../src/domain/inference/efficiency.ts';
import { fixedLength } from '../src/domain/inference/lengths.ts';
import { servingMemory } from '../src/domain/inference/memory.ts';
import type { ResidualGroup } from '../src/domain/inference/residuals.ts';
import { residualPath } from '../src/domain/inference/uncertainty.ts';
import {
  type ClosedLoopCase,
  closedLoopCases,
  type DecodeCase,
  decodeCases,
  memoryCases,
  type ThroughputCase,
  throughputCases,
} from '../test/validation/inference/cases.ts';
import {
  type BurstArtefacts,
  predictClosedLoop,
  predictDecode,
  predictThroughput,
} from '../test/validation/inference/predictions.ts';
import { quantile } from '../test/validation/table.ts';

const constantsFile = new URL('../src/domain/calibration/inference-constants.json', import.meta.url);
const priorsFile = new URL('./inference-priors.json', import.meta.url);
const residualsFile = new URL('../src/domain/calibration/inference-residuals.json', import.meta.url);
const foldsFile = new URL('../test/validation/inference/held-out.json', import.meta.url);

interface Fitted {
  constants: InferenceConstants;
  artefacts: BurstArtefacts;
}

interface Parameter {
  readonly path: readonly string[];
  /** Spread of the prior in log space. */
  readonly spread: number;
  readonly maximum: number;
}

const FOLDS = 10;
/** Errors beyond this count linearly: single wrong rows do not pull the fit. */
const HUBER = 0.12;
const TTFT_WEIGHT = 0.15;
const FIRST_STEP = 1.2;
const LAST_STEP = 1.01;

const parameter = (path: string, spread: number, maximum = Number.POSITIVE_INFINITY): Parameter => ({
  path: path.split('.'),
  spread,
  maximum,
});

const PARAMETERS: readonly Parameter[] = [
  parameter('constants.rooflineExponent', 0.2),
  ...['hopper', 'blackwell'].flatMap((kernel) => [
    parameter(`constants.gemm.${kernel}.mfu.bf16`, 0.15, 0.95),
    parameter(`constants.gemm.${kernel}.mfu.fp8`, 0.15, 0.95),
    parameter(`constants.gemm.${kernel}.mbu.half`, 0.15, 0.95),
    parameter(`constants.gemm.${kernel}.mbu.eight`, 0.2, 0.95),
    parameter(`constants.gemm.${kernel}.mbu.four`, 0.2, 0.95),
  ]),
  parameter('constants.gemm.blackwell.mfu.fp4', 0.2, 0.95),
  parameter('constants.gemm.ampere.mfu.bf16', 0.1, 0.95),
  parameter('constants.gemm.ampere.mbu.half', 0.1, 0.95),
  parameter('constants.gemmLaunchSeconds', 0.5),
  parameter('constants.layerSeconds', 0.5),
  parameter('constants.attention.floorSeconds', 0.3),
  parameter('constants.attention.bandwidthShare', 0.15, 0.95),
  parameter('constants.attention.halfBytes', 0.5),
  parameter('constants.attention.prefillMfu', 0.2, 0.95),
  parameter('constants.attention.prefillHalfTokens', 0.3),
  parameter('constants.experts.mfu', 0.3, 0.95),
  parameter('constants.experts.halfTokensPerExpert', 0.5),
  parameter('constants.experts.bandwidthShare.hopper', 0.25, 0.95),
  parameter('constants.experts.bandwidthShare.blackwell', 0.25, 0.95),
  parameter('constants.experts.bandwidthShare.other', 0.25, 0.95),
  parameter('constants.experts.tensorImbalance', 0.15),
  parameter('constants.experts.expertImbalance', 0.3),
  parameter('constants.experts.launchSeconds', 0.5),
  parameter('constants.experts.dispatchSeconds', 0.5),
  parameter('constants.experts.dispatchLinkShare', 0.3, 0.95),
  parameter('constants.experts.popularityShape', 0.7),
  ...['gpt_oss', 'deepseek_v3', 'kimi_k2', 'minimax_m2', 'qwen3_moe', 'qwen3_5_moe', 'glm_moe_dsa', 'mixtral'].map(
    (family) => parameter(`constants.expertFamilyFactor.${family}`, 0.2),
  ),
  parameter('constants.expertEngineFactor.sglang', 0.2),
  parameter('constants.expertEngineFactor.tensorrt_llm', 0.2),
  parameter('constants.expertWideningFactor.vllm', 0.2),
  parameter('constants.expertWideningFactor.tensorrt_llm', 0.2),
  parameter('constants.expertLaunchFactor.sglang', 0.3),
  parameter('constants.expertLaunchFactor.tensorrt_llm', 0.3),
  parameter('constants.allReduce.latencySeconds', 0.5),
  parameter('constants.allReduce.latencyPerDoubling', 0.5),
  parameter('constants.allReduce.linkShare', 0.2, 0.95),
  parameter('constants.elementwise.passes', 0.3),
  ...['vllm', 'sglang', 'tensorrt_llm'].flatMap((engine) => [
    parameter(`constants.engine.${engine}.stepSeconds`, 0.7),
    parameter(`constants.engine.${engine}.sequenceSeconds`, 0.5),
    ...[engine, `${engine}_fixed`].flatMap((run) => [
      parameter(`artefacts.${run}.baseSeconds`, 0.7),
      parameter(`artefacts.${run}.prefillFactor`, 0.4),
      parameter(`artefacts.${run}.slope`, 0.4),
    ]),
  ]),
  parameter('artefacts.sglang_fixed.lockstep', 0.5, 1),
];

const DECODE_PARAMETERS: readonly Parameter[] = [
  ...['gpu_stacked', 'gpu', 'apple'].flatMap((kind) => [
    parameter(`constants.llamaCpp.${kind}.mbu.half`, 0.2, 0.97),
    parameter(`constants.llamaCpp.${kind}.mbu.four`, 0.2, 0.97),
    parameter(`constants.llamaCpp.${kind}.layerSeconds`, 0.5),
  ]),
  parameter('constants.llamaCpp.cpu.mbu.four', 0.2, 0.97),
  parameter('constants.llamaCpp.cpu.mfu', 0.3, 0.97),
  parameter('constants.llamaCpp.edge.mbu.half', 0.3, 0.97),
  parameter('constants.llamaCpp.edge.mbu.four', 0.3, 0.97),
  parameter('constants.llamaCpp.edge.layerSeconds', 0.5),
  parameter('constants.gemm.jetson.mbu.half', 0.2, 0.97),
  parameter('constants.gemm.jetson.mbu.four', 0.2, 0.97),
  parameter('constants.gemm.jetson.mfu.bf16', 0.5, 0.97),
];

function get(root: unknown, path: readonly string[]): number {
  let node = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) node = node[key] as Record<string, unknown>;
  const value = node[path.at(-1) as string];
  if (typeof value !== 'number') throw new Error(`No constant at ${path.join('.')}.`);
  return value;
}

function set(root: unknown, path: readonly string[], value: number): void {
  let node = root as Record<string, unknown>;
  for (const key of path.slice(0, -1)) node = node[key] as Record<string, unknown>;
  node[path.at(-1) as string] = value;
}

const loss = (ratio: number): number => {
  const error = Math.log(ratio) / HUBER;
  return Number.isFinite(error) ? Math.sqrt(1 + error * error) - 1 : 30;
};

interface Data {
  readonly closed: readonly ClosedLoopCase[];
  readonly throughput: readonly ThroughputCase[];
  readonly decode: readonly DecodeCase[];
}

type Objective = (fitted: Fitted, priors: Fitted) => number;

/** Groups weigh by the square root of their size, so that a long sweep of one model does not outvote the rest. */
class GroupLoss {
  private readonly sums = new Map<string, { sum: number; count: number }>();

  add(group: string, value: number): void {
    const entry = this.sums.get(group) ?? { sum: 0, count: 0 };
    entry.sum += value;
    entry.count++;
    this.sums.set(group, entry);
  }

  total(): number {
    let total = 0;
    for (const { sum, count } of this.sums.values()) total += sum / Math.sqrt(count);
    return total;
  }
}

/** How far the constants stand from their priors, in spreads. */
const priorLoss = (parameters: readonly Parameter[], fitted: Fitted, priors: Fitted): number =>
  parameters.reduce(
    (total, { path, spread }) => total + 0.5 * (Math.log(get(fitted, path) / get(priors, path)) / spread) ** 2,
    0,
  );

function decodeObjective(cases: readonly DecodeCase[]): Objective {
  return (fitted, priors) => {
    const losses = new GroupLoss();
    for (const entry of cases) {
      losses.add(entry.group, loss(predictDecode(entry, fitted.constants) / entry.tokensPerSecond));
    }
    return losses.total() + priorLoss(DECODE_PARAMETERS, fitted, priors);
  };
}

function servingObjective(data: Data): Objective {
  return (fitted, priors) => servingLoss(fitted, priors, data);
}

function servingLoss(fitted: Fitted, priors: Fitted, data: Data): number {
  const losses = new GroupLoss();
  for (const entry of data.closed) {
    const engine = entry.configuration.engine;
    const predicted = predictClosedLoop(entry, fitted.constants, fitted.artefacts);
    const group = `${entry.group} ${engine} ${entry.configuration.weightFormat}`;
    losses.add(
      group,
      loss(predicted.tpotSeconds / entry.tpotSeconds) + TTFT_WEIGHT * loss(predicted.ttftSeconds / entry.ttftSeconds),
    );
  }
  for (const entry of data.throughput) {
    const predicted = predictThroughput(entry, fitted.constants);
    const weight = entry.kind === 'prefill' ? TTFT_WEIGHT : 1;
    losses.add(`${entry.group} ${entry.version} ${entry.kind}`, weight * loss(predicted / entry.value));
  }
  return losses.total() + priorLoss(PARAMETERS, fitted, priors);
}

function descend(
  start: Fitted,
  priors: Fitted,
  parameters: readonly Parameter[],
  objective: Objective,
  label: string,
): Fitted {
  const fitted = structuredClone(start);
  let best = objective(fitted, priors);
  let step = FIRST_STEP;
  while (step > LAST_STEP) {
    let improved = false;
    for (const { path, maximum } of parameters) {
      const value = get(fitted, path);
      for (const factor of [step, 1 / step]) {
        const trial = Number((value * factor).toPrecision(5));
        if (trial > maximum) continue;
        set(fitted, path, trial);
        const result = objective(fitted, priors);
        if (result < best - 1e-6) {
          best = result;
          improved = true;
          break;
        }
        set(fitted, path, value);
      }
    }
    if (!improved) step = 1 + (step - 1) / 2;
    console.log(`${label}: step ${step.toFixed(3)}, objective ${best.toFixed(3)}`);
  }
  return fitted;
}

/** Groups go to folds in turn, largest first, so that folds are alike in size. */
export function foldsOf(groups: readonly string[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  const ordered = [...sizes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Map(ordered.map(([group], index) => [group, index % FOLDS]));
}

const write = (file: URL, value: unknown) => writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);

interface Folds {
  readonly folds: ReadonlyMap<string, number>;
  readonly held: readonly Fitted[];
}

/** A group needs this many cases for quantiles of its own; smaller ones speak through their parent. */
const SMALLEST_GROUP = 5;

/**
 * Residual groups, from each metric down to the engine: median of measured / predicted by the shipped constants, spread
 * by the wider of the held-out and the shipped ones.
 */
function writeResiduals(fitted: Fitted, { folds, held }: Folds, data: Data): void {
  const ratios = new Map<string, { shipped: number[]; heldOut: number[] }>();
  const add = (path: readonly string[], shipped: number, heldOut: number) => {
    if (!(shipped > 0 && heldOut > 0)) return;
    for (let depth = 1; depth <= path.length; depth++) {
      const key = path.slice(0, depth).join('/');
      const entry = ratios.get(key) ?? { shipped: [], heldOut: [] };
      entry.shipped.push(shipped);
      entry.heldOut.push(heldOut);
      ratios.set(key, entry);
    }
  };
  const heldFor = (group: string) => held[folds.get(group) as number] as Fitted;

  for (const entry of data.closed) {
    const predict = ({ constants, artefacts }: Fitted) => {
      const times = predictClosedLoop(entry, constants, artefacts);
      return { ...times, whole: times.ttftSeconds + (entry.outputTokens - 1) * times.tpotSeconds };
    };
    const shipped = predict(fitted);
    const heldOut = predict(heldFor(entry.group));
    const measured = entry.ttftSeconds + (entry.outputTokens - 1) * entry.tpotSeconds;
    add(
      residualPath(entry.configuration, 'tpot'),
      entry.tpotSeconds / shipped.tpotSeconds,
      entry.tpotSeconds / heldOut.tpotSeconds,
    );
    add(
      residualPath(entry.configuration, 'ttft'),
      entry.ttftSeconds / shipped.ttftSeconds,
      entry.ttftSeconds / heldOut.ttftSeconds,
    );
    add(residualPath(entry.configuration, 'throughput'), shipped.whole / measured, heldOut.whole / measured);
  }
  for (const entry of data.throughput) {
    const prefill = entry.kind === 'prefill';
    add(
      residualPath(entry.configuration, prefill ? 'ttft' : 'throughput'),
      entry.value / predictThroughput(entry, fitted.constants),
      entry.value / predictThroughput(entry, heldFor(entry.group).constants),
    );
  }
  for (const entry of data.decode) {
    add(
      residualPath(entry.configuration, 'decode_edge'),
      entry.tokensPerSecond / predictDecode(entry, fitted.constants),
      entry.tokensPerSecond / predictDecode(entry, heldFor(entry.group).constants),
    );
  }
  for (const entry of memoryCases()) {
    const ratio = entry.kvCacheBytes / servingMemory(entry.configuration, MEMORY_LENGTHS).kvCacheBytes;
    add(['memory'], ratio, ratio);
  }

  const round = (value: number) => Number(value.toPrecision(4));
  const groups: Record<string, ResidualGroup> = {};
  for (const [key, { shipped, heldOut }] of [...ratios].sort()) {
    if (shipped.length < SMALLEST_GROUP) continue;
    const sortedHeld = heldOut.toSorted((a, b) => a - b);
    const sortedShipped = shipped.toSorted((a, b) => a - b);
    const p50 = quantile(sortedShipped, 0.5);
    groups[key] = {
      cases: shipped.length,
      p10: round(Math.min(quantile(sortedHeld, 0.1), quantile(sortedShipped, 0.1))),
      p50: round(p50),
      p90: round(Math.max(quantile(sortedHeld, 0.9), quantile(sortedShipped, 0.9))),
      medianAbsoluteErrorPercent: round(
        100 *
          quantile(
            heldOut.map((ratio) => Math.abs(1 / ratio - 1)).toSorted((a, b) => a - b),
            0.5,
          ),
      ),
    };
  }
  write(residualsFile, { groups });
}

/** KV capacity does not depend on the lengths; any will do. */
const MEMORY_LENGTHS = { promptTokens: fixedLength(1000), outputTokens: fixedLength(100) };

/** Serving constants first, then those of single-stream decoding, which stand on them. */
function fitAll(priors: Fitted, data: Data, label: string): Fitted {
  const serving = descend(priors, priors, PARAMETERS, servingObjective(data), `${label}, serving`);
  return descend(serving, priors, DECODE_PARAMETERS, decodeObjective(data.decode), `${label}, decode`);
}

export function fitInference(): void {
  const priors = JSON.parse(readFileSync(priorsFile, 'utf8')) as Fitted;
  const data: Data = { closed: closedLoopCases(), throughput: throughputCases(), decode: decodeCases() };
  const fitted = fitAll(priors, data, 'all');
  write(constantsFile, { constants: fitted.constants });

  const folds = foldsOf([...data.closed, ...data.throughput, ...data.decode].map((entry) => entry.group));
  const held = Array.from({ length: FOLDS }, (_, fold) => {
    const kept = <T extends { group: string }>(cases: readonly T[]) =>
      cases.filter((entry) => folds.get(entry.group) !== fold);
    // from the priors, not from the full fit: nothing of the fold may leak in through the start
    return fitAll(
      priors,
      { closed: kept(data.closed), throughput: kept(data.throughput), decode: kept(data.decode) },
      `fold ${fold}`,
    );
  });
  writeResiduals(fitted, { folds, held }, data);
  write(foldsFile, { artefacts: fitted.artefacts, folds: Object.fromEntries([...folds].sort()), held });
}
