/**
 * `npm run bench:syncs -- [prices] [history rows]`: price lists in bulk against raw COPY of the same file, the memory of the service
 * meanwhile, what an estimate waits during a sync, and look-ups in a long history. The service is a process of its own, on a
 * temporary embedded PostgreSQL that waits for the disk. Only the ratios of one run mean anything.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { from as copyFrom } from 'pg-copy-streams';
import { ensureAdminKey } from '../../src/access/admin-key.ts';
import { startEmbedded } from '../../src/db/embedded/server.ts';
import { migrate, readMigrations } from '../../src/db/migrate.ts';
import { createPool } from '../../src/db/pool.ts';
import type { Heard, Load, Message } from './request-load.ts';

const PRICES = Number(process.argv[2] ?? 1_000_000);
const HISTORY_ROWS = Number(process.argv[3] ?? 5_000_000);
const HEADER = 'provider,region,sku,kind,deviceId,deviceCount,category,termMonths,payment,unit,amount,currency';
const KINDS = ['on_demand,,,', 'spot,,,', 'committed,12,no_upfront,', 'committed,36,no_upfront,'];
const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1', 'ap-south-1'];
const KEY = `bench-${randomBytes(12).toString('hex')}`;

const directory = join(tmpdir(), `planner-bench-${randomBytes(6).toString('hex')}`);
await mkdir(directory, { mode: 0o755 });

/** What eight L4 may cost, spot below on-demand, no share constant, no region far from the others: nothing for the gates to hold back. */
const amountOf = (offer: number, kind: number, raised: boolean): string => {
  const base = 500 + ((Math.floor(offer / REGIONS.length) * 7919) % 90_000) / 15;
  const share = [1000, 300 + ((offer * 31) % 200), 700, 500][kind] ?? 1000;
  return ((base * share * (raised ? 1.05 : 1)) / 100_000).toFixed(5);
};

/** A list in which one price of `every` costs more than in the plain one; 0: none. */
async function writeList(name: string, prices: number, every: number): Promise<string> {
  const path = join(directory, name);
  const lines = function* (): Generator<string> {
    yield `${HEADER}\n`;
    let part = '';
    for (let price = 0; price < prices; price += 1) {
      const offer = Math.floor(price / KINDS.length);
      const kind = price % KINDS.length;
      const [category, months, payment] = (KINDS[kind] ?? '').split(',');
      const raised = every > 0 && Math.floor(offer / REGIONS.length) % every === 0;
      part += `aws,${REGIONS[offer % REGIONS.length]},bench-${Math.floor(offer / REGIONS.length)}.16xlarge,instance,nvidia-l4-24gb,8,${category},${months},${payment},hour,${amountOf(offer, kind, raised)},USD\n`;
      if (part.length > 65_536) {
        yield part;
        part = '';
      }
    }
    yield part;
  };
  await pipeline(Readable.from(lines()), createWriteStream(path));
  return path;
}

const database = await startEmbedded({ dataDirectory: join(directory, 'data') });
const pool = createPool({ databaseUrl: database.databaseUrl, size: 4, onIdleError: console.error });

interface Service {
  readonly child: ChildProcess;
  readonly url: string;
}

async function startService(): Promise<Service> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/start.js')], {
    env: {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: database.databaseUrl,
      PORT: '0',
      ADMIN_API_KEY: KEY,
      MAX_EVENT_LOOP_DELAY_MS: '0',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const address = /(http:\/\/\S+)\/docs/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.on('exit', () => reject(new Error(`The service ended. ${said}`)));
  });
  return { child, url };
}

const stopService = async ({ child }: Service): Promise<void> => {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
};

/** Memory of the service, MB. */
const residentMb = ({ child }: Service): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) / 1000;

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

/** The same bytes by the same driver into a table without index. */
async function rawCopy(path: string): Promise<void> {
  const columns = HEADER.split(',')
    .map((name) => `"${name}" text`)
    .join(', ');
  await pool.query(`drop table if exists bench_raw; create table bench_raw (${columns})`);
  const client = await pool.connect();
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: 262_144 }),
      client.query(copyFrom('copy bench_raw from stdin with (format csv, header)')),
    );
  } finally {
    client.release();
  }
}

