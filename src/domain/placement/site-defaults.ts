/** What a site is taken for where the request does not say: its availability, and how its devices are paid for. */
import { type SourcedDefault, sourcedDefault } from '../economics/assumption.ts';
import type { Purchase } from '../estimate/selectors.ts';
import type { Policies, SiteKind } from './request.ts';

export const MONTHLY_ON_DEMAND: Purchase = { category: 'on_demand' };
/** Owned: at the site, or bought for it. */
const OWNED: Purchase = { category: 'owned' };

export const owned = ({ owned: terms }: Policies): Purchase =>
  terms === undefined ? OWNED : { ...OWNED, owned: terms };

const AVAILABILITY: Readonly<Record<SiteKind, number>> = {
  device_fleet: 0.99,
  edge_box: 0.99,
  room: 0.9974,
  colocation: 0.9998,
  cloud_region: 0.9999,
};
export const AVAILABILITY_OF_KIND = Object.fromEntries(
  Object.entries(AVAILABILITY).map(([kind, value]) => [
    kind,
    sourcedDefault({
      id: `site.availability.${kind}`,
      field: '/sites/0/availability',
      value,
      unit: 'share of time',
      range: null,
      kind: 'assumed',
      source:
        'Uptime Institute tiers II (99.741 %) for rooms and III (99.982 %) for colocation; 99.99 % is what large clouds promise for a region; devices in the field are a judgement',
      reason: 'The availability of the site was not given.',
    }),
  ]),
) as Readonly<Record<SiteKind, SourcedDefault>>;
