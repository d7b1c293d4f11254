import { describe, expect, it } from 'vitest';
import { gammaSurvival } from '../../../src/domain/queueing/gamma.ts';
import { erlangC, fewestServers, queue } from '../../../src/domain/queueing/index.ts';
import { simulatedP95 } from '../../validation/queueing/simulation.ts';
import { quantile } from '../../validation/table.ts';

describe('erlangC', () => {
  it('is the utilization for one server, and the textbook value for more', () => {
    expect(erlangC(1, 0.7)).toBeCloseTo(0.7, 12);
    // 2 servers, 1 Erlang: 1/3; 5 servers, 4 Erlang: 0.5541 (Cooper 1981, table)
    expect(erlangC(2, 1)).toBeCloseTo(1 / 3, 12);
    expect(erlangC(5, 4)).toBeCloseTo(0.5541, 4);
  });

  it('holds for thousands of servers', () => {
    expect(erlangC(5000, 4900)).toBeGreaterThan(0);
    expect(erlangC(5000, 4900)).toBeLessThan(1);
  });
});

describe('gammaSurvival', () => {
  it.each([
    [1, 2, Math.exp(-2)],
    [4, 2, Math.exp(-2) * (1 + 2 + 2 + 8 / 6)],
    [0.5, 1, 0.15729920705],
  ])('shape %d at %d', (shape, x, expected) => {
    expect(gammaSurvival(shape, x)).toBeCloseTo(expected, 9);
  });
});

describe('queue', () => {
  it('is exact for M/M/1', () => {
    const times = queue({ servers: 1, arrivalsPerSecond: 0.8, serviceSeconds: 1, serviceCv2: 1 });
    expect(times?.waitProbability).toBeCloseTo(0.8, 9);
    expect(times?.responseSeconds.mean).toBeCloseTo(5, 9);
    expect(times?.responseSeconds.p95).toBeCloseTo(-Math.log(0.05) / 0.2, 6);
    expect(times?.waitSeconds.p95).toBeCloseTo(Math.log(0.8 / 0.05) / 0.2, 9);
  });

  it('has the mean wait of Pollaczek and Khinchine for M/G/1', () => {
    const times = queue({ servers: 1, arrivalsPerSecond: 0.6, serviceSeconds: 1, serviceCv2: 0.25 });
    expect(times?.waitSeconds.mean).toBeCloseTo((0.6 * 1.25) / (2 * 0.4), 9);
  });

  it('does not answer where servers cannot keep up', () => {
    expect(queue({ servers: 2, arrivalsPerSecond: 2, serviceSeconds: 1, serviceCv2: 1 })).toBeNull();
  });

  it('stays within 7 % of a simulated p95 at the 90th percentile of settings', () => {
    const errors = [1, 4, 16].flatMap((servers) =>
      [0.5, 0.8, 0.9].flatMap((utilization) =>
        [0, 0.25, 1].map((serviceCv2, index) => {
          const simulated = simulatedP95({ servers, utilization, serviceCv2 }, 40_000, 7 + index);
          const load = { servers, arrivalsPerSecond: servers * utilization, serviceSeconds: 1, serviceCv2 };
          return Math.abs((queue(load)?.responseSeconds.p95 ?? 0) / simulated - 1);
        }),
      ),
    );
    expect(
      quantile(
        errors.sort((a, b) => a - b),
        0.9,
      ),
    ).toBeLessThan(0.07);
  });
});

describe('servers needed', () => {
  const load = { arrivalsPerSecond: 30, serviceSeconds: 0.1, serviceCv2: 0.25 };
  const limit = { share: 0.95, responseSeconds: 0.25 };

  it('is the fewest that keep the limit', () => {
    const plan = fewestServers(load, limit);
    expect(plan?.times.responseSeconds.p95).toBeLessThanOrEqual(0.25);
    const fewer = queue({ ...load, servers: (plan?.servers ?? 0) - 1 });
    expect(fewer?.responseSeconds.p95 ?? Number.POSITIVE_INFINITY).toBeGreaterThan(0.25);
  });

  it('is none where the service alone takes too long', () => {
    expect(fewestServers(load, { share: 0.95, responseSeconds: 0.1 })).toBeNull();
  });
});
