import { graphql } from "../../api/graphql.ts";
import "../../api/refusal.ts";

export const ProjectsDocument = graphql(`
  query Projects($first: Int, $after: String) {
    projects(first: $first, after: $after) {
      edges {
        node {
          id
          name
          slug
          description
          status
          isDemo
          viewerRole
          summary {
            running
            pipelines7d
            passRate7d
            cost7d
            lastDeployment {
              id
              createdAt
              environment {
                id
                name
              }
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const ProjectDocument = graphql(`
  query ProjectPage($slug: String!) {
    project(slug: $slug) {
      id
      name
      slug
      description
      repositoryUrl
      techStack
      status
      isDemo
      createdAt
      viewerRole
      repositories {
        id
        fullName
        url
      }
      summary {
        running
        pipelines7d
        passRate7d
        costToday
        cost7d
        lastDeployment {
          id
          createdAt
          environment {
            id
            name
          }
        }
      }
    }
  }
`);

export const CreateProjectDocument = graphql(`
  mutation CreateProject($input: CreateProjectInput!) {
    createProject(input: $input) {
      __typename
      ... on CreateProjectPayload {
        project {
          id
          slug
        }
      }
      ...Refusal
    }
  }
`);

export const DeleteProjectDocument = graphql(`
  mutation DeleteProject($input: DeleteProjectInput!) {
    deleteProject(input: $input) {
      __typename
      ... on DeleteProjectPayload {
        deletedId
      }
      ...Refusal
    }
  }
`);
