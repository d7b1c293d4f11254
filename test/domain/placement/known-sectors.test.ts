/** Laws of one trade bind by its name: a name that nobody knows must not pass for a trade that none of them binds. */
import { expect, it } from 'vitest';
import { RequestFaultError } from '../../../src/domain/estimate/request-fault.ts';
import { requireKnownSectors } from '../../../src/domain/placement/known-sectors.ts';
import { snapshot } from './tools.ts';

const asking = (sector: string | undefined) => () =>
  requireKnownSectors(snapshot, {
    components: [
      { id: 'first', model: 'BAAI/bge-m3', requestsPerDay: 1 },
      { id: 'second', model: 'BAAI/bge-m3', requestsPerDay: 1, ...(sector !== undefined && { sector }) },
    ],
    userGroups: [{ country: 'AE' }],
  });

it.each(['bankng', 'bank', 'finance', 'healthcare'])('"%s" is refused with the trades that are known', (sector) => {
  try {
    asking(sector)();
  } catch (error) {
    expect(error).toBeInstanceOf(RequestFaultError);
    const [fault] = (error as RequestFaultError).faults;
    expect(fault?.pointer).toBe('/components/1/sector');
    expect(fault?.detail).toContain('banking, financial, insurance, payments, securities, health');
    return;
  }
  throw new Error('It was not refused.');
});

it.each([undefined, 'banking', 'securities', 'health', 'retail', 'other'])('"%s" is taken', (sector) => {
  expect(asking(sector)).not.toThrow();
});
