/**
 * Probability that an arrival has to wait, M/M/c (Erlang 1917): by the recursion of Erlang B, which neither overflows
 * nor cancels at any number of servers.
 * @param offered arrivals per second times mean service in seconds; below `servers`
 */
export function erlangC(servers: number, offered: number): number {
  if (offered <= 0) return 0;
  if (offered >= servers) return 1;
  let blocked = 1;
  for (let server = 1; server <= servers; server++) blocked = (offered * blocked) / (server + offered * blocked);
  return blocked / (1 - (offered / servers) * (1 - blocked));
}
