/** Lists as spreadsheets save them: taken where it is plain what they mean, else told what to change and where. */
import { describe, expect, it } from 'vitest';
import { listRejections } from '../../../src/catalog/sync/records.ts';
import { fingerprint, request, send, useSyncing } from './syncing.ts';

const syncing = useSyncing();
const HEADER = 'provider,region,sku,category,unit,amount,currency,validFrom,notes';
const GOOD = 'aws,us-east-1,p5.48xlarge,on_demand,hour,55.04,USD,,';
const dryRun = { dryRun: true } as const;

describe('taken', () => {
  it.each([
    ['spaces around cells', `${HEADER}\n aws , us-east-1 ,p5.48xlarge\u00A0,on_demand, hour , 55.04,USD ,,\n`, 1],
    ['a byte order mark and Windows line ends', `\uFEFF${HEADER}\r\n${GOOD}\r\n`, 1],
    ['line breaks within quotes', `${HEADER}\r\n${GOOD}"one\r\ntwo\nthree"\r\n`, 1],
    ['blank lines anywhere', `\n\r\n${HEADER}\n\n${GOOD}\n\n\n${GOOD.replace('p5.48', 'g6.')}\n\n`, 2],
    ['lines of nothing but commas', `${HEADER}\n,,,,,,,,\n${GOOD}\n,,,,,,,,\n,,,,,,,,`, 1],
    ['lines that end differently', `${HEADER}\n${GOOD}\r\n${GOOD.replace('p5.48', 'g6.')}\n`, 2],
    [
      'the delimiter as Excel notes it',
      `sep=;\r\n${HEADER.replaceAll(',', ';')}\r\n${GOOD.replaceAll(',', ';')}\r\n`,
      1,
    ],
    [
      'columns written otherwise',
      `${HEADER.replace('validFrom', 'Valid From').replace('unit', 'pricing_unit')}\n${GOOD}\n`,
      1,
    ],
  ])('%s', async (_name, list, rows) => {
    const { counts } = await send(syncing(), list, dryRun);
    const { counts: plain } = await send(syncing(), `${HEADER}\n${GOOD}\n`, dryRun);
    expect(counts).toMatchObject({ rows });
    if (rows === 1) expect(counts).toEqual(plain);
    const rejected = rows === 1 ? 0 : 1;
    expect(counts).toMatchObject({ rejected });
  });

  it('NDJSON with spaces in its texts', async () => {
    const line =
      '{"provider":" aws","region":"us-east-1 ","sku":"p5.48xlarge","category":"on_demand","unit":"hour","amount":" 55.04 ","currency":"USD","notes":"  "}';
    const format = { mediaType: 'application/x-ndjson', gzip: false };
    expect((await send(syncing(), line, { ...dryRun, format })).counts).toMatchObject({ rows: 1, rejected: 0 });
  });
});

describe('refused whole, with what to do', () => {
  it.each([
    [
      'an unknown column',
      HEADER.replace('notes', 'Unit Price'),
      "There is no column 'Unit Price'. Did you mean 'amount'?",
    ],
    [
      'several unknown columns',
      HEADER.replace('notes', 'prise,vendor'),
      "'prise'. Did you mean 'amount'? There is no column 'vendor'. Did you mean 'provider'?",
    ],
    ['a column twice', `${HEADER},amount`, "The column 'amount' is there twice"],
    ['a column without a name', `${HEADER},`, 'Column 10 of 10 has no name'],
    [
      'quotes in the middle of cells',
      `${HEADER}\n${GOOD}19" rack\n${GOOD}\n${GOOD}19" rack\n`,
      ',USD,,19" – a cell that has quotes',
    ],
    ['text after a quoted cell', `${HEADER}\n${GOOD}"19" rack\n`, ',USD,,"19" r – a cell that has quotes'],
    ['quotes around a cell that began before', `${HEADER}\n${GOOD}a "b"\n`, 'A quote stands in the middle of a cell'],
    ['a quote within a name', `pro"vider,${HEADER.slice(9)}`, 'its quotes are not as RFC 4180 has them'],
    ['UTF-16 without its mark', Buffer.from(`${HEADER}\n`, 'utf16le').toString('latin1'), 'save it in UTF-8'],
    ['lines that end as on old Macs', `${HEADER}\r${GOOD}\r${GOOD}\r`, 'save the list with line feeds'],
  ])('%s', async (_name, header, sentence) => {
    const before = await fingerprint(syncing());
    const list = `${header}\n${GOOD}`;
    await expect(send(syncing(), list)).rejects.toMatchObject({
      code: 'malformed_list',
      message: expect.stringContaining(sentence),
    });
    await expect(send(syncing(), list)).rejects.toThrow('Nothing was changed.');
    expect(await fingerprint(syncing())).toBe(before);
  });

  it('a line break by itself within a row, with the row', async () => {
    const list = `${HEADER}\n${GOOD}"a\nb"\n${GOOD}x\ry\n`;
    await expect(send(syncing(), list)).rejects.toThrow(/at row 2: a line break stands there by itself/);
  });
});

it.each([
  ['On-Demand,hour,55.04,USD', 'category', "'On-Demand' is no category; write 'on_demand'."],
  ['Reserved,hour,55.04,USD', 'category', "'Reserved' is no category; write 'committed'."],
  ['on_demand,Hrs,55.04,USD', 'unit', "'Hrs' is no unit; write 'hour'."],
  ['on_demand,each,55.04,USD', 'unit', 'A price of the category on_demand is not by each; write hour.'],
  ['on_demand,hour,55.04,usd', 'currency', "'usd' is no currency; write 'USD'."],
  [
    'on_demand,hour,"55,04",USD',
    'amount',
    "'55,04' is not a decimal number like 55.04 (a point, no thousands sign, no currency sign).",
  ],
])('%s is told of at %s', async (cells, field, detail) => {
  const before = await fingerprint(syncing());
  const sync = await send(syncing(), `${HEADER}\naws,us-east-1,p5.48xlarge,${cells},,\n`, request());
  expect(await listRejections(syncing().pool, sync.id, [0, 0], 10)).toMatchObject([{ rowNumber: 1, field, detail }]);
  expect(await fingerprint(syncing())).toBe(before);
});

it('a new offer has no name that ends or begins with a space', async () => {
  const list =
    'provider,region,sku,kind,deviceId,deviceCount,category,unit,amount,currency\naws,us-east-1,"new ",instance,nvidia-l4,1,on_demand,hour,1,USD\n';
  const sync = await send(syncing(), list);
  expect(sync.counts).toMatchObject({ rejected: 1, offersAdded: 0 });
});
