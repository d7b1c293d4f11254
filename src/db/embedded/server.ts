/** Runs an embedded PostgreSQL for as long as this process lives. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StartFailure } from '../../start-failure.ts';
import { type Binaries, prepareBinaries } from './binaries.ts';
import { clusterUser, ensureCluster, spawnAs, stopLeftover, stopServer } from './cluster.ts';
import { type DataDirectory, directoryFailure, directorySentence, openDataDirectory } from './data-directory.ts';
import { lockDirectory } from './directory-lock.ts';

interface EmbeddedOptions {
  /** Absolute path, or undefined for the default place. */
  readonly dataDirectory: string | undefined;
  /** For throw-away clusters: does not wait for the disk. */
  readonly durable?: boolean;
  readonly onLog?: (line: string) => void;
  /** The server ended by itself and is being started again. */
  readonly onCrash?: (reason: string) => void;
}

export interface EmbeddedPostgres {
  readonly databaseUrl: string;
  readonly dataDirectory: string;
  /** The sentence behind an error of a query when the server itself is in trouble (disk full, ended); undefined when it is not. */
  readonly explain: (error: unknown) => Promise<StartFailure | undefined>;
  /** Stops the server cleanly and gives the data directory free. */
  readonly stop: () => Promise<void>;
}

const database = 'planner';
const startAttempts = 5;
/** Of 19 steps down: where both want a core, the planner gets three quarters of it. */
const BELOW_ANSWERS = 5;
/** Since the server last said that it is recovering. */
const recoveryTimeoutMs = 120_000;
/** SQLSTATE of a server that is not ready yet. */
const STARTING_UP = '57P03';

