import { graphql } from "../../api/graphql.ts";
import "../../api/refusal.ts";

export const ResetRequestsDocument = graphql(`
  query ResetRequests {
    passwordResetRequests {
      email
      name
      address
      createdAt
    }
  }
`);

export const CreateResetLinkDocument = graphql(`
  mutation CreateResetLink($input: CreatePasswordResetLinkInput!) {
    createPasswordResetLink(input: $input) {
      __typename
      ... on CreatePasswordResetLinkPayload {
        link
        expiresAt
      }
      ...Refusal
    }
  }
`);

export const PeopleDocument = graphql(`
  query People($search: String, $first: Int, $after: String) {
    users(search: $search, first: $first, after: $after) {
      edges {
        node {
          ...AccountRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }

  fragment AccountRow on User {
    id
    name
    email
    isAdmin
    disabledAt
    createdAt
  }
`);

export const UpdateUserDocument = graphql(`
  mutation UpdateUser($input: UpdateUserInput!) {
    updateUser(input: $input) {
      __typename
      ... on UpdateUserPayload {
        user {
          id
        }
      }
      ...Refusal
    }
  }
`);
