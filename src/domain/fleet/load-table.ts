/** Loads of all sizes on a configuration, each configuration worked out once: machines of many places are served alike. */

import type { ServingQuestion } from '../inference/language/device-choice.ts';
import type { ServingConfiguration } from '../inference/step/configuration.ts';
import type { Pause } from '../recommendation/performance/point-search.ts';
import { leastLoadOfSize, loadOfSize } from './pool-capacity.ts';
import type { RequestSize } from './request-sizes.ts';

export type Loads = readonly (number | null)[];

export class LoadTable {
  readonly #sizes: readonly RequestSize[];
  readonly #serving: ServingQuestion;
  readonly #pause: Pause;
  readonly #exact = new Map<ServingConfiguration, Loads>();
  readonly #least = new Map<ServingConfiguration, Loads>();

  constructor(sizes: readonly RequestSize[], serving: ServingQuestion, pause: Pause) {
    this.#sizes = sizes;
    this.#serving = serving;
    this.#pause = pause;
  }

  /** Replicas that one request per second of each size keeps busy within the objectives; null where none holds them. */
  exact(configuration: ServingConfiguration): Promise<Loads> {
    return this.#known(this.#exact, configuration, loadOfSize);
  }

  /** True lower bounds of those. */
  least(configuration: ServingConfiguration): Promise<Loads> {
    return this.#known(this.#least, configuration, leastLoadOfSize);
  }

  async #known(
    table: Map<ServingConfiguration, Loads>,
    configuration: ServingConfiguration,
    loadOf: typeof loadOfSize,
  ): Promise<Loads> {
    const before = table.get(configuration);
    if (before !== undefined) return before;
    const loads: (number | null)[] = [];
    for (const size of this.#sizes) {
      await this.#pause();
      loads.push(loadOf(configuration, size, this.#serving));
    }
    table.set(configuration, loads);
    return loads;
  }
}