interface Report {
  readonly counts: Readonly<Record<string, number>>;
}

let sent = 0;
/** From the first byte to the end of the work. */
async function sync(
  service: Service,
  path: string,
  options: { readonly dryRun?: boolean; readonly onReceived?: () => void; readonly cancel?: boolean } = {},
): Promise<Report> {
  sent += 1;
  const query = `source=bench&mode=full&provider=aws&dryRun=${options.dryRun ?? false}`;
  const headers = { 'x-api-key': KEY, 'content-type': 'text/csv', 'idempotency-key': `bench-${sent}-${KEY}` };
  const sending = request(`${service.url}/v1/catalog/price-syncs?${query}`, { method: 'POST', headers });
  const answering = once(sending, 'response') as Promise<[IncomingMessage]>;
  await pipeline(createReadStream(path, { highWaterMark: 262_144 }), sending);
  const [response] = await answering;
  const answer = (await json(response)) as { id: string; detail?: string };
  if ((response.statusCode ?? 500) >= 300) {
    throw new Error(`The list was answered with ${response.statusCode}: ${answer.detail}`);
  }
  options.onReceived?.();
  if (options.cancel === true) await fetch(`${service.url}/v1/operations/${answer.id}`, { method: 'DELETE', headers });
  for (;;) {
    const operation = (await (await fetch(`${service.url}/v1/operations/${answer.id}`, { headers })).json()) as {
      state: string;
      failure?: object;
    };
    if (operation.state === 'failed') throw new Error(JSON.stringify(operation.failure));
    if (operation.state === 'succeeded' || operation.state === 'cancelled') break;
    await sleep(25);
  }
  return (await (await fetch(`${service.url}/v1/catalog/price-syncs/${answer.id}`, { headers })).json()) as Report;
}

/** What only the next list needs is written after the answer, and would slow down whatever is measured then. */
async function untilSettled(): Promise<void> {
  const isBusy = async (): Promise<boolean> => {
    const { rows } = await pool.query<{ busy: boolean }>(
      `select exists (select from pg_class where relnamespace = 'price_sync_stage'::regnamespace) as busy`,
    );
    return rows[0]?.busy === true;
  };
  while (await isBusy()) await sleep(25);
}

const row = (name: string, ...figures: readonly string[]): void =>
  console.log(`  ${name.padEnd(46)} ${figures.join('   ')}`);

async function compare(service: Service, name: string, path: string): Promise<void> {
  // The raw copy stands before and after, so that a busier machine slows down both.
  const before = await seconds(() => rawCopy(path));
  let report: Report = { counts: {} };
  const own = await seconds(async () => {
    report = await sync(service, path);
  });
  await untilSettled();
  const after = await seconds(() => rawCopy(path));
  const raw = (before + after) / 2;
  const { inserted, changed, closed, quarantined } = report.counts;
  row(
    name,
    `${own.toFixed(2)} s`,
    `raw COPY ${raw.toFixed(2)} s`,
    `ratio ${(own / raw).toFixed(1)}`,
    `inserted ${inserted}, changed ${changed}, closed ${closed}, quarantined ${quarantined}`,
  );
}

const median = (values: readonly number[]): number => percentile(values, 0.5);

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;

const LIGHT_PER_SECOND = 50;
const LOOK_UPS_PER_SECOND = 3000;
const IDLE_SECONDS = 6;
const LIGHT: Readonly<Record<string, Message>> = {
  'an estimate of another device': {
    path: '/v1/estimates/inference?view=summary',
    body: { model: 'meta-llama/Llama-3.1-70B', requestsPerDay: 1_000_000, device: 'nvidia-h100-sxm5-80gb' },
  },
  'one of the device that the list is of': {
    path: '/v1/estimates/inference?view=summary',
    body: { model: 'meta-llama/Llama-3.1-8B', requestsPerDay: 1_000_000, device: 'nvidia-l4-24gb' },
  },
};

/** A client in a thread of its own; any message ends it sooner. */
const loadOf = (load: Load): { readonly client: Worker; readonly heard: Promise<[Heard]> } => {
  const client = new Worker(new URL('./request-load.ts', import.meta.url), { workerData: load });
  return { client, heard: once(client, 'message') as Promise<[Heard]> };
};

