import { graphql } from "../../api/graphql.ts";
import "../../api/refusal.ts";
import "../key/data.ts";

export const WhoDocument = graphql(`
  query Who {
    viewer {
      user {
        id
        name
        email
      }
    }
  }
`);

export const AcceptInvitationDocument = graphql(`
  mutation AcceptInvitation($input: AcceptInvitationInput!) {
    acceptInvitation(input: $input) {
      __typename
      ... on AcceptInvitationPayload {
        project {
          id
          slug
        }
      }
      ...Refusal
    }
  }
`);

export const AccountDocument = graphql(`
  query Account {
    viewer {
      isAdmin
      user {
        id
        name
        email
      }
      sessions {
        id
        isCurrent
        method
        userAgent
        address
        createdAt
        lastUsedAt
        expiresAt
      }
      identities {
        id
        provider
        issuer
        label
        createdAt
        lastUsedAt
      }
      apiKeys {
        ...KeyRow
      }
    }
  }
`);

export const UpdateProfileDocument = graphql(`
  mutation UpdateProfile($input: UpdateProfileInput!) {
    updateProfile(input: $input) {
      __typename
      ... on UpdateProfilePayload {
        user {
          id
          name
        }
      }
      ...Refusal
    }
  }
`);

export const ChangePasswordDocument = graphql(`
  mutation ChangePassword($input: ChangePasswordInput!) {
    changePassword(input: $input) {
      __typename
      ... on ChangePasswordPayload {
        endedSessions
      }
      ...Refusal
    }
  }
`);

export const EndSessionDocument = graphql(`
  mutation EndSession($input: EndSessionInput!) {
    endSession(input: $input) {
      __typename
      ... on EndSessionPayload {
        endedId
      }
      ...Refusal
    }
  }
`);

export const EndSessionsDocument = graphql(`
  mutation EndSessions($input: EndSessionsInput!) {
    endSessions(input: $input) {
      __typename
      ... on EndSessionsPayload {
        endedSessions
      }
      ...Refusal
    }
  }
`);

export const UnlinkIdentityDocument = graphql(`
  mutation UnlinkIdentity($input: UnlinkIdentityInput!) {
    unlinkIdentity(input: $input) {
      __typename
      ... on UnlinkIdentityPayload {
        removedId
      }
      ...Refusal
    }
  }
`);
