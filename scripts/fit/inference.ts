/**
 * Fits the constants of the language-serving model: coordinate descent in log space, deterministic, from the kernel
 * priors below. Every constant is drawn towards its prior, so one that few cases speak for stays where it was read.
 * Writes src/domain/calibration/inference-constants.json and the constants of the held-out folds.
 */
import { readFileSync } from 'node:fs';
import type { ServingConfiguration } from '../../src/domain/inference/step/configuration.ts';
import { hasArmHost, type InferenceConstants, kernelClass } from '../../src/domain/inference/step/efficiency.ts';
import { fixedLength } from '../../src/domain/inference/step/lengths.ts';
import { servingMemory } from '../../src/domain/inference/step/memory.ts';
import { eraOf } from '../../src/domain/inference/step/software-era.ts';
import { type InferenceMetric, residualPath } from '../../src/domain/inference/step/uncertainty.ts';
import {
  type ClosedLoopCase,
  closedLoopCases,
  memoryCases,
  offlineCases,
  type ThroughputCase,
  throughputCases,
} from '../../test/validation/inference/cases.ts';
import {
  type BurstArtefacts,
  predictClosedLoop,
  predictOffline,
  predictThroughput,
} from '../../test/validation/inference/predictions.ts';
import {
  descend,
  FOLDS,
  foldsOf,
  type Parameter,
  parameter,
  priorLoss,
  robustLoss,
  type Term,
  TermObjective,
} from './descent.ts';
import { writeJson } from './json-file.ts';
import { ResidualCollector } from './residual-groups.ts';

const constantsFile = new URL('../../src/domain/calibration/inference-constants.json', import.meta.url);
const priorsFile = new URL('./inference-priors.json', import.meta.url);
const residualsFile = new URL('../../src/domain/calibration/inference-residuals.json', import.meta.url);
const foldsFile = new URL('../../test/validation/inference/held-out.json', import.meta.url);

interface Fitted {
  constants: InferenceConstants;
  artefacts: BurstArtefacts;
}

const TTFT_WEIGHT = 0.15;

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
  parameter('constants.gemm.ada.mfu.fp8', 0.1, 0.95),
  parameter('constants.gemm.ada.mbu.eight', 0.1, 0.95),
  parameter('constants.gemm.blackwell_workstation.mfu.fp4', 0.1, 0.95),
  parameter('constants.gemm.blackwell_workstation.mbu.four', 0.1, 0.95),
  parameter('constants.gemmLaunchSeconds', 0.5),
  parameter('constants.layerSeconds', 0.5),
  parameter('constants.attention.floorSeconds', 0.3),
  parameter('constants.attention.bandwidthShare', 0.15, 0.95),
  parameter('constants.attention.halfBytes', 1),
  parameter('constants.attention.prefillMfu', 0.2, 0.95),
  parameter('constants.attention.prefillHalfTokens', 0.3),
  parameter('constants.experts.mfu', 0.3, 0.95),
  parameter('constants.experts.halfTokensPerExpert', 0.5),
  parameter('constants.experts.relativeBandwidth', 0.15),
  parameter('constants.experts.launchSeconds', 0.5),
  parameter('constants.experts.quantizationSeconds.blackwell', 0.7),
  parameter('constants.experts.quantizationSeconds.other', 0.7),
  parameter('constants.experts.dispatchSeconds', 0.5),
  parameter('constants.experts.dispatchLinkShare', 0.3, 0.95),
  parameter('constants.experts.popularityShape', 0.5),
  ...['gpt_oss', 'deepseek_v3', 'kimi_k2', 'minimax_m2', 'qwen3_moe', 'qwen3_5_moe', 'glm_moe_dsa', 'mixtral'].map(
    (family) => parameter(`constants.expertFamilyFactor.${family}`, 0.1),
  ),
  parameter('constants.expertEngineFactor.sglang', 0.1),
  parameter('constants.expertEngineFactor.tensorrt_llm', 0.1),
  parameter('constants.expertWideningFactor.vllm', 0.2),
  parameter('constants.expertWideningFactor.tensorrt_llm', 0.2),
  parameter('constants.allReduce.latencySeconds', 0.5),
  parameter('constants.allReduce.latencyPerDoubling', 0.5),
  parameter('constants.allReduce.linkShare', 0.2, 0.95),
  parameter('constants.elementwise.passes', 0.3),
  parameter('constants.softwareEra.vllm.vllm_2025', 0.2),
  parameter('constants.softwareEra.sglang.sglang_2025', 0.2),
  parameter('constants.softwareEra.sglang.sglang_2026', 0.2),
  parameter('constants.softwareEra.tensorrt_llm.tensorrt_llm_engine', 0.2),
  parameter('constants.softwareEra.tensorrt_llm.tensorrt_llm_pytorch', 0.2),
  parameter('constants.softwareEra.tensorrt_llm.tensorrt_llm_2026', 0.2),
  ...['vllm', 'sglang', 'tensorrt_llm'].flatMap((engine) => [
    parameter(`constants.engine.${engine}.stepSeconds`, 0.7),
    parameter(`constants.engine.${engine}.sequenceSeconds`, 0.5),
    parameter(`constants.engine.${engine}.promptLayerSeconds`, 1),
    ...[engine, `${engine}_fixed`].flatMap((run) => [
      parameter(`artefacts.${run}.baseSeconds`, 0.7),
      parameter(`artefacts.${run}.prefillFactor`, 0.4),
      parameter(`artefacts.${run}.slope`, 0.4),
    ]),
  ]),
  parameter('constants.hostCodeFactor.tensorrt_llm_engine', 0.5),
  parameter('constants.armHostFactor', 0.3),
  parameter('artefacts.sglang_fixed.lockstep', 0.5, 1),
];

