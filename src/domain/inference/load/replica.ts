/** One replica under requests of given lengths. What it can do is worked out when it is first asked for, and once. */
import type { ServingConfiguration } from '../step/configuration.ts';
import { checkConfiguration } from '../step/feasibility.ts';
import type { RequestLengths } from '../step/lengths.ts';
import { servingMemory } from '../step/memory.ts';
import type { Refusal, Saturation, ServingMemory } from '../step/results.ts';
import { StepModel } from '../step/step.ts';
import { saturation } from './operating-point.ts';
import { Pools } from './pools.ts';
import { ServingCurve } from './serving-curve.ts';

export class Replica {
  readonly configuration: ServingConfiguration;
  readonly memory: ServingMemory;
  readonly lengths: RequestLengths;
  private compiled: StepModel | null = null;
  private saturated: Saturation | null = null;
  private tabulated: ServingCurve | null = null;
  private pooled: Pools | null = null;
  private reasons: readonly Refusal[] | null = null;

  constructor(
    configuration: ServingConfiguration,
    lengths: RequestLengths,
    memory: ServingMemory = servingMemory(configuration, lengths),
  ) {
    this.configuration = configuration;
    this.memory = memory;
    this.lengths = lengths;
  }

  /** Every reason why it cannot serve these lengths; empty where it can. */
  get refusals(): readonly Refusal[] {
    this.reasons ??= checkConfiguration(this.configuration, this.lengths, this.memory);
    return this.reasons;
  }

  get model(): StepModel {
    this.compiled ??= new StepModel(this.configuration);
    return this.compiled;
  }

  /** The highest rate it sustains. */
  get limit(): Saturation {
    this.saturated ??= this.pools?.limit ?? saturation(this.configuration, this.memory, this.lengths, this.model);
    return this.saturated;
  }

  /** What it does where prompts and writing have replicas of their own; null where they share them. */
  get pools(): Pools | null {
    if (!this.configuration.disaggregated) return null;
    this.pooled ??= new Pools(this);
    return this.pooled;
  }

  /** Its times over the number of sequences in flight. */
  get curve(): ServingCurve {
    const { configuration, memory, lengths } = this;
    const maximum = memory.maxConcurrentSequences / configuration.attentionDataParallel;
    this.tabulated ??= new ServingCurve(configuration, lengths, maximum, this.model);
    return this.tabulated;
  }
}
