/** npm run fit: regenerates every fitted constant from the measured cases of the project, byte for byte. */
import { fitDecode } from './fit-decode.ts';
import { fitDeployments } from './fit-deployments.ts';
import { fitDrafting } from './fit-drafting.ts';
import { fitInference } from './fit-inference.ts';
import { fitRoundTrips } from './fit-round-trips.ts';
import { fitSamples } from './fit-samples.ts';
import { fitTraining } from './fit-training.ts';
import { fitTrainingPower } from './fit-training-power.ts';
import { fitTrainingSamples } from './fit-training-samples.ts';
import { fitTrainingVision } from './fit-training-vision.ts';
import { fitVision } from './fit-vision.ts';

fitInference();
fitDecode();
fitDeployments();
fitDrafting();
fitVision();
fitSamples();
fitTraining();
fitTrainingVision();
fitTrainingSamples();
fitTrainingPower();
fitRoundTrips();
