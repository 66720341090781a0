import { graphql } from "../../api/graphql.ts";
import type {
  AiActivityRowFragment,
  DeploymentRowFragment,
  PipelineRowFragment,
  RunRowFragment,
} from "../../gql/graphql.ts";
import { createStream } from "../../live/create_stream.ts";
import "../activity/data.ts";
import "../agent/data.ts";
import "../pipeline/data.ts";

const ProjectEventsDocument = graphql(`
  subscription ProjectEvents($projectId: ID!, $after: String, $tail: Int) {
    projectEvents(projectId: $projectId, after: $after, tail: $tail) {
      cursor
      caughtUp
      reset
      events {
        __typename
        seq
        at
        ... on AgentExecutionChanged {
          executionId
          run: execution {
            ...RunRow
          }
        }
        ... on PipelineExecutionChanged {
          executionId
          pipeline: execution {
            ...PipelineRow
          }
        }
        ... on DeploymentChanged {
          deploymentId
          deployment {
            ...DeploymentRow
          }
        }
        ... on AIActivitiesRecorded {
          count
          activities(first: 10) {
            ...AIActivityRow
          }
        }
      }
    }
  }
`);

interface Handlers {
  /** From here on no change is missed: read the state now. */
  readonly reload: () => void;
  readonly run?: (run: RunRowFragment) => void;
  readonly pipeline?: (pipeline: PipelineRowFragment) => void;
  readonly deployment?: (deployment: DeploymentRowFragment) => void;
  readonly activities?: (activities: readonly AiActivityRowFragment[], count: number) => void;
}

/** Everything that changes in a project, as it happens. */
export function createProjectFeed(projectId: () => string | null | undefined, handlers: Handlers): void {
  createStream({
    document: ProjectEventsDocument,
    variables: () => {
      const id = projectId();
      return id ? { projectId: id } : null;
    },
    read: (data) => data.projectEvents,
    from: "edge",
    onStart: handlers.reload,
    onReset: handlers.reload,
    onEvents: (events) => {
      for (const event of events) {
        switch (event.__typename) {
          case "AgentExecutionChanged":
            if (event.run) handlers.run?.(event.run);
            break;
          case "PipelineExecutionChanged":
            if (event.pipeline) handlers.pipeline?.(event.pipeline);
            break;
          case "DeploymentChanged":
            if (event.deployment) handlers.deployment?.(event.deployment);
            break;
          case "AIActivitiesRecorded":
            handlers.activities?.(event.activities, event.count);
            break;
        }
      }
    },
  });
}
