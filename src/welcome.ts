/** The lines that a start in a terminal prints. */
import { inferenceExamples } from './http/schemas/estimates/inference/examples.ts';

interface WelcomeFacts {
  /** "http://127.0.0.1:8080", as listened on. */
  readonly address: string;
  readonly dataPlace: string;
  /** Present at the one start that made it. */
  readonly adminKey: string | undefined;
}

export function welcome({ address, dataPlace, adminKey }: WelcomeFacts): string {
  const lines = [
    'The AI infrastructure planner is ready.',
    '',
    `  Swagger UI  ${address}/docs`,
    `  Try it      curl -s '${address}/v1/estimates/inference?view=summary' -H 'content-type: application/json' \\`,
    `                -d '${JSON.stringify(inferenceExamples.simplest.value)}'`,
    `  Data        ${dataPlace}`,
  ];
  if (adminKey !== undefined) {
    lines.push(`  Admin key   ${adminKey}`, '              (changes the catalog; shown this once, so keep it)');
  }
  return [...lines, '', 'Ctrl-C stops it.'].join('\n');
}
