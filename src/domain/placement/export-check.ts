/**
 * US export rules on accelerators, as a check on whether hardware can be had. What is bought is held to destination and
 * end user; what is rented stands there under its owner's licence, so that the end user alone can bar it: as one presumed denied, or under an embargo.
 */
import type { Purchase } from '../estimate/selectors.ts';
import { type ExportVerdict, exportControl } from '../sovereignty/index.ts';
import { type Change, type Check, decided } from './check.ts';
import type { PlaceableDevice, PlaceableSite, Scenario } from './scenario.ts';

export function exportCheck(
  scenario: Scenario,
  { device }: PlaceableDevice,
  site: PlaceableSite,
  purchase: Purchase,
): Check {
  const { policies, groups } = scenario;
  const headquartersCountry = policies.endUserCountry ?? groups[0]?.country;
  const found = exportControl(device, site.country, { headquartersCountry });
  const isBought = purchase.category === 'owned';
  // an embargo bars services, too
  const isHeld = isBought || found.embargoed;
  return decided(
    'export_control',
    isHeld ? isAccepted(scenario, found) : found.verdict !== 'prohibited',
    `${found.rule}${!isHeld && found.verdict !== 'allowed' && found.verdict !== 'prohibited' ? '; it is rented where it stands under the licence of its owner' : ''} (${found.citation}).`,
    isHeld ? changeOf(scenario, found) : null,
    'us-ear-3a090',
  );
}

const isAccepted = ({ policies }: Scenario, { verdict }: ExportVerdict): boolean =>
  verdict === 'allowed' ||
  (verdict === 'allowed-with-safeguard' && policies.exportLicence === true) ||
  (verdict === 'needs-counsel' && policies.acceptNeedsCounsel === true);

function changeOf({ policies }: Scenario, { verdict }: ExportVerdict): Change | null {
  if (verdict === 'allowed-with-safeguard')
    return {
      field: '/policies/exportLicence',
      from: policies.exportLicence ?? false,
      to: true,
      effect: 'a licence of the Bureau of Industry and Security covers it',
    };
  if (verdict === 'needs-counsel')
    return {
      field: '/policies/acceptNeedsCounsel',
      from: policies.acceptNeedsCounsel ?? false,
      to: true,
      effect: 'once counsel has agreed',
    };
  return null;
}
