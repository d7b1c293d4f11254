/**
 * The parts of README.md that are computed: `npm run readme` writes them, `npm run readme -- --check` fails when they
 * are not what the code says. Each stands between `<!-- computed: NAME -->` and `<!-- /computed -->`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parts } from './readme/parts.ts';

const FILE = join(import.meta.dirname, '..', 'README.md');

const COMPUTED = /(<!-- computed: ([a-z-]+) -->\n)[\s\S]*?(<!-- \/computed -->)/g;

export async function rendered(text: string): Promise<string> {
  const computed = new Map<string, string>();
  for (const [, , name = ''] of text.matchAll(COMPUTED)) {
    const part = parts[name];
    if (part === undefined) throw new Error(`README.md names a computed part "${name}" that nobody computes.`);
    computed.set(name, (await part()).trimEnd());
  }
  return text.replace(
    COMPUTED,
    (_whole, open: string, name: string, close: string) => `${open}${computed.get(name)}\n${close}`,
  );
}

if (import.meta.main) {
  const text = readFileSync(FILE, 'utf8');
  const wanted = await rendered(text);
  if (!process.argv.includes('--check')) writeFileSync(FILE, wanted);
  else if (wanted !== text) {
    console.error('README.md is out of date: run npm run readme.');
    process.exitCode = 1;
  }
}
