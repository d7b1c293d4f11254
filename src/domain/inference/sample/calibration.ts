/** The shipped anchors, by cohort. */
import anchorData from '../../calibration/sample-anchors.json' with { type: 'json' };
import { AnchorModel, SAMPLE_COHORTS, type SampleAnchor, type SampleCohort } from './anchors.ts';
import { visionAnchors } from './vision-serving.ts';

const shipped = anchorData as Readonly<Partial<Record<SampleCohort, readonly SampleAnchor[]>>>;

const models = new Map(
  SAMPLE_COHORTS.map((cohort): [SampleCohort, AnchorModel] => [
    cohort,
    cohort === 'vision' ? visionAnchors : new AnchorModel(shipped[cohort] ?? [], cohort),
  ]),
);

export const anchorsOfCohort = (cohort: SampleCohort): AnchorModel => models.get(cohort) as AnchorModel;
