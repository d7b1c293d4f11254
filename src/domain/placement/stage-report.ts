/** What is told of every component, or part of one: in words, what else there was, and what rules it out. */
import { money } from '../money.ts';
import { failuresOf } from './check.ts';
import type { EdgeReport } from './edge-report.ts';
import { closestBelow, explainStage, failedChecks, placedUsd } from './explain.ts';
import type { PlacementOption, StageOptions } from './options.ts';
import type { Prepared } from './prepare.ts';
import type { PlacedOption, StageReport, TrafficReport } from './result.ts';
import type { PlaceableSite, Scenario } from './scenario.ts';
import { withLastMileUsd } from './traffic.ts';

/** So many rejected options are told per component, closest first. */
const MOST_REJECTED = 12;

const MOST_ALTERNATIVES = 6;

const inUsd = (value: number | null): string | null => (value === null ? null : money(value, 'USD').amount);

/** The closest, and the closest of those that would cost less than what was chosen. */
function toldOf(
  scenario: Scenario,
  rejected: readonly PlacementOption[],
  usdPerMonth: number,
): readonly PlacementOption[] {
  const closest = rejected.slice(0, MOST_REJECTED);
  const cheaper = closestBelow(scenario, rejected, usdPerMonth);
  return cheaper === undefined || closest.includes(cheaper) ? closest : [...closest, cheaper];
}

export function stageReports(
  { scenario, options }: Prepared,
  leftOut: readonly boolean[],
  placements: readonly PlacedOption[] = [],
  flows: readonly TrafficReport[] = [],
  edge: readonly EdgeReport[] = [],
): StageReport[] {
  return scenario.stages.map((stage, index) => {
    const own = options[index] as StageOptions;
    const chosen = new Set(
      placements.filter((it) => it.stage === stage.id).map(({ optionId }) => optionId.split('#')[0]),
    );
    const [first] = placements.filter((it) => it.stage === stage.id);
    const costs = placedUsd(scenario, own, first);
    const failures = own.rejected.map(({ checks }) => ({ failures: failuresOf(checks) }));
    return {
      stage: stage.id,
      componentId: stage.component.id,
      explanation: explainStage(scenario, index, own, placements, flows, edge),
      options: {
        feasible: own.feasible.length,
        rejected: own.rejected.length,
        dearer: own.dearer.count,
        dearerFromUsdPerMonth:
          own.dearer.leastUsdPerMonth === null ? null : money(own.dearer.leastUsdPerMonth, 'USD').amount,
        dearerExcluded: leftOut[index] === true,
      },
      failedChecks: failedChecks(failures),
      rejected: toldOf(scenario, own.rejected, costs).map((option) => ({
        optionId: option.id,
        siteId: (scenario.sites[option.site] as PlaceableSite).id,
        country: (scenario.sites[option.site] as PlaceableSite).country,
        deviceId: option.device.device.id,
        failures: failuresOf(option.checks),
        usdPerMonth: inUsd(withLastMileUsd(scenario, option)),
      })),
      alternatives: own.feasible
        .filter(({ id }) => !chosen.has(id))
        .slice(0, MOST_ALTERNATIVES)
        .map((option) => ({
          optionId: option.id,
          usdPerMonth: inUsd(withLastMileUsd(scenario, option)) ?? '0',
          p95Ms: option.latency?.p95 ?? null,
        })),
    };
  });
}
