/** A job as an event brings it: all but what only the query knows. */
export interface JobSnapshot {
  readonly id: string;
  readonly name: string;
}

/** Puts the snapshot in the place of the job it stands for; a new job goes to the end. */
export function applyJob<Job extends JobSnapshot>(
  jobs: readonly Job[],
  snapshot: JobSnapshot,
  fresh: (snapshot: JobSnapshot) => Job,
): Job[] {
  const at = jobs.findIndex((job) => job.id === snapshot.id);
  if (at < 0) return [...jobs, fresh(snapshot)];
  return jobs.map((job, index) => (index === at ? { ...job, ...snapshot } : job));
}

interface Outcome {
  readonly id: string;
  readonly status: string;
}

/** The job that a reader wants open: the one asked for, else the first that failed, else that runs, else the first. */
export function openJob<Job extends Outcome>(
  jobs: readonly Job[],
  wanted: string | undefined,
): Job | undefined {
  return (
    jobs.find((job) => job.id === wanted) ??
    jobs.find((job) => job.status === "FAILED") ??
    jobs.find((job) => job.status === "RUNNING") ??
    jobs[0]
  );
}
