import { describe, expect, it } from 'vitest';
import { RequestFaultError } from '../../../src/domain/estimate/request-fault.ts';
import { feasible, recommend } from './seeded.ts';

const question = {
  inference: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 2_000_000 },
  constraints: { countries: ['AE'] },
};

describe('what was left out, of one device', () => {
  it('says why that device is not on the list, and nothing of others', async () => {
    const { leftOut } = await feasible({ ...question, leftOut: { device: 'nvidia-t4-16gb' } });
    expect(leftOut.items).toMatchObject([{ deviceId: 'nvidia-t4-16gb', constraint: 'memory' }]);
    const [failure] = leftOut.items[0]?.failures ?? [];
    expect(Number(failure?.required)).toBeGreaterThan(Number(failure?.actual));
    expect(leftOut.nextOffset).toBeNull();
    expect(leftOut.families).toBeGreaterThan(100);
  });

  it('refuses a device that the catalog does not know', async () => {
    await expect(recommend({ ...question, leftOut: { device: 'nvidia-t5' } })).rejects.toThrow(RequestFaultError);
  });
});
