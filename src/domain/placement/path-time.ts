/** How long a chain of calls takes with what was chosen for its stages. */
import type { Instance, InstancePath } from './instance.ts';

/** ms. Of several places of a stage the slowest counts, of several ways between two stages the longest. */
export function pathMs({ options }: Pick<Instance, 'options'>, path: InstancePath, chosen: readonly number[]): number {
  const placed = path.stages.map((stage) =>
    chosen.flatMap((index) => {
      const option = options[index];
      return option?.stage === stage ? [option] : [];
    }),
  );
  return placed.reduce((sum, here, hop) => {
    const before = placed[hop - 1] ?? [];
    const trips = before.flatMap((a) => here.map((b) => path.roundTripMs(a.site, b.site)));
    return sum + Math.max(0, ...here.map(({ latencyMs }) => latencyMs)) + Math.max(0, ...trips);
  }, 0);
}
