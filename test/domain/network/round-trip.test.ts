import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { greatCircleKm } from '../../../src/domain/economics/great-circle.ts';
import { estimateRoundTrip, fibreFloorMs } from '../../../src/domain/network/index.ts';
import { MEASURED_ROUND_TRIPS } from '../../../src/domain/network/measured-round-trips.ts';

const DUBAI = { latitude: 25.2, longitude: 55.3, city: 'Dubai' };
const FRANKFURT = { latitude: 50.11, longitude: 8.68, regionId: 'aws/eu-central-1' };

describe('fibreFloorMs', () => {
  it('is 9.79 ms for 1,000 km, and no measured round trip is faster', () => {
    expect(fibreFloorMs(1000)).toBeCloseTo(9.795, 3);
    const faster = MEASURED_ROUND_TRIPS.filter(({ from, to, ms }) => ms < fibreFloorMs(greatCircleKm(from, to)));
    expect(faster).toEqual([]);
  });
});

describe('estimateRoundTrip', () => {
  it('takes the measurement where both are measured regions, newest median and published p95', () => {
    const estimate = estimateRoundTrip(
      { latitude: 25.2, longitude: 55.3, regionId: 'azure/uaenorth' },
      { latitude: 25.29, longitude: 51.53, regionId: 'azure/qatarcentral' },
    );
    expect(estimate.basis).toBe('measured-pair');
    expect(estimate.p50Ms).toBeGreaterThan(15);
    expect(estimate.p50Ms).toBeLessThan(22);
    expect(estimate.p95Ms).toBeGreaterThanOrEqual(estimate.p50Ms);
  });

  it('says the nearest measured pair for a city beside a measured region', () => {
    const estimate = estimateRoundTrip(DUBAI, FRANKFURT);
    expect(estimate.basis).toBe('nearest-measured');
    expect(estimate.explanation).toContain('Dubai to Frankfurt');
    expect(estimate.p50Ms).toBeGreaterThan(105);
    expect(estimate.p50Ms).toBeLessThan(130);
  });

  it('falls to path factors far from every measurement, with a wider band', () => {
    const estimate = estimateRoundTrip(
      { latitude: 33.68, longitude: 73.05, city: 'Islamabad' },
      { latitude: -1.29, longitude: 36.82, city: 'Nairobi' },
    );
    expect(estimate.basis).toBe('path-factor');
    const width = ({ p10, p90 }: { p10: number; p90: number }) => p90 / p10;
    expect(width(estimate.p50BandMs)).toBeGreaterThan(width(estimateRoundTrip(DUBAI, FRANKFURT).p50BandMs));
  });

  it('is the local network at one site, and rises steadily through a metropolis', () => {
    expect(estimateRoundTrip(DUBAI, DUBAI)).toMatchObject({ basis: 'same-site', p50Ms: 0.53 });
    const east = (longitude: number) => estimateRoundTrip(DUBAI, { latitude: 25.2, longitude }).p50Ms;
    expect(east(55.35)).toBeGreaterThan(0.53);
    expect(east(55.35)).toBeLessThan(east(55.5));
    expect(east(55.5)).toBeLessThan(east(56));
  });

  it('is never below the fibre floor, the same both ways, and in order', () => {
    const place = fc.record({
      latitude: fc.double({ min: -60, max: 70, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    fc.assert(
      fc.property(place, place, (from, to) => {
        const there = estimateRoundTrip(from, to);
        const back = estimateRoundTrip(to, from);
        expect(there.p50Ms).toBeGreaterThanOrEqual(there.fibreFloorMs);
        expect(there.p95Ms).toBeGreaterThanOrEqual(there.p50Ms);
        expect(there.p50BandMs.p10).toBeGreaterThanOrEqual(there.fibreFloorMs);
        expect(there.p50BandMs.p10).toBeLessThanOrEqual(there.p50Ms);
        expect(there.p50BandMs.p90).toBeGreaterThanOrEqual(there.p50Ms);
        expect(back.p50Ms).toBeCloseTo(there.p50Ms, 6);
      }),
      { numRuns: 200 },
    );
  });
});
