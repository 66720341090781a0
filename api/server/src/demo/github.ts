/** Builders of GitHub payloads for the demo's story, with the keys that a real delivery has. */

export interface Delivery {
  readonly event: string;
  readonly payload: object;
}

const OWNER = "harbor-demo";
const REPOSITORY = {
  id: 900_000_001,
  name: "harbor",
  full_name: `${OWNER}/harbor`,
  private: false,
  html_url: `https://github.com/${OWNER}/harbor`,
  default_branch: "main",
  owner: { login: OWNER, id: 900_000_002, type: "Organization" },
};
const SENDER = { login: "mira-dev", id: 900_000_003, type: "User" };

export interface Change {
  readonly sha: string;
  readonly before: string;
  readonly message: string;
  readonly branch: string;
  readonly files: readonly string[];
}

export interface Run {
  readonly id: number;
  readonly number: number;
  readonly attempt: number;
  readonly change: Change;
  readonly createdAt: string;
}

export interface Step {
  readonly name: string;
  readonly conclusion: string | null;
  readonly startedAt: string;
  readonly completedAt: string | null;
}

export interface Job {
  readonly id: number;
  readonly name: string;
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: string | null;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly steps: readonly Step[];
}

function commitOf(change: Change, at: string): object {
  return {
    id: change.sha,
    message: change.message,
    timestamp: at,
    url: `${REPOSITORY.html_url}/commit/${change.sha}`,
    author: { name: "Mira Lindqvist", email: "mira@harbor.example", username: SENDER.login },
    committer: { name: "Mira Lindqvist", email: "mira@harbor.example", username: SENDER.login },
    added: [],
    removed: [],
    modified: change.files,
  };
}

export function push(change: Change, at: string): Delivery {
  return {
    event: "push",
    payload: {
      ref: `refs/heads/${change.branch}`,
      before: change.before,
      after: change.sha,
      created: false,
      deleted: false,
      forced: false,
      compare: `${REPOSITORY.html_url}/compare/${change.before.slice(0, 12)}...${change.sha.slice(0, 12)}`,
      commits: [commitOf(change, at)],
      head_commit: commitOf(change, at),
      pusher: { name: SENDER.login, email: "mira@harbor.example" },
      repository: REPOSITORY,
      sender: SENDER,
    },
  };
}

export function pullRequest(number: number, change: Change, title: string, at: string): Delivery {
  return {
    event: "pull_request",
    payload: {
      action: "opened",
      number,
      pull_request: {
        id: 910_000_000 + number,
        number,
        title,
        state: "open",
        draft: false,
        merged: false,
        merged_at: null,
        closed_at: null,
        merge_commit_sha: null,
        html_url: `${REPOSITORY.html_url}/pull/${number}`,
        user: SENDER,
        created_at: at,
        updated_at: at,
        head: { ref: change.branch, sha: change.sha, repo: REPOSITORY },
        base: { ref: "main", sha: change.before, repo: REPOSITORY },
        additions: 48,
        deletions: 12,
        changed_files: change.files.length,
        commits: 1,
        labels: [],
      },
      repository: REPOSITORY,
      sender: SENDER,
    },
  };
}

export function workflowRun(
  run: Run,
  action: "requested" | "in_progress" | "completed",
  conclusion: string | null,
  at: string,
): Delivery {
  const { change } = run;
  return {
    event: "workflow_run",
    payload: {
      action,
      workflow_run: {
        id: run.id,
        name: "ci",
        path: ".github/workflows/ci.yml",
        display_title: change.message.split("\n")[0],
        workflow_id: 920_000_001,
        run_number: run.number,
        run_attempt: run.attempt,
        event: change.branch === "main" ? "push" : "pull_request",
        status: action === "requested" ? "queued" : action,
        conclusion,
        head_branch: change.branch,
        head_sha: change.sha,
        head_commit: commitOf(change, run.createdAt),
        html_url: `${REPOSITORY.html_url}/actions/runs/${run.id}`,
        created_at: run.createdAt,
        run_started_at: run.createdAt,
        updated_at: at,
        actor: SENDER,
        triggering_actor: SENDER,
        pull_requests: [],
        repository: REPOSITORY,
        head_repository: REPOSITORY,
      },
      workflow: { id: 920_000_001, name: "ci", path: ".github/workflows/ci.yml", state: "active" },
      repository: REPOSITORY,
      sender: SENDER,
    },
  };
}

export function workflowJob(run: Run, job: Job, createdAt: string): Delivery {
  return {
    event: "workflow_job",
    payload: {
      action: job.status,
      workflow_job: {
        id: job.id,
        run_id: run.id,
        run_attempt: run.attempt,
        workflow_name: "ci",
        name: job.name,
        head_sha: run.change.sha,
        head_branch: run.change.branch,
        status: job.status,
        conclusion: job.conclusion,
        created_at: createdAt,
        started_at: job.startedAt,
        completed_at: job.completedAt,
        html_url: `${REPOSITORY.html_url}/actions/runs/${run.id}/job/${job.id}`,
        labels: ["ubuntu-24.04"],
        runner_name: job.startedAt === null ? null : "GitHub Actions 7",
        steps: job.steps.map((step, index) => ({
          number: index + 1,
          name: step.name,
          status: step.completedAt === null ? "in_progress" : "completed",
          conclusion: step.conclusion,
          started_at: step.startedAt,
          completed_at: step.completedAt,
        })),
      },
      repository: REPOSITORY,
      sender: SENDER,
    },
  };
}

function deploymentOf(id: number, change: Change, environment: string, at: string): object {
  return {
    id,
    sha: change.sha,
    ref: change.branch,
    task: "deploy",
    environment,
    original_environment: environment,
    production_environment: environment === "production",
    transient_environment: false,
    description: `Deploy ${change.sha.slice(0, 7)} to ${environment}`,
    payload: {},
    creator: SENDER,
    created_at: at,
    updated_at: at,
  };
}

export function deployment(id: number, change: Change, environment: string, at: string): Delivery {
  return {
    event: "deployment",
    payload: {
      action: "created",
      deployment: deploymentOf(id, change, environment, at),
      repository: REPOSITORY,
      sender: SENDER,
    },
  };
}

export function deploymentStatus(
  id: number,
  change: Change,
  environment: string,
  state: string,
  times: { readonly created: string; readonly now: string },
): Delivery {
  return {
    event: "deployment_status",
    payload: {
      action: "created",
      deployment_status: {
        id: id * 10 + state.length,
        state,
        environment,
        environment_url: `https://${environment}.harbor.example`,
        log_url: `${REPOSITORY.html_url}/deployments`,
        target_url: `${REPOSITORY.html_url}/deployments`,
        description: "",
        creator: SENDER,
        created_at: times.now,
        updated_at: times.now,
      },
      deployment: deploymentOf(id, change, environment, times.created),
      repository: REPOSITORY,
      sender: SENDER,
    },
  };
}
