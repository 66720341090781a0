import { graphql } from "../../api/graphql.ts";

graphql(`
  fragment PipelineRow on PipelineExecution {
    id
    pipelineName
    title
    runNumber
    attempt
    status
    event
    branch
    commitSha
    triggeredBy
    startedAt
    completedAt
    createdAt
    failureReason
    repository {
      id
      fullName
    }
  }
`);

graphql(`
  fragment DeploymentRow on Deployment {
    id
    status
    commitSha
    ref
    description
    creatorLogin
    url
    logUrl
    startedAt
    completedAt
    createdAt
    environment {
      id
      name
      isProduction
    }
    repository {
      id
      fullName
    }
    pipeline {
      id
      pipelineName
    }
  }
`);

graphql(`
  fragment PipelineJobDetail on PipelineJob {
    id
    name
    status
    rawConclusion
    runnerName
    labels
    url
    queuedAt
    startedAt
    completedAt
    medianDurationMs
    steps {
      number
      name
      status
      rawConclusion
      startedAt
      completedAt
    }
  }
`);

export const PipelinesDocument = graphql(`
  query Pipelines($projectId: ID!, $status: [PipelineStatus!], $branch: String, $first: Int, $after: String) {
    pipelineExecutions(projectId: $projectId, status: $status, branch: $branch, first: $first, after: $after) {
      edges {
        node {
          ...PipelineRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const DeploymentsDocument = graphql(`
  query Deployments($projectId: ID!, $first: Int, $after: String) {
    deployments(projectId: $projectId, first: $first, after: $after) {
      edges {
        node {
          ...DeploymentRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const PipelineDocument = graphql(`
  query Pipeline($id: ID!) {
    pipelineExecution(id: $id) {
      ...PipelineRow
      provider
      rawStatus
      rawConclusion
      url
      deploymentUrl
      project {
        id
        slug
        name
        isDemo
      }
      repository {
        id
        fullName
        url
      }
      commit {
        id
        sha
        shortSha
        message
        subject
        authorName
        authorLogin
        url
        committedAt
      }
      pullRequests {
        id
        number
        title
        state
        url
        authorLogin
      }
      jobs {
        ...PipelineJobDetail
      }
      attempts {
        id
        attempt
        status
      }
      deployments {
        ...DeploymentRow
      }
    }
  }
`);

export const PipelineEventsDocument = graphql(`
  subscription PipelineEvents($id: ID!, $after: String, $tail: Int) {
    pipelineExecutionEvents(id: $id, after: $after, tail: $tail) {
      cursor
      caughtUp
      reset
      events {
        __typename
        seq
        at
        ... on PipelineStatusChanged {
          status
          pipeline {
            ...PipelineRow
          }
        }
        ... on PipelineJobChanged {
          job {
            id
            name
            status
            rawConclusion
            runnerName
            labels
            url
            queuedAt
            startedAt
            completedAt
            steps {
              number
              name
              status
              rawConclusion
              startedAt
              completedAt
            }
          }
        }
        ... on PipelineDeploymentChanged {
          deploymentId
          deployment {
            ...DeploymentRow
          }
        }
      }
    }
  }
`);
