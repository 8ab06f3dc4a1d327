import type { PlatformName } from "../../job.ts";
import type { JobState } from "../../store/store.ts";
import type { Holder } from "./view.ts";

/** What a trial needs to know of a job. */
export type TrialJob = {
  readonly key: string;
  readonly state: JobState;
  readonly attempts: number;
  /** Of several servers, the one that has it in hand; null: none. */
  readonly holder: Holder | null;
};

/** How somebody finds out on one platform whether anything is lost when it fails and the server is killed. */
export type Trial = {
  /** The job that the failure holds up, as of now, or once it is done; null: none so far. */
  readonly job: TrialJob | null;
  /** Whether the server was down while the job waited; of several, the one that had it in hand, or all. */
  readonly hasOutlived: boolean;
};

export const NO_TRIAL: Trial = { job: null, hasOutlived: false };

/** What happens on the platform now. */
export type Moment = {
  isFailing: boolean;
  /** Of several: all. */
  isServerDown: boolean;
  /** The platform's, newest first. */
  jobs: readonly TrialJob[];
};

/** The trial as of this moment. One that is over stays as it is. */
export function follow(trial: Trial, { isFailing, isServerDown, jobs }: Moment): Trial {
  if (isOver(trial)) return trial;
  const known = jobs.find(({ key }) => key === trial.job?.key) ?? trial.job;
  if (known?.state === "done" && trial.hasOutlived) return { ...trial, job: known };
  const goesOn = known !== null && isOpen(known);
  const job = goesOn ? known : (isFailing && jobs.findLast(isOpen)) || withoutDead(known);
  const isDown = job !== null && isOpen(job) && (isServerDown || job.holder?.isDown === true);
  return { job, hasOutlived: isDown || (goesOn && trial.hasOutlived) };
}

/** Whether the job is done, although the server was down while it waited. */
export function isOver({ job, hasOutlived }: Trial): boolean {
  return job?.state === "done" && hasOutlived;
}

/** Whether the job is still to be done. */
export function isOpen({ state }: TrialJob): boolean {
  return state === "waiting" || state === "working";
}

function withoutDead(job: TrialJob | null): TrialJob | null {
  return job?.state === "dead" ? null : job;
}

export type Trials = {
  /** Takes notice of what happens on a platform now. */
  look(platform: PlatformName, moment: Moment): void;
  /** Of the platforms looked at. */
  all(): ReadonlyMap<PlatformName, Trial>;
};

/** The trials of all platforms, at first without any. */
export function createTrials(): Trials {
  const trials = new Map<PlatformName, Trial>();
  const of = (platform: PlatformName) => trials.get(platform) ?? NO_TRIAL;
  return {
    look: (platform, moment) => void trials.set(platform, follow(of(platform), moment)),
    all: () => trials,
  };
}
