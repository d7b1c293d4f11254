// What `npm start` runs. Plain JavaScript, because a Node too old for this project cannot read TypeScript and would show a
// stack trace in place of this sentence.
import module from 'node:module';
import v8 from 'node:v8';

const major = Number.parseInt(process.versions.node, 10);
// docs/adr/0012-the-collector-waits.md
v8.setFlagsFromString('--heap-growing-percent=100');
v8.setFlagsFromString('--external-memory-accounted-in-global-limit');

if (major >= 24) {
  module.enableCompileCache(); // later starts need not compile again; where it cannot be written they do
  await import('./main.ts');
} else {
  console.error(
    `The planner needs Node 24 or later and this is ${process.version}; install it from https://nodejs.org, then run "npm ci" again.`,
  );
  process.exitCode = 1;
}