/** Starts PostgreSQL on the data directory, making a cluster there at the first start. StartFailure says why it cannot. */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const data = await openDataDirectory(options.dataDirectory);
  const release = await lockDirectory(data.path);
  try {
    const server = new Server(data, await prepareBinaries(data.account, data.path).catch(rethrowFor(data)), options);
    await server.open();
    return {
      databaseUrl: server.databaseUrl(database),
      dataDirectory: data.path,
      explain: (error) => server.explain(error),
      stop: async () => {
        await server.close();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

function rethrowFor(data: DataDirectory): (error: unknown) => never {
  return (error) => {
    throw directoryFailure(error, data.path);
  };
}

class Server {
  readonly #data: DataDirectory;
  readonly #binaries: Binaries;
  readonly #options: EmbeddedOptions;
  #password = '';
  #port = 0;
  #child: ChildProcess | undefined;
  #stderr = '';
  #crash: string | undefined;
  #closing = false;

  constructor(data: DataDirectory, binaries: Binaries, options: EmbeddedOptions) {
    this.#data = data;
    this.#binaries = binaries;
    this.#options = options;
  }

  databaseUrl(name: string): string {
    return `postgres://${clusterUser}:${this.#password}@127.0.0.1:${this.#port}/${name}`;
  }

  async open(): Promise<void> {
    await stopLeftover(this.#data.cluster);
    this.#password = await ensureCluster(this.#data, this.#binaries);
    for (let attempt = 1; ; attempt++) {
      this.#port = await freePort();
      const failure = await this.#start();
      if (failure === undefined) break;
      // Another program took the port meanwhile, or backends of a killed server are still ending.
      const passing = /Address already in use|pre-existing shared memory block/.test(this.#stderr);
      if (!passing || attempt === startAttempts) throw failure;
      await sleep(200 * attempt);
    }
    process.on('exit', this.#onExit);
    await this.#createDatabase();
  }

  async close(): Promise<void> {
    this.#closing = true;
    process.off('exit', this.#onExit);
    const child = this.#child;
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    await stopServer(child.pid, this.#data.cluster);
    await exit;
  }

  /** When this process ends without `close`, for example by an exception, the server is told to end as well. */
  readonly #onExit = (): void => {
    this.#child?.kill('SIGINT');
  };

  /** Resolves once the server answers, or with the reason why it ended before that. */
  async #start(): Promise<StartFailure | undefined> {
    this.#stderr = '';
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '', // their paths may be at most 107 bytes long, and a data directory's may be longer
      timezone: 'UTC',
      log_timezone: 'UTC',
      max_wal_size: '2GB', // a list of a million new prices fits between two checkpoints
      ...(this.#options.durable === false ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(this.#binaries.postgres, ['-D', this.#data.cluster, '-p', String(this.#port), ...flags], {
      ...spawnAs(this.#data.account),
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true, // its own process group: Ctrl-C reaches us alone, and we stop it after the last request
    });
    this.#child = child;
    // Its processes share the cores with the one that answers: a long list of prices must not hold up a short question.
    if (child.pid !== undefined) this.#lowerPriority(child.pid);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#onStderr(text));
    let ended: string | undefined;
    child.once('error', (error) => {
      ended = error.message;
    });
    child.once('close', (code, signal) => {
      ended ??= signal ? `ended by ${signal}` : `ended with code ${code}`;
    });

    let deadline = performance.now() + recoveryTimeoutMs;
    for (let answer = await this.#ask(); answer !== 'ready'; answer = await this.#ask()) {
      if (ended !== undefined) return this.#startFailure(ended);
      // Recovery that was broken off would begin anew, and on a slow disk never end.
      if (answer === 'recovering') deadline = performance.now() + recoveryTimeoutMs;
      if (performance.now() > deadline) {
        this.#child.kill('SIGQUIT');
        return this.#startFailure('it did not answer in time');
      }
      await sleep(20);
    }
    if (ended === undefined) child.once('close', (_code, signal) => void this.#restart(signal));
    else void this.#restart(null);
    return undefined;
  }

  /** The server ended while we run (killed by hand or for memory, disk full): start it again, on the same port and URL. */
  async #restart(signal: NodeJS.Signals | null): Promise<void> {
    for (let delayMs = 500; !this.#closing; delayMs = Math.min(delayMs * 2, 30_000)) {
      const cause = signal === null ? '' : ` by ${signal}`;
      this.#crash =
        directorySentence(this.#stderr, this.#data.path) ??
        `The embedded PostgreSQL was ended${cause}; starting it again.`;
      this.#options.onCrash?.(this.#crash);
      await sleep(delayMs, undefined, { ref: false });
      if (this.#closing) return;
      const failure = await this.#start().catch((error: unknown) => error);
      if (failure === undefined) return;
      this.#options.onLog?.(`It could not be started again: ${failure}`);
    }
  }

  /** In a container root may not do so for the process of another account: it then has the same share of the cores. */
  #lowerPriority(pid: number): void {
    try {
      setPriority(pid, BELOW_ANSWERS);
    } catch (error) {
      this.#options.onLog?.(`It runs at the priority of the planner: ${error}`);
    }
  }

  async explain(error: unknown): Promise<StartFailure | undefined> {
    await sleep(200); // a lost connection is noticed before the server's last words
    const sentence = this.#crash ?? directorySentence(`${error} ${this.#stderr}`, this.#data.path);
    return sentence === undefined ? undefined : new StartFailure(sentence, { cause: error });
  }

  #onStderr(text: string): void {
    this.#stderr = (this.#stderr + text).slice(-20_000);
    for (const line of text.split('\n')) if (line.trim() !== '') this.#options.onLog?.(line);
  }

  #startFailure(fallback: string): StartFailure {
    const said = /(?:FATAL|PANIC): {2}(.*)/g;
    const reason = [...this.#stderr.matchAll(said)].at(-1)?.[1] ?? fallback;
    return new StartFailure(
      directorySentence(this.#stderr, this.#data.path) ?? `The embedded PostgreSQL does not run: ${reason}.`,
    );
  }

  async #ask(): Promise<'ready' | 'recovering' | 'silent'> {
    const client = new pg.Client({ connectionString: this.databaseUrl('postgres'), connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined); // a connection that breaks is the same answer: not yet
    try {
      await client.connect();
      return 'ready';
    } catch (error) {
      return (error as { code?: string }).code === STARTING_UP ? 'recovering' : 'silent';
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async #createDatabase(): Promise<void> {
    const client = new pg.Client({ connectionString: this.databaseUrl('postgres') });
    try {
      await client.connect();
      const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
      if (rowCount === 0) await client.query(`create database ${database}`);
    } catch (error) {
      await this.close();
      throw directoryFailure(error, this.#data.path);
    } finally {
      await client.end();
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
