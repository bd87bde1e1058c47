/** Every contract by name. The name is its schema's file in `contracts/schemas/`. */
import type * as z from "zod/mini";
import { alertMessage } from "./alert-message";
import { backtest } from "./backtest";
import { baseline } from "./baseline";
import { datasetManifest } from "./dataset-manifest";
import { jobDatasets } from "./datasets";
import { driftReport, postponedRetraining, scoredDay } from "./drift-report";
import { evaluation } from "./evaluation";
import { explanation } from "./explanation";
import { featureState } from "./feature-state";
import { modelLineage } from "./model-lineage";
import { modelMetadata } from "./model-metadata";
import { judgedDay, modelQuality, qualityEstimate } from "./model-quality";
import { monitorInput } from "./monitor-execution";
import { monitorPlan } from "./monitor-plan";
import { endpointAnswer, endpointRequest, prediction } from "./prediction";
import { promotion, promotionAnswer, promotionRequest } from "./promotion";
import { registration, registrationInput } from "./registration";
import { runInput, runOutput } from "./run-execution";
import { runPlan } from "./run-plan";
import { scoreDrift } from "./score-drift";
import { serveInput, serveOutput } from "./serve-execution";
import { servingReport } from "./serving-report";
import { stackOutputs } from "./stack-outputs";
import {
  featuresReport,
  qualityReport,
  scoreReport,
  trainDatasetReport,
  transformFiles,
  transformReport,
} from "./step-reports";
import { summary } from "./summary";
import { lastTraining, trainingDecision, trainingDecisionInput } from "./training-decision";

export const catalog: Readonly<Record<string, z.ZodMiniType>> = {
  "run-input": runInput,
  "run-plan": runPlan,
  "job-datasets": jobDatasets,
  "transform-report": transformReport,
  "transform-files": transformFiles,
  "quality-report": qualityReport,
  "features-report": featuresReport,
  "feature-state": featureState,
  "score-drift": scoreDrift,
  "score-report": scoreReport,
  "scored-day": scoredDay,
  "train-dataset-report": trainDatasetReport,
  "dataset-manifest": datasetManifest,
  "model-metadata": modelMetadata,
  evaluation,
  explanation,
  baseline,
  "registration-input": registrationInput,
  registration,
  "promotion-request": promotionRequest,
  "promotion-answer": promotionAnswer,
  promotion,
  "training-decision-input": trainingDecisionInput,
  "training-decision": trainingDecision,
  "last-training": lastTraining,
  "model-lineage": modelLineage,
  "run-output": runOutput,
  "serve-input": serveInput,
  "serve-output": serveOutput,
  "endpoint-request": endpointRequest,
  "endpoint-answer": endpointAnswer,
  prediction,
  "monitor-input": monitorInput,
  "monitor-plan": monitorPlan,
  "quality-estimate": qualityEstimate,
  "judged-day": judgedDay,
  "model-quality": modelQuality,
  "drift-report": driftReport,
  "postponed-retraining": postponedRetraining,
  "serving-report": servingReport,
  "alert-message": alertMessage,
  "stack-outputs": stackOutputs,
  summary,
  backtest,
};
