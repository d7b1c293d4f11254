import { describe, expect, it } from 'vitest';
import type { SovereigntyRegime } from '../../../src/domain/catalog/places.ts';
import {
  evaluateResidency,
  type RegimeVerdict,
  type ResidencyQuestion,
  severityOf,
} from '../../../src/domain/sovereignty/index.ts';
import { seed } from '../../catalog/seed/seed.ts';
import { EXPECTED_VERDICTS, type ExpectedVerdict } from './expected-verdicts.ts';

const regimes = seed.regimes;

const questionOf = ({ of, classes, where, more }: ExpectedVerdict): ResidencyQuestion => ({
  dataClasses: classes,
  subjectCountries: of,
  processingCountry: where,
  siteKind: 'cloud-region',
  ...more,
});

const at = (question: ResidencyQuestion, regimeId: string, location = 'processing') =>
  evaluateResidency(question, regimes).find((it) => it.regimeId === regimeId && it.location === location);

describe('verdicts expected from the cited texts', () => {
  it.each(EXPECTED_VERDICTS)('$regimeId: $classes of $of in $where: $verdict ($text)', (expected) => {
    const found = at(questionOf(expected), expected.regimeId, expected.location);
    expect(found?.verdict ?? 'none').toBe(expected.verdict);
  });

  it('cover every regime of the seed', () => {
    const covered = new Set(EXPECTED_VERDICTS.map(({ regimeId }) => regimeId));
    expect(regimes.filter(({ id }) => !covered.has(id)).map(({ id }) => id)).toEqual([]);
  });

  it('are at least five for each Gulf regime with law of its own', () => {
    const count = (id: string) => EXPECTED_VERDICTS.filter(({ regimeId }) => regimeId === id).length;
    for (const id of [
      'ae-pdpl',
      'ae-health-ict',
      'ae-cbuae',
      'ae-difc',
      'ae-adgm',
      'sa-pdpl',
      'sa-nca-ecc',
      'sa-cst-ccrf',
      'sa-sama',
      'qa-pdppl',
      'bh-pdpl',
      'om-pdpl',
      'kw-dppr',
    ])
      expect(count(id), id).toBeGreaterThanOrEqual(5);
  });
});

describe('an answer', () => {
  const bank: ResidencyQuestion = {
    dataClasses: ['financial'],
    subjectCountries: ['AE'],
    sector: 'banking',
    processingCountry: 'DE',
    siteKind: 'cloud-region',
  };

  it('quotes the rule, cites it and names the safeguards', () => {
    const verdict = at(bank, 'ae-cbuae');
    expect(verdict?.quotation).toContain('must not be shared outside the UAE without Central Bank approval');
    expect(verdict?.citation).toContain('art. 6');
    expect(verdict?.safeguards).toContain('Central Bank approval');
    expect(verdict).toMatchObject({ approvalRequired: true, reviewState: 'verified', reviewFlag: false });
  });

  it('carries the days of an approval and a flag where the text was read at second hand', () => {
    const oman = at({ ...bank, dataClasses: ['health'], subjectCountries: ['OM'], processingCountry: 'OM' }, 'om-pdpl');
    expect(oman).toMatchObject({ approvalDays: 45, reviewFlag: true, reviewState: 'secondary' });
  });

  it('knows no rule where none was read: data that states guard needs counsel, not leave', () => {
    const ask = (dataClass: string, country: string) =>
      evaluateResidency(
        { dataClasses: [dataClass], subjectCountries: [country], processingCountry: 'US', siteKind: 'cloud-region' },
        regimes,
      );
    for (const dataClass of ['government', 'government-secret', 'critical'])
      expect(ask(dataClass, 'QA').map(({ regimeId, verdict }) => [regimeId, verdict])).toContainEqual([
        `unknown-rule:QA:${dataClass}`,
        'needs-counsel',
      ]);
    expect(ask('government', 'OM').some(({ regimeId }) => regimeId.startsWith('unknown'))).toBe(false);
    expect(ask('government-public', 'QA')).toEqual([]);
  });

  it('is never free abroad because the rules it knows bind another trade or another kind of site', () => {
    const question = (
      subject: string,
      dataClass: string,
      where: string,
      more: Partial<ResidencyQuestion>,
    ): ResidencyQuestion => ({
      dataClasses: [dataClass],
      subjectCountries: [subject],
      processingCountry: where,
      siteKind: 'cloud-region',
      ...more,
    });
    const insurer = { sector: 'insurance' };
    expect(evaluateResidency(question('AE', 'financial', 'US', insurer), regimes)).toMatchObject([
      { regimeId: 'unknown-rule:AE:financial', verdict: 'needs-counsel', rule: expect.stringContaining('insurance') },
    ]);
    const room = { siteKind: 'on-premises' } as const;
    for (const country of ['FR', 'IN']) {
      expect(evaluateResidency(question(country, 'government-secret', 'BR', room), regimes)).toMatchObject([
        { verdict: 'needs-counsel' },
      ]);
      expect(evaluateResidency(question(country, 'government-secret', country, room), regimes)).toEqual([]);
    }
    expect(evaluateResidency(question('AE', 'financial', 'AE', insurer), regimes)).toEqual([]);
    // served at home, a copy or the logs abroad or at a place not known
    for (const elsewhere of [
      { backupCountry: 'BR' },
      { logCountry: 'BR' },
      { backupCountry: null },
      { logCountry: null },
    ])
      expect(
        evaluateResidency(question('AE', 'financial', 'AE', { ...insurer, ...elsewhere }), regimes),
        JSON.stringify(elsewhere),
      ).toMatchObject([{ regimeId: 'unknown-rule:AE:financial', verdict: 'needs-counsel' }]);
    const copiesAtHome = { ...insurer, backupCountry: 'AE', logCountry: 'AE' };
    expect(evaluateResidency(question('AE', 'financial', 'AE', copiesAtHome), regimes)).toEqual([]);
    // a country that is known to have no law of it yet
    expect(evaluateResidency(question('PK', 'personal', 'US', {}), regimes)).toEqual([]);
  });

  it('has a rule in words for every verdict, and safeguards wherever they are the condition', () => {
    for (const expected of EXPECTED_VERDICTS) {
      for (const verdict of evaluateResidency(questionOf(expected), regimes)) {
        expect(verdict.rule.length).toBeGreaterThan(5);
        if (verdict.verdict === 'allowed-with-safeguard') expect(verdict.safeguards, verdict.regimeId).not.toEqual([]);
      }
    }
  });
});

