/** How accurate a stage is: as stated for its work, or decided by the alternative of its easy/hard split. */
import type { NamedWork, Scenario, Stage } from './scenario.ts';

/** Share of right answers; null where nothing was stated. */
export function stageAccuracy({ alternatives }: Scenario, stage: Stage, work: NamedWork): number | null {
  const [own] = stage.alternatives ?? [];
  const decided = own === undefined || stage.part === 'whole' ? undefined : alternatives[own]?.accuracy;
  return decided ?? work.work.accuracy ?? null;
}
