import { describe, expect, test } from 'vitest';
import { nearestNames } from '../../src/catalog/nearest.ts';
import { resolveSku } from '../../src/catalog/resolve-sku.ts';
import { snapshotFromSeed } from '../../src/catalog/seed/snapshot-from-seed.ts';
import { contents } from './fixtures.ts';

const near = (asked: string, ids: readonly string[], aliases: Record<string, string[]> = {}): readonly string[] =>
  nearestNames(
    asked,
    ids.map((id) => ({ id })),
    ({ id }) => aliases[id] ?? [],
  );

describe('nearest names', () => {
  const devices = ['nvidia-h100-sxm5-80gb', 'nvidia-h100-pcie-80gb', 'nvidia-a100-sxm4-80gb', 'google-tpu-v5e'];

  test('a slip of the keyboard comes first', () => {
    expect(near('nvidia-h100-smx5-80gb', devices)[0]).toBe('nvidia-h100-sxm5-80gb');
    expect(near('google-tpu-v5', devices)[0]).toBe('google-tpu-v5e');
  });
  test('part of a name is enough, in any order and case', () => {
    expect(near('H100', devices)).toEqual(['nvidia-h100-pcie-80gb', 'nvidia-h100-sxm5-80gb']);
    expect(near('sxm a100', devices)).toEqual(['nvidia-a100-sxm4-80gb']);
  });
  test('an alias leads to its id', () => {
    expect(near('v5litepd', devices, { 'google-tpu-v5e': ['v5litepod'] })).toEqual(['google-tpu-v5e']);
  });
  test('nothing is near to nonsense, to nothing and to very long input', () => {
    expect(near('zzzzzz', devices)).toEqual([]);
    expect(near('', devices)).toEqual([]);
    expect(near('x'.repeat(1e6), devices)).toEqual([]);
  });
  test('three at most', () => {
    expect(near('chip', ['chip1', 'chip2', 'chip3', 'chip4'])).toEqual(['chip1', 'chip2', 'chip3']);
  });
  test('a single letter is no part of a name', () => {
    expect(near('n', devices)).toEqual([]);
    expect(near('n', ['n1', 'n2'])).toEqual([]);
    expect(near('l4', ['nvidia-l4', 'nvidia-l40s', 'nvidia-t4'])).toEqual(['nvidia-l4', 'nvidia-l40s']);
  });
});

describe('SKUs of a price list', () => {
  const view = snapshotFromSeed(contents());
  const ids = (...query: [string, string | undefined, string]) => {
    const [providerId, region, sku] = query;
    const match = resolveSku(view, { providerId, sku, ...(region !== undefined && { region }) });
    return match.status === 'known' ? match.offers.map(({ id }) => id) : [match.unknown, ...match.nearest];
  };

  test('are found by region id or code, in any case', () => {
    expect(ids('aws', 'us-east-1', 'p5.48xlarge')).toEqual(['aws/us-east-1/p5.48xlarge']);
    expect(ids('AWS', 'aws/US-East-1', 'P5.48XLARGE')).toEqual(['aws/us-east-1/p5.48xlarge']);
    expect(ids('aws', undefined, 'p5.48xlarge')).toHaveLength(2);
  });
  test('that are unknown come with the part that is, and the nearest', () => {
    expect(ids('awz', 'us-east-1', 'p5.48xlarge')).toEqual(['provider', 'aws']);
    expect(ids('aws', 'us-east-1', 'p5.48xlrge')).toEqual(['sku', 'p5.48xlarge']);
    expect(ids('aws', 'us-east-2', 'p5.48xlarge')).toEqual(['region', 'aws/us-east-1']);
    expect(ids('aws', 'us-east-1', 'something else')).toEqual(['sku']);
  });
});