interface Data {
  readonly closed: readonly ClosedLoopCase[];
  readonly throughput: readonly ThroughputCase[];
}

/** Configurations whose predictions a constant changes, by its name: of an engine, a kernel class, a family, mixtures, all. */
function affectedBy([root, kind, key]: readonly string[]): (configuration: ServingConfiguration) => boolean {
  const mixture = ({ model }: ServingConfiguration) => model.mixtureOfExperts !== null;
  const ofEngine = (name: string | undefined) => (configuration: ServingConfiguration) => configuration.engine === name;
  if (root === 'artefacts') return ofEngine(kind?.replace('_fixed', ''));
  switch (kind) {
    case 'gemm':
      // experts of every class are measured against Hopper's matrix products
      return (configuration) =>
        kernelClass(configuration.device) === key || (key === 'hopper' && mixture(configuration));
    case 'engine':
    case 'softwareEra':
      return ofEngine(key);
    case 'hostCodeFactor':
      return (configuration) => eraOf(configuration).id === key;
    case 'armHostFactor':
      return ({ device }) => hasArmHost(device);
    case 'experts':
      return mixture;
    case 'expertFamilyFactor':
      return (configuration) => mixture(configuration) && configuration.model.family === key;
    case 'expertEngineFactor':
    case 'expertWideningFactor':
      return (configuration) => mixture(configuration) && configuration.engine === key;
    default:
      return () => true;
  }
}

function servingObjective(priors: Fitted, { closed, throughput }: Data): TermObjective<Fitted> {
  const terms: (Term<Fitted> & { readonly configuration: ServingConfiguration })[] = [
    ...closed.map((entry) => ({
      group: `${entry.group} ${entry.configuration.engine} ${entry.configuration.weightFormat}`,
      configuration: entry.configuration,
      loss: ({ constants, artefacts }: Fitted) => {
        const predicted = predictClosedLoop(entry, constants, artefacts);
        return (
          robustLoss(predicted.tpotSeconds / entry.tpotSeconds) +
          TTFT_WEIGHT * robustLoss(predicted.ttftSeconds / entry.ttftSeconds)
        );
      },
    })),
    ...throughput.map((entry) => ({
      group: `${entry.group} ${entry.version} ${entry.kind}`,
      configuration: entry.configuration,
      loss: ({ constants }: Fitted) =>
        (entry.kind === 'prefill' ? TTFT_WEIGHT : 1) * robustLoss(predictThroughput(entry, constants) / entry.value),
    })),
  ];
  const affected = new Map(
    PARAMETERS.map((parameter) => {
      const affects = affectedBy(parameter.path);
      return [parameter, terms.flatMap(({ configuration }, index) => (affects(configuration) ? [index] : []))] as const;
    }),
  );
  return new TermObjective(terms, affected, priors, (fitted) => priorLoss(PARAMETERS, fitted, priors));
}

