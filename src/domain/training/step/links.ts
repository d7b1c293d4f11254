/** Bandwidth of a collective by where its ranks sit. */

export interface LinkRates {
  /** Effective bytes/s per device, one direction, over the fast link and over the network. */
  readonly link: number;
  readonly network: number;
  /** Devices in one link domain. */
  readonly domain: number;
  readonly tensorParallel: number;
  readonly contextParallel: number;
}

/**
 * Bus bandwidth of a ring over `ranks` members that are `stride` devices apart. Inside one domain: the fast link. Across
 * domains each member inside a domain brings its own network port, so min(link, network x members per domain).
 */
export function collectiveBytesPerSecond(links: LinkRates, ranks: number, stride: number): number {
  if (ranks * stride <= links.domain) return links.link > 0 ? links.link : links.network;
  const members = Math.max(1, Math.floor(links.domain / stride));
  if (links.link <= 0 || members === 1) return links.network;
  return Math.min(links.link, links.network * members);
}
