// What `npm start` runs. Plain JavaScript, because a Node too old for this project cannot read TypeScript and would show a
// stack trace in place of this sentence.
import module from 'node:module';
import v8 from 'node:v8';

const major = Number.parseInt(process.versions.node, 10);
// The catalog stays in memory for good. V8 by itself looks through all of it whenever 64 MB of buffers have gone by or the heap has grown by a little;
// with a million prices that takes a sixth of a second each time. These have it wait until as much again is in use, buffers included.
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
