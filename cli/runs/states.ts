/** What each state of the run workflow does, in the stages' words. */
const titles: Readonly<Record<string, string>> = {
  FindTurn: "looking for an earlier run",
  WaitForTurn: "waiting until an earlier run has ended",
  Plan: "planning the run",
  Transform: "transform: parsing, typing and deduplicating new events",
  Quality: "quality: checking the rules, publishing what passes",
  Features: "features: the offline and the online store",
  ScoreCustomers: "score: the serving version scores every entity of the day",
  ScoreTable: "score: the table and the files for those who act on it",
  TrainDataset: "train: the point-in-time training set",
  TrainDecision: "train: whether the training set is worth training on",
  TrainModel: "train: fitting the model",
  TrainEvaluation: "train: evaluating on later weeks",
  Gate: "registry: the gate",
  TrainRefit: "train: fitting the model on all labelled rows",
  Registry: "registry: registering the model",
  Retire: "registry: deleting the versions that are no longer kept",
  Repeat: "repeating the step whose job failed",
};

/** The progress text of a state. */
export const stateTitle = (state: string): string => titles[state] ?? state;
