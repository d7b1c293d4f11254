/** The p95 of the closed form against simulation of a first-come-first-served queue. */
import { queue } from '../../../src/domain/queueing/index.ts';
import { type Comparison, groupRows, type Validator } from '../table.ts';
import { SETTINGS, simulatedP95 } from './simulation.ts';

const JOBS = 200_000;

export const queueValidator: Validator = {
  name: 'queues',
  run() {
    const comparisons = SETTINGS.flatMap((setting, index): Comparison[] => {
      const { servers, utilization, serviceCv2 } = setting;
      const times = queue({ servers, arrivalsPerSecond: servers * utilization, serviceSeconds: 1, serviceCv2 });
      if (times === null) return [];
      const base = {
        id: `${servers} servers at ${utilization}, C^2 ${serviceCv2}`,
        predicted: times.responseSeconds.p95,
        measured: simulatedP95(setting, JOBS, index + 1),
        band: null,
        heldOut: null,
      };
      return [serviceCv2 <= 1 ? 'C^2 up to 1' : 'C^2 above 1', `C^2 ${serviceCv2}`].map((group) => ({
        ...base,
        group,
      }));
    });
    return [{ title: 'p95 of a queue, against simulation', rows: groupRows(comparisons), uncovered: {} }];
  },
};
