/**
 * Factors of optimizations against measured pairs: the same model, device, engine, version and parallelism, and one thing
 * changed. What is compared is the factor (measured with over measured without, predicted with over predicted without), so
 * that an error both have in common does not count.
 */
import type { ServingConfiguration } from '../../../src/domain/inference/step/configuration.ts';
import { closedLoopVersions } from '../inference/cases.ts';
import { compareClosedLoop, compareDecode, compareThroughput } from '../inference/validator.ts';
import type { Comparison } from '../table.ts';

/** What is changed; everything else stays. */
type Changed = 'format' | 'batch' | 'promptTokens';

interface Run {
  readonly kind: string;
  readonly same: Readonly<Record<string, unknown>>;
  readonly changed: Readonly<Record<Changed, string | number>>;
  readonly mixture: boolean;
  /** Tokens per second. */
  readonly rate: Comparison;
}

const shapeOf = (configuration: ServingConfiguration) => ({
  model: `${configuration.model.family} ${configuration.model.parametersTotal}`,
  device: configuration.device.id,
  engine: configuration.engine,
  tensor: configuration.tensorParallel,
  pipeline: configuration.pipelineParallel,
  attention: configuration.attentionDataParallel,
  expert: configuration.expertParallel,
});

function runs(): Run[] {
  const versions = closedLoopVersions();
  const run = (
    kind: string,
    configuration: ServingConfiguration,
    same: Run['same'],
    batch: number,
    promptTokens: number,
    rate: Comparison,
  ): Run => ({
    kind,
    same: { ...shapeOf(configuration), ...same },
    changed: { format: configuration.weightFormat, batch, promptTokens },
    mixture: configuration.model.mixtureOfExperts !== null,
    rate,
  });
  return [
    ...compareClosedLoop().map(({ entry, throughput }) =>
      run(
        'closed loop',
        entry.configuration,
        { version: versions.get(entry.id), fixed: entry.fixedLengths, output: entry.outputTokens },
        entry.concurrency,
        entry.promptTokens,
        throughput,
      ),
    ),
    ...compareThroughput().flatMap(({ entry, comparison }) =>
      entry.kind === 'prefill'
        ? []
        : [
            run(
              entry.kind === 'static' ? 'static batch' : 'maximum throughput',
              entry.configuration,
              { version: entry.version, output: entry.outputTokens },
              entry.batch ?? 0,
              entry.promptTokens,
              comparison,
            ),
          ],
    ),
    ...compareDecode().map(({ entry, comparison }) =>
      run('decode', entry.configuration, {}, entry.batch, entry.contextTokens, comparison),
    ),
  ].filter(({ rate }) => rate.predicted > 0 && rate.measured > 0);
}

const WIDE: ReadonlySet<string | number> = new Set(['bf16', 'fp16']);

function compared(without: Run, withIt: Run): Comparison {
  const held =
    withIt.rate.heldOut === null || without.rate.heldOut === null ? null : withIt.rate.heldOut / without.rate.heldOut;
  return {
    id: `${without.rate.id}/${withIt.rate.id}`,
    group: `${withIt.kind}, ${withIt.mixture ? 'mixture of experts' : 'dense'}`,
    predicted: withIt.rate.predicted / without.rate.predicted,
    measured: withIt.rate.measured / without.rate.measured,
    band: null,
    heldOut: held,
  };
}

interface FactorPairs {
  /** The 16-bit format against each narrower one. */
  readonly quantization: readonly Comparison[];
  /** The smallest batch that was measured against each larger one. */
  readonly batching: readonly Comparison[];
  /** Each prompt length against the next shorter one: the work that caching of prefixes takes away. */
  readonly promptLength: readonly Comparison[];
}

export function factorPairs(): FactorPairs {
  const all = runs();
  const alike = (changed: Changed): Run[][] => {
    const key = (run: Run) => JSON.stringify([run.kind, run.same, { ...run.changed, [changed]: null }]);
    return [...Map.groupBy(all, key).values()];
  };
  return {
    quantization: alike('format').flatMap((members) => {
      const wide = members.find(({ changed }) => WIDE.has(changed.format));
      if (wide === undefined) return [];
      return members.filter(({ changed }) => !WIDE.has(changed.format)).map((narrow) => compared(wide, narrow));
    }),
    batching: alike('batch').flatMap((members) => {
      const [smallest, ...larger] = members.toSorted((a, b) => Number(a.changed.batch) - Number(b.changed.batch));
      if (smallest === undefined || Number(smallest.changed.batch) === 0) return [];
      return larger
        .filter(({ changed }) => changed.batch > smallest.changed.batch)
        .map((run) => compared(smallest, run));
    }),
    promptLength: alike('promptTokens')
      .filter(([first]) => first?.kind !== 'decode')
      .flatMap((members) => {
        const ordered = members.toSorted((a, b) => Number(b.changed.promptTokens) - Number(a.changed.promptTokens));
        return ordered.slice(1).flatMap((shorter, index) => {
          const longer = ordered[index] as Run;
          return longer.changed.promptTokens > shorter.changed.promptTokens ? [compared(longer, shorter)] : [];
        });
      }),
  };
}
