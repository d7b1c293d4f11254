import { describe, expect, it } from 'vitest';
import {
  ACCESS_NETWORKS,
  accessNetworkDelay,
  boundLatency,
  composeLatency,
  networkEgressRate,
  serializationMs,
} from '../../../src/domain/network/index.ts';
import { generator } from '../../validation/queueing/simulation.ts';

describe('access networks', () => {
  it('each say how long, how sure and who measured it', () => {
    for (const network of ACCESS_NETWORKS) {
      expect(network.p50Ms).toBeGreaterThan(0);
      expect(network.lineP95Ms).toBeGreaterThanOrEqual(network.p50Ms);
      expect(network.p95Ms).toBeGreaterThanOrEqual(network.lineP95Ms);
      expect(network.source).not.toBe('');
      expect(network.sourceDate).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    }
    expect(accessNetworkDelay('lte')).toMatchObject({ p50Ms: 29.6, p95Ms: 118, confidence: 'measured' });
    expect(accessNetworkDelay('carrier-pigeon')).toBeUndefined();
  });
});

describe('composeLatency', () => {
  it('adds medians, and tails by the root of squares', () => {
    const parts = [
      { p50Ms: 30, p95Ms: 60 },
      { p50Ms: 20, p95Ms: 60 },
    ];
    expect(composeLatency(parts)).toEqual({ p50Ms: 50, p95Ms: 100 });
    expect(boundLatency(parts)).toBe(120);
  });

  it('agrees with simulated sums of log-normal delays within 5 %', () => {
    const random = generator(11);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    for (const parts of [
      [
        { p50Ms: 30, p95Ms: 100 },
        { p50Ms: 120, p95Ms: 143 },
        { p50Ms: 80, p95Ms: 160 },
      ],
      [
        { p50Ms: 3, p95Ms: 10 },
        { p50Ms: 7, p95Ms: 9 },
        { p50Ms: 15, p95Ms: 40 },
      ],
    ]) {
      const sums = Float64Array.from({ length: 60_000 }, () =>
        parts.reduce((sum, { p50Ms, p95Ms }) => sum + p50Ms * (p95Ms / p50Ms) ** (normal() / 1.644854), 0),
      ).sort();
      const simulated = sums[57_000] as number;
      expect(Math.abs(composeLatency(parts).p95Ms / simulated - 1)).toBeLessThan(0.05);
    }
  });
});

describe('payloads', () => {
  it('take their bits over the narrowest link', () => {
    expect(serializationMs(1_000_000, 8)).toBe(1000);
  });
});

describe('networkEgressRate', () => {
  const uae = { regionId: 'aws/me-central-1', country: 'AE' };

  it("is nothing within a region or from a site of one's own", () => {
    const [within, own] = [networkEgressRate(uae, uae), networkEgressRate({ country: 'AE' }, uae)];
    expect([within.basis, within.usdPerMonth(1000)]).toEqual(['same-region', 0]);
    expect([own.basis, own.usdPerMonth(1000)]).toEqual(['own-site', 0]);
  });

  it("is the provider's price between its regions", () => {
    const rate = networkEgressRate(uae, { regionId: 'aws/eu-central-1', country: 'DE' });
    expect(rate).toMatchObject({ basis: 'inter-region', usdPerGigabyte: 0.085, sourceDate: '2023-04-27' });
    expect(rate.usdPerMonth(1000)).toBeCloseTo(85, 9);
  });

  it('is the internet price list to anyone else, after the free volume', () => {
    const rate = networkEgressRate({ regionId: 'aws/eu-central-1', country: 'DE' }, { country: 'AE' });
    expect(rate.basis).toBe('internet');
    expect(rate.usdPerMonth(1100)).toBeCloseTo(90, 9);
  });

  it("is the caller's own price where there is one, and an assumption where nobody knows", () => {
    expect(networkEgressRate(uae, { country: 'AE' }, 0.02).usdPerMonth(100)).toBe(2);
    expect(networkEgressRate({ regionId: 'khazna/auh1', country: 'AE' }, { country: 'AE' })).toMatchObject({
      basis: 'assumed',
      confidence: 'estimated',
    });
  });
});
