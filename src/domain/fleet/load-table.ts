/** Loads of all sizes on a configuration, each configuration worked out once: machines of many places are served alike. */
import type { ServingConfiguration } from '../inference/configuration.ts';
import type { ServingQuestion } from '../inference/device-choice.ts';
import { leastLoadOfSize, loadOfSize } from './pool-capacity.ts';
import type { RequestSize } from './request-sizes.ts';

export type Loads = readonly (number | null)[];

export class LoadTable {
  readonly #sizes: readonly RequestSize[];
  readonly #serving: ServingQuestion;
  readonly #exact = new Map<ServingConfiguration, Loads>();
  readonly #least = new Map<ServingConfiguration, Loads>();

  constructor(sizes: readonly RequestSize[], serving: ServingQuestion) {
    this.#sizes = sizes;
    this.#serving = serving;
  }

  /** Replicas that one request per second of each size keeps busy within the objectives; null where none holds them. */
  exact(configuration: ServingConfiguration): Loads {
    const loads =
      this.#exact.get(configuration) ?? this.#sizes.map((size) => loadOfSize(configuration, size, this.#serving));
    this.#exact.set(configuration, loads);
    return loads;
  }

  /** True lower bounds of those. */
  least(configuration: ServingConfiguration): Loads {
    const loads =
      this.#least.get(configuration) ?? this.#sizes.map((size) => leastLoadOfSize(configuration, size, this.#serving));
    this.#least.set(configuration, loads);
    return loads;
  }
}
