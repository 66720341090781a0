import { graphql } from "../../api/graphql.ts";
import "../../api/refusal.ts";

export const AddMemberDocument = graphql(`
  mutation AddMember($input: AddProjectMemberInput!) {
    addProjectMember(input: $input) {
      __typename
      ... on AddProjectMemberPayload {
        member {
          id
        }
      }
      ...Refusal
    }
  }
`);

export const UpdateMemberDocument = graphql(`
  mutation UpdateMember($input: UpdateProjectMemberInput!) {
    updateProjectMember(input: $input) {
      __typename
      ... on UpdateProjectMemberPayload {
        member {
          id
          role
        }
      }
      ...Refusal
    }
  }
`);

export const RemoveMemberDocument = graphql(`
  mutation RemoveMember($input: RemoveProjectMemberInput!) {
    removeProjectMember(input: $input) {
      __typename
      ... on RemoveProjectMemberPayload {
        removedId
      }
      ...Refusal
    }
  }
`);

export const CreateUserDocument = graphql(`
  mutation CreateUser($input: CreateUserInput!) {
    createUser(input: $input) {
      __typename
      ... on CreateUserPayload {
        user {
          id
          email
        }
      }
      ...Refusal
    }
  }
`);

export const CreateInvitationDocument = graphql(`
  mutation CreateInvitation($input: CreateInvitationInput!) {
    createInvitation(input: $input) {
      __typename
      ... on CreateInvitationPayload {
        link
        invitation {
          id
          email
        }
      }
      ...Refusal
    }
  }
`);

export const RevokeInvitationDocument = graphql(`
  mutation RevokeInvitation($input: RevokeInvitationInput!) {
    revokeInvitation(input: $input) {
      __typename
      ... on RevokeInvitationPayload {
        invitation {
          id
        }
      }
      ...Refusal
    }
  }
`);
