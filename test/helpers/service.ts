/** Runs the service as a process of its own, as `npm start` does. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Service {
  readonly child: ChildProcess;
  /** Resolves with the address it listens on; rejects with its output when it ends before that. */
  readonly ready: Promise<string>;
  readonly exit: Promise<Exit>;
  readonly stdout: () => string;
  readonly stderr: () => string;
}

const entry = join(import.meta.dirname, '../../src/start.js');

/** `environment` is all that the process gets, apart from PATH: nothing of the caller's configuration leaks in. */
export function startService(environment: Record<string, string>): Service {
  const child = spawn(process.execPath, [entry], {
    // Tests share the machine with other work, so being late is no reason to refuse requests.
    env: {
      PATH: process.env.PATH ?? '',
      HOME: process.env.HOME ?? '/',
      PORT: '0',
      MAX_EVENT_LOOP_DELAY_MS: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const exit = once(child, 'close').then(([code, signal]) => ({ code, signal }) as Exit);
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      const address = /(http:\/\/\S+)\/docs/.exec(stdout)?.[1] ?? /"address":"(http:[^"]+)"/.exec(stdout)?.[1];
      if (address !== undefined) resolve(address);
    });
    void exit.then(() => reject(new Error(`The service ended before it was ready. ${stdout}${stderr}`)));
  });
  ready.catch(() => undefined); // some tests expect it to end
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return { child, ready, exit, stdout: () => stdout, stderr: () => stderr };
}

/** Sends a signal and waits for the end. */
export async function stopService(service: Service, signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
  service.child.kill(signal);
  return service.exit;
}
