/**
 * What each regime's text says of a place, read from the text cited in the catalog and written down before the engine ran.
 * `where` is the processing country unless another location is named.
 */
import type { ResidencyQuestion, ResidencyVerdict, VerdictLocation } from '../../../src/domain/sovereignty/index.ts';

export interface ExpectedVerdict {
  readonly regimeId: string;
  readonly of: readonly string[];
  readonly classes: readonly string[];
  readonly where: string;
  readonly more?: Partial<ResidencyQuestion>;
  readonly location?: VerdictLocation;
  /** `none`: the regime has nothing to say. */
  readonly verdict: ResidencyVerdict | 'none';
  /** The passage it follows from. */
  readonly text: string;
}

type Row = [
  regimeId: string,
  of: string,
  classes: string,
  where: string,
  verdict: ExpectedVerdict['verdict'],
  text: string,
  more?: Partial<ResidencyQuestion>,
  location?: VerdictLocation,
];

const BANK = { sector: 'banking' } as const;
const OWN_ROOM = { siteKind: 'on-premises' } as const;

const rows: readonly Row[] = [
  // UAE federal
  ['ae-pdpl', 'AE', 'personal', 'AE', 'allowed', 'No duty to store in the State; arts. 22-23 concern transfers out of it'],
  ['ae-pdpl', 'AE', 'personal', 'DE', 'allowed-with-safeguard', 'Art. 22 list not published; art. 23(1)(a) contract, (b) explicit consent'],
  ['ae-pdpl', 'AE', 'personal', 'US', 'allowed-with-safeguard', 'Art. 23(1)'],
  ['ae-pdpl', 'AE', 'health', 'DE', 'none', 'Art. 2(2)(e): not health data with its own law'],
  ['ae-pdpl', 'AE', 'financial', 'DE', 'none', 'Art. 2(2)(f): not banking and credit data with their own law'],
  ['ae-pdpl', 'AE', 'government', 'DE', 'none', 'Art. 2(2)(a): not government data'],
  ['ae-pdpl', 'AE-DIFC', 'personal', 'DE', 'none', 'Art. 2(2)(g): not free zones with their own data law'],
  ['ae-pdpl', 'AE', 'personal', 'AE', 'allowed-with-safeguard', 'A backup abroad is a transfer, art. 23', { backupCountry: 'DE' }, 'backup'],
  // UAE health
  ['ae-health-ict', 'AE', 'health', 'AE', 'allowed', 'Art. 13 forbids only what is outside the State'],
  ['ae-health-ict', 'AE', 'health', 'SA', 'prohibited', 'MD 51/2021 art. 2'],
  ['ae-health-ict', 'AE', 'health', 'DE', 'prohibited', 'MD 51/2021 art. 2'],
  ['ae-health-ict', 'AE-DIFC', 'health', 'GB', 'prohibited', 'The law applies in free zones'],
  ['ae-health-ict', 'AE', 'health', 'AE', 'prohibited', 'Storage abroad is forbidden, copies included', { backupCountry: 'IE' }, 'backup'],
  ['ae-health-ict', 'AE', 'personal', 'DE', 'none', 'Health information only'],
  ['ae-dhcc', 'AE-DHCC', 'health', 'AE', 'allowed', 'Federal Law 2/2019 prevails where inconsistent'],
  ['ae-dhcc', 'AE-DHCC', 'health', 'DE', 'prohibited', 'Federal Law 2/2019 prevails where inconsistent'],
  // UAE central bank
  ['ae-cbuae', 'AE', 'financial', 'AE', 'allowed', 'Art. 6.1: stored within the UAE', BANK],
  ['ae-cbuae', 'AE', 'financial', 'DE', 'allowed-with-safeguard', 'Art. 6.3: Central Bank approval and prior written consent', BANK],
  ['ae-cbuae', 'AE', 'financial', 'DE', 'prohibited', 'Art. 6.1: Master System of Record within the UAE', { ...BANK, holdsRecords: true }],
  ['ae-cbuae', 'AE', 'financial', 'AE', 'allowed-with-safeguard', 'Art. 6.3 covers any sharing outside', { ...BANK, backupCountry: 'GB' }, 'backup'],
  ['ae-cbuae', 'AE', 'personal', 'DE', 'none', 'Confidential data of customers of banks', { sector: 'retail' }],
  ['ae-cbuae', 'AE-DIFC', 'financial', 'DE', 'none', 'Federal regime: not in the financial free zones', BANK],
  // UAE government and critical entities
  ['ae-gov-nesa', 'AE', 'government', 'AE', 'allowed', 'The regulation does not prevent use of cloud'],
  ['ae-gov-nesa', 'AE', 'government', 'DE', 'needs-counsel', 'Location clause of the cloud policy not read'],
  // DIFC
  ['ae-difc', 'AE-DIFC', 'personal', 'AE-DIFC', 'allowed', 'No transfer out of the DIFC'],
  ['ae-difc', 'AE-DIFC', 'personal', 'DE', 'allowed', 'Art. 26: on the Commissioner\'s list'],
  ['ae-difc', 'AE-DIFC', 'personal', 'AE', 'allowed-with-safeguard', 'Art. 27: onshore UAE is outside the DIFC'],
  ['ae-difc', 'AE-DIFC', 'personal', 'IN', 'allowed-with-safeguard', 'Art. 27(2): standard clauses'],
  ['ae-difc', 'AE-DIFC', 'personal', 'US', 'allowed-with-safeguard', 'Only California is listed'],
  ['ae-difc', 'AE-DIFC', 'personal', 'US-CA', 'allowed', 'Decision of 9 August 2023'],
  ['ae-difc', 'AE-DIFC', 'personal', 'AE-DIFC', 'allowed-with-safeguard', 'A backup onshore is a transfer', { backupCountry: 'AE' }, 'backup'],
  // ADGM
  ['ae-adgm', 'AE-ADGM', 'personal', 'AE-ADGM', 'allowed', 'No transfer out of ADGM'],
  ['ae-adgm', 'AE-ADGM', 'personal', 'NO', 'allowed', 'EEA'],
  ['ae-adgm', 'AE-ADGM', 'personal', 'GB', 'allowed', 'Designated'],
  ['ae-adgm', 'AE-ADGM', 'personal', 'NZ', 'allowed', 'Recognised by the European Commission, so designated'],
  ['ae-adgm', 'AE-ADGM', 'personal', 'AE', 'allowed-with-safeguard', 'Art. 42: onshore UAE is not designated'],
  ['ae-adgm', 'AE-ADGM', 'personal', 'PK', 'allowed-with-safeguard', 'Standard clauses'],
  // Saudi PDPL
  ['sa-pdpl', 'SA', 'personal', 'SA', 'allowed', 'Art. 29 concerns transfers out of the Kingdom'],
  ['sa-pdpl', 'SA', 'personal', 'AE', 'allowed-with-safeguard', 'No adequacy list: clauses, common rules or accreditation'],
  ['sa-pdpl', 'SA', 'personal', 'DE', 'allowed-with-safeguard', 'No adequacy list, the EU included'],
  ['sa-pdpl', 'SA', 'health', 'DE', 'allowed-with-safeguard', 'Sensitive personal data is personal data'],
  ['sa-pdpl', 'SA', 'personal', 'SA', 'allowed-with-safeguard', 'A backup abroad is a transfer', { backupCountry: 'BH' }, 'backup'],
  ['sa-pdpl', 'AE', 'personal', 'DE', 'none', 'Not data of persons in the Kingdom'],
  // Saudi NCA
  ['sa-nca-ecc', 'SA', 'critical', 'SA', 'allowed', 'In the Kingdom'],
  ['sa-nca-ecc', 'SA', 'critical', 'AE', 'allowed-with-safeguard', 'ECC-2:2024 4-2-3 has no hosting rule; 1-2-2 and 4-1-3-2 remain'],
  ['sa-nca-ecc', 'SA', 'government', 'DE', 'allowed-with-safeguard', 'ECC-2:2024 4-2-3 has no hosting rule'],
  ['sa-nca-ecc', 'SA', 'critical', 'SA', 'needs-counsel', '4-1-3-2: monitoring centres in the Kingdom; log storage not stated', { logCountry: 'DE' }, 'logs'],
  ['sa-nca-ecc', 'SA', 'critical', 'SA', 'none', 'No word on backups', { backupCountry: 'DE' }, 'backup'],
  ['sa-nca-ecc', 'SA', 'personal', 'DE', 'none', 'Government and national infrastructure only'],
  ['sa-nca-ccc', 'SA', 'government', 'SA', 'allowed', 'CCC-1:2020 2-3-P-1(10): from within the Kingdom'],
  ['sa-nca-ccc', 'SA', 'government', 'AE', 'needs-counsel', 'CCC-1:2020 forbids; CCC-2:2024 changed it and was not read'],
  ['sa-nca-ccc', 'SA', 'critical', 'DE', 'needs-counsel', 'As before'],
  ['sa-nca-ccc', 'SA', 'critical', 'SA', 'needs-counsel', '2-3-P-1(11): monitoring from within the Kingdom', { logCountry: 'AE' }, 'logs'],
  ['sa-nca-ccc', 'SA', 'government', 'DE', 'none', 'Binds cloud services', OWN_ROOM],
  // Saudi CST classes
  ['sa-cst-ccrf', 'SA', 'government', 'SA', 'allowed', 'Registered provider in the Kingdom'],
  ['sa-cst-ccrf', 'SA', 'government-secret', 'AE', 'prohibited', 'Section 3-3: government content may not be transferred abroad'],
  ['sa-cst-ccrf', 'SA', 'government-confidential', 'DE', 'prohibited', 'Section 3-3'],
  ['sa-cst-ccrf', 'SA', 'government-public', 'DE', 'needs-counsel', 'Section 3-3 sets public data apart; its rule was not read'],
  ['sa-cst-ccrf', 'SA', 'personal', 'DE', 'none', 'Non-government data: other'],
  ['sa-cst-ccrf', 'SA', 'government', 'DE', 'none', 'Binds cloud services', OWN_ROOM],
  // SAMA
  ['sa-sama', 'SA', 'financial', 'SA', 'allowed-with-safeguard', '3.4.3(4)(a)(2): approval before using cloud', BANK],
  ['sa-sama', 'SA', 'financial', 'AE', 'allowed-with-safeguard', '3.4.3(4)(b): explicit approval', BANK],
  ['sa-sama', 'SA', 'financial', 'DE', 'none', 'Not applicable to private cloud', { ...BANK, ...OWN_ROOM }],
  ['sa-sama', 'SA', 'financial', 'SA', 'allowed-with-safeguard', '3.4.3(4)(b): data location', { ...BANK, backupCountry: 'BH' }, 'backup'],
  ['sa-sama', 'SA', 'personal', 'DE', 'none', 'Member organizations only', { sector: 'retail' }],
  // Saudi NDMO
  ['sa-ndmo', 'SA', 'government-top-secret', 'AE', 'prohibited', 'Top secret and secret only in Saudi sovereign data centres'],
  ['sa-ndmo', 'SA', 'government-secret', 'SA', 'prohibited', 'A foreign-owned centre is not sovereign', { operatorCountry: 'US' }],
  ['sa-ndmo', 'SA', 'government-secret', 'SA', 'allowed', 'Saudi sovereign data centre', { operatorCountry: 'SA' }],
  ['sa-ndmo', 'SA', 'government-confidential', 'SA', 'allowed', 'May be in foreign-owned centres in Saudi Arabia', { operatorCountry: 'US' }],
  ['sa-ndmo', 'SA', 'government-public', 'DE', 'allowed', 'Public data anywhere'],
  ['sa-ndmo', 'SA', 'government', 'DE', 'needs-counsel', 'Class not said'],
  // Qatar
  ['qa-pdppl', 'QA', 'personal', 'QA', 'allowed', 'No rule against staying'],
  ['qa-pdppl', 'QA', 'personal', 'DE', 'allowed', 'Controller may not limit the flow across borders'],
  ['qa-pdppl', 'QA', 'health', 'DE', 'allowed-with-safeguard', 'Data of special nature needs permission'],
  ['qa-pdppl', 'QA', 'sensitive-personal', 'AE', 'allowed-with-safeguard', 'Data of special nature needs permission'],
  ['qa-pdppl', 'QA-QFC', 'personal', 'DE', 'none', 'The QFC has its own regulations'],
  ['qa-qfc', 'QA-QFC', 'personal', 'QA', 'allowed', 'The list includes onshore Qatar'],
  ['qa-qfc', 'QA-QFC', 'personal', 'DE', 'allowed', 'On the list'],
  ['qa-qfc', 'QA-QFC', 'personal', 'US', 'allowed-with-safeguard', 'Not on the list'],
  ['qa-qfc', 'QA-QFC', 'personal', 'AE', 'allowed-with-safeguard', 'Not on the list'],
  ['qa-qcb', 'QA', 'financial', 'QA', 'needs-counsel', 'Unverified: may only answer so', BANK],
  ['qa-qcb', 'QA', 'financial', 'DE', 'needs-counsel', 'Unverified: may only answer so', BANK],
  // Bahrain
  ['bh-pdpl', 'BH', 'personal', 'BH', 'allowed', 'No localisation'],
  ['bh-pdpl', 'BH', 'personal', 'IN', 'allowed', 'Annex of Order 42/2022'],
  ['bh-pdpl', 'BH', 'personal', 'US', 'allowed', 'Annex of Order 42/2022'],
  ['bh-pdpl', 'BH', 'personal', 'SA', 'allowed', 'Annex of Order 42/2022'],
  ['bh-pdpl', 'BH', 'personal', 'PK', 'allowed-with-safeguard', 'Not in the part of the annex read: authorisation, consent or contract'],
  ['bh-pdpl', 'BH', 'personal', 'BH', 'allowed', 'Annex of Order 42/2022', { backupCountry: 'DE' }, 'backup'],
  ['bh-cloud-law', 'DE', 'personal', 'BH', 'allowed', 'The law of the customer\'s domicile goes on to apply'],
  // Oman
  ['om-pdpl', 'OM', 'personal', 'OM', 'allowed', 'Consent to process is the base rule'],
  ['om-pdpl', 'OM', 'personal', 'AE', 'allowed-with-safeguard', 'Express consent; transfer by the Executive Regulation'],
  ['om-pdpl', 'OM', 'personal', 'DE', 'allowed-with-safeguard', 'Express consent; transfer by the Executive Regulation'],
  ['om-pdpl', 'OM', 'health', 'OM', 'allowed-with-safeguard', 'Art. 5: permit of the ministry, 45 days'],
  ['om-pdpl', 'OM', 'health', 'AE', 'allowed-with-safeguard', 'Art. 5: permit of the ministry, 45 days'],
  ['om-pdpl', 'AE', 'personal', 'OM', 'none', 'Not data under Omani law'],
  // Kuwait
  ['kw-dppr', 'KW', 'government', 'KW', 'allowed', 'Licensed provider in Kuwait'],
  ['kw-dppr', 'KW', 'government', 'AE', 'needs-counsel', 'Level 3-4 rule rests on a policy repealed by Decision 34/2024'],
  ['kw-dppr', 'KW', 'personal', 'KW', 'allowed', 'In Kuwait'],
  ['kw-dppr', 'KW', 'personal', 'DE', 'needs-counsel', 'Private data: mark as needing counsel'],
  ['kw-dppr', 'KW', 'government', 'KW', 'needs-counsel', 'Backup of level 3-4 data', { backupCountry: 'BH' }, 'backup'],
  // Pakistan
  ['pk-cloud', 'PK', 'government', 'PK', 'allowed', 'Servers inside the country'],
  ['pk-cloud', 'PK', 'government', 'AE', 'prohibited', 'Sensitive data must be on servers inside the country'],
  ['pk-nadra-pta', 'PK', 'critical', 'AE', 'prohibited', 'Subscriber and citizen data stay in Pakistan'],
  ['pk-sbp', 'PK', 'financial', 'AE', 'needs-counsel', 'No clear offshore boundary', BANK],
  ['pk-pdpb', 'PK', 'personal', 'AE', 'none', 'A bill is no law'],
  // India
  ['in-dpdp', 'IN', 'personal', 'AE', 'allowed', 's.16(1): no country has been restricted'],
  ['in-rbi-payments', 'IN', 'payment', 'SG', 'allowed-with-safeguard', 'Processing abroad, deleted there within one business day or 24 hours'],
  ['in-rbi-payments', 'IN', 'payment', 'SG', 'prohibited', 'Stored only in India', { holdsRecords: true }],
  ['in-rbi-payments', 'IN', 'payment', 'IN', 'prohibited', 'Stored only in India', { backupCountry: 'SG' }, 'backup'],
  ['in-sebi-cscrf', 'IN', 'financial', 'SG', 'none', 'In abeyance since 31 December 2024', { sector: 'securities' }],
  ['in-irdai', 'IN', 'financial', 'SG', 'prohibited', 'Policy records stay in India', { sector: 'insurance' }],
  ['in-meity-cloud', 'IN', 'government', 'IN', 'allowed-with-safeguard', 'Empanelled and audited provider'],
  ['in-meity-cloud', 'IN', 'government', 'AE', 'prohibited', 'All services including data reside in India'],
  // Europe
  ['eu-gdpr', 'DE', 'personal', 'IE', 'allowed', 'Within the EEA'],
  ['eu-gdpr', 'DE', 'personal', 'JP', 'allowed-with-safeguard', 'Art. 45 with conditions'],
  ['eu-gdpr', 'EU', 'personal', 'US', 'allowed-with-safeguard', 'Only organisations certified under the Data Privacy Framework'],
  ['eu-gdpr', 'FR', 'personal', 'NZ', 'allowed', 'Art. 45'],
  ['eu-gdpr', 'EU', 'personal', 'AE', 'allowed-with-safeguard', 'Art. 46'],
  ['eu-gdpr', 'EU', 'personal', 'DE', 'allowed-with-safeguard', 'Logs with personal data are transfers', { logCountry: 'AE' }, 'logs'],
  ['uk-gdpr', 'GB', 'personal', 'DE', 'allowed', 'Regulations approve the EEA'],
  ['uk-gdpr', 'GB', 'personal', 'AE', 'allowed-with-safeguard', 'IDTA or addendum with assessment'],
  ['uk-gdpr', 'GB', 'personal', 'BR', 'allowed-with-safeguard', 'Brazil is not on the UK list'],
  ['eu-ai-act', 'EU', 'critical', 'AE', 'allowed', 'No location requirement'],
  ['eu-nis2-dora', 'EU', 'financial', 'AE', 'allowed-with-safeguard', 'DORA art. 30(2)(b): the contract names the places', BANK],
  ['fr-hds', 'FR', 'health', 'AE', 'prohibited', 'EXI 28: stored exclusively in the EEA'],
  ['fr-hds', 'FR', 'health', 'DE', 'allowed-with-safeguard', 'Certified host'],
  ['fr-secnumcloud', 'FR', 'government', 'FR', 'prohibited', '19.6: seat and ownership in the EU', { operatorCountry: 'US' }],
  ['fr-secnumcloud', 'FR', 'government', 'FR', 'allowed-with-safeguard', 'Qualified provider', { operatorCountry: 'FR' }],
  ['fr-secnumcloud', 'FR', 'government', 'FR', 'needs-counsel', 'Operator unknown', {}],
  ['de-c5', 'DE', 'health', 'AE', 'prohibited', 's.393(2): no adequacy decision'],
  ['de-c5', 'DE', 'health', 'CH', 'allowed-with-safeguard', 's.393(2)-(4): attestation, establishment in Germany'],
  ['ch-fadp', 'CH', 'personal', 'DE', 'allowed', 'DPO Annex 1'],
  ['ch-fadp', 'CH', 'personal', 'AE', 'allowed-with-safeguard', 'Art. 16(2)'],
  ['eu-cloud-sovereignty-framework', 'EU', 'government', 'DE', 'none', 'Not law'],
  ['eu-cada-draft', 'EU', 'government', 'DE', 'none', 'A proposal'],
  ['eu-data-act', 'EU', 'non-personal', 'AE', 'allowed', 'No localisation'],
  // Türkiye, Egypt, Jordan, Israel
  ['tr-kvkk', 'TR', 'personal', 'TR', 'allowed', 'Art. 9 concerns transfers abroad'],
  ['tr-kvkk', 'TR', 'personal', 'DE', 'allowed-with-safeguard', 'Standard contract notified within 5 business days'],
  ['eg-pdpl', 'EG', 'personal', 'EG', 'allowed', 'In Egypt'],
  ['eg-pdpl', 'EG', 'personal', 'AE', 'allowed-with-safeguard', 'Licence or permit of the Center'],
  ['jo-pdpl', 'JO', 'personal', 'AE', 'allowed-with-safeguard', 'Art. 15'],
  ['il-ppl', 'IL', 'personal', 'DE', 'allowed', 'Receives data from the EU under the same terms'],
  ['il-ppl', 'IL', 'personal', 'AE', 'allowed-with-safeguard', 'Consent or contract'],
  // Asia
  ['cn-pipl', 'CN', 'personal', 'CN', 'allowed', 'In China'],
  ['cn-pipl', 'CN', 'personal', 'SG', 'allowed-with-safeguard', 'Arts. 38-40: assessment, certification or standard contract'],
  ['cn-csl-dsl', 'CN', 'critical', 'SG', 'allowed-with-safeguard', 'CSL art. 37: after security assessment'],
  ['cn-csl-dsl', 'CN', 'critical', 'SG', 'prohibited', 'CSL art. 37: stored in China', { holdsRecords: true }],
  ['vn-cyber', 'VN', 'personal', 'SG', 'allowed-with-safeguard', 'Impact assessment filed within 60 days'],
  ['id-gr71', 'ID', 'government', 'SG', 'prohibited', 'GR 71 art. 20: public operators process and store in Indonesia'],
  ['id-gr71', 'ID', 'personal', 'SG', 'allowed-with-safeguard', 'Law 27/2022 art. 56'],
  ['sg-pdpa', 'SG', 'personal', 'AE', 'allowed-with-safeguard', 'Reg. 10: legally enforceable obligations'],
  ['my-pdpa', 'MY', 'personal', 'SG', 'allowed-with-safeguard', 's.129: transfer impact assessment'],
  ['jp-appi', 'JP', 'personal', 'DE', 'allowed', 'Art. 28: designated'],
  ['jp-appi', 'JP', 'personal', 'AE', 'allowed-with-safeguard', 'Art. 28: consent or equivalent measures'],
  ['kr-pipa', 'KR', 'personal', 'DE', 'allowed', 'Equivalency recognition of the EU'],
  ['kr-pipa', 'KR', 'health', 'DE', 'prohibited', 'Electronic medical records may not be stored abroad'],
  ['kz-localisation', 'KZ', 'personal', 'DE', 'allowed-with-safeguard', 'A copy is kept in Kazakhstan'],
  ['ru-242fz', 'RU', 'personal', 'DE', 'prohibited', 'Art. 18(5) since 1 July 2025'],
  // Africa, Oceania, Americas
  ['ng-nitda', 'NG', 'government', 'AE', 'prohibited', 'Sovereign data hosted in Nigeria'],
  ['za-popia', 'ZA', 'personal', 'AE', 'allowed-with-safeguard', 's.72'],
  ['ke-dpa', 'KE', 'health', 'AE', 'allowed-with-safeguard', 'Reg. 26: serving copy in Kenya'],
  ['au-privacy', 'AU', 'personal', 'SG', 'allowed-with-safeguard', 'APP 8'],
  ['au-privacy', 'AU', 'health', 'SG', 'needs-counsel', 's.77 of the My Health Records Act not read'],
  ['ca-pipeda', 'CA', 'personal', 'US', 'allowed-with-safeguard', 'Comparable protection'],
  ['br-lgpd', 'BR', 'personal', 'DE', 'allowed', 'Resolution 32/2026'],
  ['us-hipaa', 'US', 'health', 'AE', 'allowed-with-safeguard', 'Business associate agreement'],
  ['us-doj-bulk', 'US', 'personal', 'CN', 'prohibited', '28 CFR 202: country of concern'],
  ['us-doj-bulk', 'US', 'personal', 'AE', 'prohibited', '28 CFR 202: covered person', { operatorCountry: 'CN' }],
  ['us-doj-bulk', 'US', 'personal', 'AE', 'allowed', 'No country of concern', { operatorCountry: 'AE' }],
  ['us-itar-ear', 'US', 'critical', 'AE', 'needs-counsel', 'Licence by classification and end user', { operatorCountry: 'US' }],
  ['us-fedramp', 'US', 'government', 'US', 'allowed-with-safeguard', 'Authorized provider', { operatorCountry: 'US' }],
  ['us-fedramp', 'US', 'government', 'AE', 'needs-counsel', 'DoD IL4 and above: US only; FedRAMP itself states none', { operatorCountry: 'US' }],
  ['us-ccpa', 'US-CA', 'personal', 'AE', 'allowed', 'No transfer rule'],
  ['us-glba', 'US', 'financial', 'AE', 'allowed', 'No rule against hosting outside the US', BANK],
  ['us-fl-ehr', 'US-FL', 'health', 'CA', 'allowed', 'United States, territories or Canada'],
  ['us-fl-ehr', 'US-FL', 'health', 'DE', 'prohibited', 'Physically in the US or Canada'],
  ['us-tx-ehr', 'US-TX', 'health', 'CA', 'prohibited', 'Physically in the US'],
  ['sa-ai-hub-draft', 'SA', 'public', 'SA', 'none', 'A draft'],
  ['none', 'AE', 'public', 'DE', 'allowed', 'Public data'],
];

export const EXPECTED_VERDICTS: readonly ExpectedVerdict[] = rows.map(
  ([regimeId, of, classes, where, verdict, text, more, location]) => ({
    regimeId,
    of: of.split(' '),
    classes: classes.split(' '),
    where,
    verdict,
    text,
    ...(more && { more }),
    ...(location && { location }),
  }),
);