const strictest = (verdicts: readonly RegimeVerdict[]) =>
  verdicts.toSorted((a, b) => severityOf(b.verdict) - severityOf(a.verdict))[0]?.verdict ?? 'allowed';

describe('what is not known', () => {
  const question: ResidencyQuestion = {
    dataClasses: ['personal'],
    subjectCountries: ['MA'],
    processingCountry: 'DE',
    siteKind: 'cloud-region',
  };
  const only = (overrides: Partial<SovereigntyRegime>): SovereigntyRegime => ({
    ...(regimes.find(({ id }) => id === 'ae-pdpl') as SovereigntyRegime),
    ...overrides,
  });

  it('needs counsel: a country without a regime, a class without a rule', () => {
    expect(strictest(evaluateResidency(question, regimes))).toBe('needs-counsel');
    const odd = { ...question, subjectCountries: ['AE'], dataClasses: ['dreams'] };
    expect(evaluateResidency(odd, regimes)).toMatchObject([{ verdict: 'needs-counsel' }]);
  });

  it('is free for public data of any country', () => {
    expect(strictest(evaluateResidency({ ...question, dataClasses: ['public'] }, regimes))).toBe('allowed');
  });

  it('needs counsel where the backup or the logs may be anywhere', () => {
    const home = { ...question, subjectCountries: ['AE'], dataClasses: ['health'], processingCountry: 'AE' };
    expect(strictest(evaluateResidency(home, regimes))).toBe('allowed');
    expect(strictest(evaluateResidency({ ...home, backupCountry: null }, regimes))).toBe('needs-counsel');
    expect(strictest(evaluateResidency({ ...home, logCountry: null }, regimes))).toBe('needs-counsel');
  });

  it('an unverified regime says nothing else, whatever its data say', () => {
    for (const processingCountry of ['AE', 'DE']) {
      const verdicts = evaluateResidency({ ...question, subjectCountries: ['AE'], processingCountry }, [
        only({ reviewState: 'unverified' }),
      ]);
      expect(verdicts).toMatchObject([{ verdict: 'needs-counsel', reviewFlag: true }]);
    }
  });

  it('a record without an evaluation is free at home and where it lists, and needs counsel beyond', () => {
    const bare = only({ details: {}, allowedDestinations: ['DE'] });
    const of = (processingCountry: string) =>
      evaluateResidency({ ...question, subjectCountries: ['AE'], processingCountry }, [bare])[0]?.verdict;
    expect([of('AE'), of('DE'), of('US')]).toEqual(['allowed', 'allowed', 'needs-counsel']);
  });

  it('a scope in other words covers all but open data', () => {
    const worded = only({ details: {}, scope: ['records of citizens'] });
    const of = (dataClass: string) =>
      evaluateResidency({ ...question, dataClasses: [dataClass], subjectCountries: ['AE'] }, [worded])[0]?.verdict;
    expect(of('health')).toBe('needs-counsel');
    expect(of('public')).toBeUndefined();
  });

  it('a malformed evaluation is read as none', () => {
    const broken = only({ details: { evaluation: { outside: { verdict: 'fine' }, sites: 7 } } });
    expect(
      evaluateResidency({ ...question, subjectCountries: ['AE'], processingCountry: 'US' }, [broken])[0]?.verdict,
    ).toBe('needs-counsel');
  });
});