/** Milliseconds of estimates at a steady rate, by kind, each kind from a thread of its own: while `work` runs, or for IDLE_SECONDS. */
async function estimateTimes(
  service: Service,
  work?: () => Promise<unknown>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const port = Number(new URL(service.url).port);
  const clients = Object.entries(LIGHT).map(([name, light]) => {
    const seconds = work === undefined ? IDLE_SECONDS : 3600;
    return { name, ...loadOf({ port, light: [light], perSecond: LIGHT_PER_SECOND, seconds, heavy: [] }) };
  });
  if (work !== undefined) {
    await work();
    for (const { client } of clients) client.postMessage('enough');
  }
  return new Map(
    await Promise.all(clients.map(async ({ name, heard }) => [name, (await heard)[0].milliseconds] as const)),
  );
}

/** Each list by itself and with the time before it, so that what the machine does otherwise meets both. */
async function compareEstimates(service: Service, lists: readonly string[]): Promise<void> {
  // The first estimates of a catalog compile and collect; what is measured is what comes after.
  await estimateTimes(service);
  const pairs: {
    readonly idle: ReadonlyMap<string, readonly number[]>;
    readonly busy: ReadonlyMap<string, readonly number[]>;
  }[] = [];
  for (const list of lists) {
    const idle = await estimateTimes(service);
    const busy = await estimateTimes(service, () => sync(service, list).then(untilSettled));
    pairs.push({ idle, busy });
  }
  for (const name of Object.keys(LIGHT)) {
    for (const share of [0.5, 0.9, 0.99]) {
      const of = (times: ReadonlyMap<string, readonly number[]>): number => percentile(times.get(name) ?? [], share);
      const [idle, busy] = [median(pairs.map((pair) => of(pair.idle))), median(pairs.map((pair) => of(pair.busy)))];
      row(
        `${name}, p${share * 100}`,
        `idle ${idle.toFixed(1)} ms`,
        `during ${busy.toFixed(1)} ms`,
        `ratio ${median(pairs.map((pair) => of(pair.busy) / of(pair.idle))).toFixed(1)}`,
      );
    }
  }
}

async function memoryOfUpload(service: Service, path: string, prices: number): Promise<void> {
  const before = residentMb(service);
  let highest = before;
  const watch = setInterval(() => {
    highest = Math.max(highest, residentMb(service));
  }, 10);
  await sync(service, path, { dryRun: true, cancel: true, onReceived: () => clearInterval(watch) });
  row(
    `upload of ${prices.toLocaleString('en')} prices`,
    `${before.toFixed(0)} MB before, ${highest.toFixed(0)} MB at most while it arrives`,
  );
}

interface History {
  readonly rows: number;
  /** How far back every price has one. */
  readonly days: number;
}

/** HISTORY_ROWS statements on the prices of the list, so that each has a long history. */
async function growHistory(): Promise<History> {
  const { rows } = await pool.query<{ count: number }>('select count(*)::int as count from price_amount');
  const present = rows[0]?.count ?? 0;
  const versions = Math.max(0, Math.ceil((HISTORY_ROWS - present) / PRICES));
  for (let version = 1; version <= versions; version += 1) {
    const { rows: heads } = await pool.query<{ revision: number }>(
      `insert into catalog_revision select max(revision) + 1, now(), (select source_key from catalog_source where id = 'bench'), 'bench', 'bench', sha256('')
       from catalog_revision returning revision`,
    );
    await pool.query(
      `insert into price_amount (price_key, source_key, currency, valid_from, revision, state, amount, upfront, observed_at, provenance_key, is_open)
       select price_key, source_key, currency, valid_from - make_interval(days => $2), $1, 'in_force', amount, upfront, observed_at, provenance_key, false
       from price_amount where is_open and source_key = (select source_key from catalog_source where id = 'bench')`,
      [heads[0]?.revision, version * 30],
    );
  }
  await pool.query('analyze price_amount');
  const counted = await pool.query<{ count: number }>('select count(*)::int as count from price_amount');
  return { rows: counted.rows[0]?.count ?? 0, days: Math.max(1, versions * 30) };
}