interface Folds {
  readonly folds: ReadonlyMap<string, number>;
  readonly held: readonly Fitted[];
}

/**
 * Residual groups, from each metric down to the engine: median of measured / predicted by the shipped constants, spread
 * by the wider of the held-out and the shipped ones. Every measured system counts once, however many loads it was
 * measured at, since its cases err together.
 */
function writeResiduals(fitted: Fitted, { folds, held }: Folds, data: Data): void {
  const collector = new ResidualCollector();
  const heldFor = (group: string) => {
    const fold = folds.get(group);
    return fold === undefined ? fitted : (held[fold] as Fitted);
  };

  for (const entry of data.closed) {
    const predict = ({ constants, artefacts }: Fitted) => {
      const times = predictClosedLoop(entry, constants, artefacts);
      return { ...times, whole: times.ttftSeconds + (entry.outputTokens - 1) * times.tpotSeconds };
    };
    const shipped = predict(fitted);
    const heldOut = predict(heldFor(entry.group));
    const measured = entry.ttftSeconds + (entry.outputTokens - 1) * entry.tpotSeconds;
    const add = (metric: InferenceMetric, ours: number, outside: number) =>
      collector.add(residualPath(entry.configuration, metric), ours, outside, 1, entry.system);
    add('tpot', entry.tpotSeconds / shipped.tpotSeconds, entry.tpotSeconds / heldOut.tpotSeconds);
    add('ttft', entry.ttftSeconds / shipped.ttftSeconds, entry.ttftSeconds / heldOut.ttftSeconds);
    add('throughput', shipped.whole / measured, heldOut.whole / measured);
  }
  for (const entry of data.throughput) {
    collector.add(
      residualPath(entry.configuration, entry.kind === 'prefill' ? 'ttft' : 'throughput'),
      entry.value / predictThroughput(entry, fitted.constants),
      entry.value / predictThroughput(entry, heldFor(entry.group).constants),
      1,
      entry.system,
    );
  }
  // never fitted, so that only a fold of the same model and device could know anything of them
  for (const entry of offlineCases()) {
    const shipped = predictOffline(entry, fitted.constants);
    const heldOut = predictOffline(entry, heldFor(entry.group).constants);
    if (shipped === null || heldOut === null) continue;
    const path = residualPath(entry.configuration, 'throughput');
    collector.add(path, entry.tokensPerSecond / shipped, entry.tokensPerSecond / heldOut, 1, entry.system);
  }
  for (const entry of memoryCases()) {
    const ratio = entry.kvCacheBytes / servingMemory(entry.configuration, MEMORY_LENGTHS).kvCacheBytes;
    collector.add(['memory'], ratio, ratio, 1, entry.id);
  }

  writeJson(residualsFile, { groups: collector.groups() });
}

/** KV capacity does not depend on the lengths; any will do. */
const MEMORY_LENGTHS = { promptTokens: fixedLength(1000), outputTokens: fixedLength(100) };

const fitAll = (priors: Fitted, data: Data, label: string): Fitted =>
  descend(priors, PARAMETERS, servingObjective(priors, data), `${label}, serving`);

export function fitInference(): void {
  const priors = JSON.parse(readFileSync(priorsFile, 'utf8')) as Fitted;
  const data: Data = { closed: closedLoopCases(), throughput: throughputCases() };
  const fitted = fitAll(priors, data, 'all');
  writeJson(constantsFile, { constants: fitted.constants });

  const folds = foldsOf([...data.closed, ...data.throughput].map((entry) => entry.group));
  const held = Array.from({ length: FOLDS }, (_, fold) => {
    const kept = <T extends { group: string }>(cases: readonly T[]) =>
      cases.filter((entry) => folds.get(entry.group) !== fold);
    // from the priors, not from the full fit: nothing of the fold may leak in through the start
    return fitAll(priors, { closed: kept(data.closed), throughput: kept(data.throughput) }, `fold ${fold}`);
  });
  writeResiduals(fitted, { folds, held }, data);
  writeJson(foldsFile, { artefacts: fitted.artefacts, folds: Object.fromEntries([...folds].sort()), held });
}
