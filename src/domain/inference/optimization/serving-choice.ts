/** The configuration behind an answer, on the device that is named. */
import type { CatalogSnapshot } from '../../catalog/snapshot.ts';
import { AssumptionLog } from '../../economics/assumption.ts';
import type { LanguageArchitecture } from '../../models/architecture.ts';
import {
  bestOnDevice,
  type DeploymentChoice,
  isOption,
  planned,
  type ServingQuestion,
} from '../language/device-choice.ts';
import { languageQuestion } from '../language/estimate-language.ts';
import type { InferenceRequest } from '../request.ts';

export interface ServingChoice {
  readonly choice: DeploymentChoice;
  readonly question: ServingQuestion;
}

/** @param request names its device */
export function servingChoice(
  snapshot: CatalogSnapshot,
  request: InferenceRequest,
  architecture: LanguageArchitecture,
  at: string,
): ServingChoice | null {
  const { question, named, hosted } = languageQuestion(snapshot, request, architecture, at, new AssumptionLog());
  if (named === null) throw new Error('The device has been named.');
  const outcome = bestOnDevice(hosted(named).device, question);
  return isOption(outcome) ? { choice: planned(outcome, question), question } : null;
}
