import { graphql } from "../../api/graphql.ts";
import "../../api/refusal.ts";

graphql(`
  fragment RunRow on AgentExecution {
    id
    agentType
    taskDescription
    status
    external
    createdAt
    startedAt
    completedAt
    cost
    unpricedUsages
    toolCalls
    errorMessage
    lastLine
    usage {
      inputTokens
      outputTokens
    }
    createdBy {
      id
      name
    }
    createdByKey {
      id
      name
    }
  }
`);

graphql(`
  fragment RunDetail on AgentExecution {
    ...RunRow
    inputData
    outputData
    contentRemovedAt
    attempt
    model
    cancelRequestedAt
    viewerCanCancel
    viewerCanRetry
    project {
      id
      slug
      name
      isDemo
    }
    usage {
      inputTokens
      cacheReadTokens
      cacheWrite5mTokens
      cacheWrite1hTokens
      outputTokens
      reasoningTokens
    }
    retryOf {
      id
      taskDescription
      status
    }
    retries {
      id
      status
      createdAt
    }
    steps {
      index
      name
      output
      startedAt
      completedAt
    }
  }
`);

export const RunDocument = graphql(`
  query Run($id: ID!) {
    agentExecution(id: $id) {
      ...RunDetail
    }
  }
`);

export const RunsDocument = graphql(`
  query Runs($projectId: ID!, $status: [AgentExecutionStatus!], $first: Int, $after: String) {
    agentExecutions(projectId: $projectId, status: $status, first: $first, after: $after) {
      edges {
        node {
          ...RunRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const RunEventsDocument = graphql(`
  subscription RunEvents($id: ID!, $after: String, $tail: Int) {
    agentExecutionEvents(id: $id, after: $after, tail: $tail) {
      cursor
      caughtUp
      reset
      events {
        __typename
        seq
        at
        ... on AgentStatusChanged {
          status
          errorMessage
          attempt
        }
        ... on AgentTextDelta {
          messageId
          text
        }
        ... on AgentMessage {
          messageId
          role
          text
          parentCallId
          fromSeq
          truncated
          contentId
        }
        ... on AgentToolCallStarted {
          callId
          parentCallId
          tool
          arguments
          truncated
          contentId
        }
        ... on AgentToolCallFinished {
          callId
          ok
          result
          durationMs
          truncated
          contentId
        }
        ... on AgentUsage {
          model
          inputTokens
          cacheReadTokens
          outputTokens
          cost
        }
      }
    }
  }
`);

export const EventContentDocument = graphql(`
  query EventContentBody($id: ID!) {
    eventContent(id: $id) {
      id
      mediaType
      body
    }
  }
`);

export const CancelRunDocument = graphql(`
  mutation CancelRun($input: CancelAgentExecutionInput!) {
    cancelAgentExecution(input: $input) {
      __typename
      ... on CancelAgentExecutionPayload {
        execution {
          ...RunDetail
        }
      }
      ...Refusal
    }
  }
`);

export const RetryRunDocument = graphql(`
  mutation RetryRun($input: RetryAgentExecutionInput!) {
    retryAgentExecution(input: $input) {
      __typename
      ... on RetryAgentExecutionPayload {
        execution {
          id
        }
      }
      ...Refusal
    }
  }
`);

export const StartRunDocument = graphql(`
  mutation StartRun($input: StartAgentExecutionInput!) {
    startAgentExecution(input: $input) {
      __typename
      ... on StartAgentExecutionPayload {
        execution {
          id
        }
      }
      ...Refusal
    }
  }
`);

export const AgentTypesDocument = graphql(`
  query AgentTypes($projectId: ID!) {
    agentTypes {
      name
      description
      needsWorkspace
    }
    project(id: $projectId) {
      id
      workspaces
    }
    workspaces {
      path
    }
  }
`);
