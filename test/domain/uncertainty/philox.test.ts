import { describe, expect, it } from 'vitest';
import { philox2x32, stratifiedNormals, uniform } from '../../../src/domain/uncertainty/philox.ts';

describe('philox2x32-10', () => {
  // known answers published with the reference implementation (Random123, kat_vectors)
  it.each([
    [0x00000000, 0x00000000, 0x00000000, 0xff1dae59, 0x6cd10df2],
    [0xffffffff, 0xffffffff, 0xffffffff, 0x2c3f628b, 0xab4fd7ad],
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0xdd7ce038, 0xf62a4c12],
  ])('counter %i %i under key %i', (counter0, counter1, key, first, second) => {
    expect(philox2x32(counter0, counter1, key)).toEqual([first, second]);
  });

  it('is spread evenly and differs by seed and dimension', () => {
    const values = Array.from({ length: 10_000 }, (_, i) => uniform(i, 3, 7));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean).toBeCloseTo(0.5, 2);
    expect(uniform(5, 3, 7)).not.toBe(uniform(5, 3, 8));
    expect(uniform(5, 3, 7)).not.toBe(uniform(5, 4, 7));
  });
});

describe('stratified normals', () => {
  it('hit each stratum once, and dimensions are not correlated', () => {
    const a = stratifiedNormals(1000, 0, 1);
    const b = stratifiedNormals(1000, 1, 1);
    expect(new Set(a).size).toBe(1000);
    const mean = a.reduce((sum, z) => sum + z, 0) / a.length;
    const variance = a.reduce((sum, z) => sum + z * z, 0) / a.length;
    expect(Math.abs(mean)).toBeLessThan(1e-9);
    expect(variance).toBeCloseTo(1, 1);
    const correlation = a.reduce((sum, z, i) => sum + z * (b[i] as number), 0) / a.length;
    expect(Math.abs(correlation)).toBeLessThan(0.1);
  });
});