/** Look-ups of one price at a random date, over HTTP, at a steady rate from a thread of its own. */
async function lookUps({ url }: Service, days: number, forSeconds: number): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from price_identity where offer_id like 'aws/%/bench-%' order by md5(id) limit 20000`,
  );
  const light = rows.map(({ id }, index) => {
    const asOf = new Date(Date.now() - (index % days) * 86_400_000).toISOString();
    return { path: `/v1/catalog/prices/${encodeURIComponent(id)}?asOf=${asOf}` };
  });
  const { heard } = loadOf({
    port: Number(new URL(url).port),
    light,
    perSecond: LOOK_UPS_PER_SECOND,
    seconds: forSeconds,
    heavy: [],
  });
  const [{ milliseconds }] = await heard;
  row(
    `over HTTP, ${LOOK_UPS_PER_SECOND.toLocaleString('en')} a second`,
    `p50 ${percentile(milliseconds, 0.5).toFixed(2)} ms`,
    `p99 ${percentile(milliseconds, 0.99).toFixed(2)} ms`,
  );
}

async function lookUpsInDatabase(days: number, forSeconds: number): Promise<void> {
  const { rows } = await pool.query<{ low: number; high: number }>(
    'select min(price_key) as low, max(price_key) as high from price_identity',
  );
  const { low = 1, high = 1 } = rows[0] ?? {};
  const times: number[] = [];
  const ends = performance.now() + forSeconds * 1000;
  const one = async (from: number): Promise<void> => {
    for (let index = from; performance.now() < ends; index += 4) {
      const start = performance.now();
      await pool.query({
        name: 'as-of',
        text: `select amount from price_amount where price_key = $1 and valid_from <= now() - make_interval(days => $2) and revision <= 1000000
          order by valid_from desc, revision desc limit 1`,
        values: [low + ((index * 7919) % (high - low + 1)), index % days],
      });
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: 4 }, (_, index) => one(index)));
  row(
    'in the database, four at once',
    `${(times.length / forSeconds).toFixed(0)} a second`,
    `p50 ${percentile(times, 0.5).toFixed(2)} ms`,
    `p99 ${percentile(times, 0.99).toFixed(2)} ms`,
  );
}

let service: Service | undefined;
try {
  await migrate(pool, await readMigrations(join(import.meta.dirname, '../../migrations')));
  await ensureAdminKey(pool, KEY);
  const plain = await writeList('plain.csv', PRICES, 0);
  const onePercent = await writeList('one-percent.csv', PRICES, 100);
  const fifth = await writeList('fifth.csv', PRICES, 5);
  service = await startService();
  await rawCopy(plain);

  console.log(`A list of ${PRICES.toLocaleString('en')} prices, all of it sent, over HTTP:`);
  const empty = residentMb(service);
  await compare(service, 'first load', plain);
  await sleep(3000);
  const filled = residentMb(service);
  await compare(service, 'nothing changed', plain);
  await compare(service, '1 % changed', onePercent);
  await compare(service, '1 % changed back', plain);
  await compare(service, '20 % changed', fifth);
  await compare(service, 'nothing changed, again', fifth);

  console.log('Memory of the service:');
  row(
    'with the catalog of that list',
    `${empty.toFixed(0)} MB without, ${filled.toFixed(0)} MB with`,
    `${(((filled - empty) * 1e6) / PRICES).toFixed(0)} bytes a price, the heap's slack included`,
  );
  for (const prices of [PRICES / 10, PRICES, PRICES * 5]) {
    await memoryOfUpload(service, await writeList('upload.csv', prices, 0), prices);
  }

  await sleep(5000);
  console.log(
    `Estimates while the list with 1 % changed is synced, ${LIGHT_PER_SECOND} a second of each kind, medians of five lists:`,
  );
  await compareEstimates(service, [onePercent, plain, onePercent, plain, onePercent]);
  await stopService(service);
  service = undefined;

  const history = await growHistory();
  console.log(`Look-ups as of a date among ${history.rows.toLocaleString('en')} statements:`);
  await lookUpsInDatabase(history.days, 5);
  service = await startService();
  // Schemas are compiled and the prices of large devices ranked right after the start.
  await sleep(10_000);
  await lookUps(service, history.days, 5);
} finally {
  if (service !== undefined) await stopService(service);
  await pool.end();
  await database.stop();
  await rm(directory, { recursive: true, force: true });
}
