/** Making a PostgreSQL cluster on disk, and finding a server that a killed planner left running on it. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { StartFailure } from '../../start-failure.ts';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { type DataDirectory, directoryFailure, directorySentence } from './data-directory.ts';

const run = promisify(execFile);

/** The one role of an embedded cluster; only this process has its password. */
export const clusterUser = 'planner';

/** Nothing of our own environment (PGPORT, LD_LIBRARY_PATH, secrets) reaches the server. */
const serverEnvironment = { PATH: process.env.PATH ?? '', LC_ALL: 'C', TZ: 'UTC' };

/** What `spawn` and `execFile` need to run a program as `account`, in a working directory that everyone may enter. */
export function spawnAs(account: Account | undefined): {
  cwd: string;
  env: Record<string, string>;
  uid?: number;
  gid?: number;
} {
  return { cwd: '/', env: serverEnvironment, ...account };
}

/** Makes the cluster unless it is there, and returns its password. Made under another name and renamed: whole or absent. */
export async function ensureCluster(data: DataDirectory, binaries: Binaries): Promise<string> {
  try {
    const version = await versionOf(data.cluster);
    if (version === undefined) await initialize(data, binaries);
    else if (version !== binaries.majorVersion) {
      throw new StartFailure(
        `The data in ${data.cluster} was written by PostgreSQL ${version} and this version brings ${binaries.majorVersion}; set DATA_DIR to a new directory, or dump and restore the data.`,
      );
    }
    return (await readFile(join(data.cluster, 'planner-password'), 'utf8')).trim();
  } catch (error) {
    throw directoryFailure(error, data.path);
  }
}

async function versionOf(cluster: string): Promise<number | undefined> {
  try {
    return Number.parseInt(await readFile(join(cluster, 'PG_VERSION'), 'utf8'), 10);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function initialize(data: DataDirectory, { initdb }: Binaries): Promise<void> {
  const { path, cluster, account } = data;
  const unfinished = `${cluster}.unfinished`;
  const passwordFile = join(path, 'planner-password.unfinished');
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await writeFile(passwordFile, randomBytes(24).toString('base64url'), { mode: 0o600 });
  if (account !== undefined) {
    await chown(unfinished, account.uid, account.gid);
    await chown(passwordFile, account.uid, account.gid);
  }
  // The built-in locale sorts and compares the same on every system, whatever locales are installed.
  const options = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  try {
    await run(
      initdb,
      [
        `--pgdata=${unfinished}`,
        `--username=${clusterUser}`,
        '--auth=scram-sha-256',
        `--pwfile=${passwordFile}`,
        ...options,
      ],
      spawnAs(account),
    );
    await rename(passwordFile, join(unfinished, 'planner-password'));
    await rename(unfinished, cluster);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
    throw initdbFailure(error, data);
  }
}

/** initdb said something, or could not be run at all: it is built for glibc, which Alpine, for one, has not. */
function initdbFailure(error: unknown, { path }: DataDirectory): StartFailure {
  const { stderr, message } = error as Error & { stderr?: string };
  const said = stderr?.trim() || message;
  const reason = said.split('\n').find((line) => /error|FATAL|PANIC/.test(line)) ?? said;
  return new StartFailure(
    directorySentence(said, path) ??
      `The embedded PostgreSQL cannot be set up on this system (${reason}); set DATABASE_URL to a PostgreSQL elsewhere.`,
    { cause: error },
  );
}

/**
 * Stops the server that a killed planner left running on this cluster, if there is one. The process id comes from
 * postmaster.pid and is believed only when that process is a server on this very directory: ids are used again.
 */
export async function stopLeftover(cluster: string): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid');
  const pid = Number.parseInt((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0] ?? '', 10);
  if (!(pid > 1) || !exists(pid)) return; // a stale file of a dead server is PostgreSQL's own to clear
  if (await serves(pid, cluster)) await stopServer(pid, cluster);
  else await rm(pidFile, { force: true });
}

/** Fast shutdown; immediate shutdown when that takes too long (the next start then recovers from the write-ahead log). */
export async function stopServer(pid: number, cluster: string): Promise<void> {
  process.kill(pid, 'SIGINT');
  if (await gone(pid, cluster, 15_000)) return;
  process.kill(pid, 'SIGQUIT');
  if (!(await gone(pid, cluster, 5000))) {
    throw new StartFailure(`The PostgreSQL process ${pid} does not stop; end it by hand.`);
  }
}

async function gone(pid: number, cluster: string, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (exists(pid) && (await serves(pid, cluster))) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the process is a server on this cluster. One that has ended but was not collected by its parent has no command line. */
async function serves(pid: number, cluster: string): Promise<boolean> {
  if (process.platform === 'linux') {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return commandLine.split('\0').includes(cluster);
  }
  return run('ps', ['-o', 'command=', '-p', String(pid)]).then(
    ({ stdout }) => stdout.includes(` ${cluster} `),
    () => false,
  );
}
