import { PassThrough, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { SyncFailure } from '../../../src/catalog/sync/failure.ts';
import { hashOfList, ListBytes } from '../../../src/catalog/sync/list-bytes.ts';

const whole = gzipSync('offerId,category,unit,amount,currency\nazure/uaenorth/x,on_demand,hour,1,USD\n');

it.each([
  ['cut off', whole.subarray(0, whole.length - 12)],
  ['no gzip at all', Buffer.from('offerId,category')],
])('keeps what is wrong with a body (%s) until it is read, however late', async (_name, body) => {
  // an error without a listener would end the process, and this test with it
  const list = new ListBytes(Readable.from([body]), true, 1e9);
  await delay(50);
  await expect(hashOfList(list)).rejects.toThrow(SyncFailure);
});

it('keeps an error that comes after the body has ended', async () => {
  const body = new PassThrough();
  const list = new ListBytes(body, true, 1e9);
  body.write(whole.subarray(0, 20));
  await delay(20);
  body.end(whole.subarray(20, whole.length - 12));
  await delay(50);
  await expect(hashOfList(list)).rejects.toThrow('ends too early');
});

it.each([true, false])('keeps a connection that breaks before it is read (gzip %s)', async (gzip) => {
  const body = new PassThrough();
  const list = new ListBytes(body, gzip, 1e9);
  body.write(whole.subarray(0, 20));
  body.destroy(Object.assign(new Error('aborted'), { code: 'ECONNRESET' }));
  await delay(20);
  await expect(hashOfList(list)).rejects.toMatchObject({ code: 'interrupted_upload' });
});
