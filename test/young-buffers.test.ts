import { once } from 'node:events';
import { constants, type NodeGCPerformanceDetail, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { expect, it } from 'vitest';
import { notePassed } from '../src/young-buffers.ts';

it('collects young objects, and no others, for every eight megabytes that pass', async () => {
  const kinds: (number | undefined)[] = [];
  const seen = new EventTarget();
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      kinds.push((entry as PerformanceEntry & { detail: NodeGCPerformanceDetail }).detail.kind);
    seen.dispatchEvent(new Event('collected'));
  });
  observer.observe({ entryTypes: ['gc'] });
  const collected = once(seen, 'collected');
  for (let part = 0; part < 128; part++) notePassed(2 ** 16);
  await collected;
  observer.disconnect();
  expect(kinds).toContain(constants.NODE_PERFORMANCE_GC_MINOR);
  expect(kinds).not.toContain(constants.NODE_PERFORMANCE_GC_MAJOR);
});
