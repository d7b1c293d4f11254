/** How README.md shows a question and its answer. */

/** A request as curl, and the fields of the answer that jq would pick. */
export function example(path: string, request: object, filter: string, output: unknown): string {
  return [
    '```console',
    `$ curl -s http://127.0.0.1:8080${path} -H 'content-type: application/json' -d '${JSON.stringify(request)}' \\`,
    `    | jq '${filter}'`,
    JSON.stringify(output, null, 2),
    '```',
  ].join('\n');
}
